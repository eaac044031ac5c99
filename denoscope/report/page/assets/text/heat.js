/**
 * Colours tokens by what was measured of them.
 *
 * @typedef {{name: string, low: number, high: number}} Scale
 */
import { css, viridis } from "../colours.js";

/** @type {Record<string, {name: string, unit: string}>} */
const MEANING = {
  entropy: { name: "entropy of the prediction", unit: "nats" },
  importance: { name: "importance", unit: "" },
};

/** @param {string} name */
export const nameOf = (name) => MEANING[name]?.name ?? name;

/** A number with its unit. @param {string} name @param {number} value */
export const measured = (name, value) => `${value.toFixed(2)} ${MEANING[name]?.unit ?? ""}`.trim();

/** What tokens of some runs can be coloured by. @param {import("../types.js").RunData[]} runs */
export const choices = (runs) => [...new Set(runs.flatMap((run) => run.texts?.scores.map(({ name }) => name) ?? []))];

/** One scale for all runs that are shown. @param {string} name @param {import("../types.js").RunData[]} runs @returns {Scale | null} */
export function scaleOf(name, runs) {
  const found = runs.flatMap((run) => run.texts?.scores.filter((score) => score.name === name) ?? []);
  return found.length ? { name, low: Math.min(...found.map(({ low }) => low)), high: Math.max(...found.map(({ high }) => high)) } : null;
}

const DARK = 0.55;

/** A thousand tokens are coloured at every step. @type {import("./tokens.js").Shade[]} */
const SHADES = Array.from({ length: 256 }, (_, at) => ({ colour: css(viridis(at / 255)), ink: at / 255 < DARK ? "#fff" : "#111" }));

/**
 * The colour of each token at a step; none where nothing was measured.
 * @param {import("./text.js").Text} text @param {Scale | null} scale @param {number} step
 * @returns {(position: number) => import("./tokens.js").Shade | null}
 */
export function shades(text, scale, step) {
  if (!scale) return () => null;
  return (position) => {
    const value = text.score(scale.name, position, step);
    if (value === null) return null;
    return SHADES[Math.round((255 * (value - scale.low)) / (scale.high - scale.low || 1))];
  };
}
