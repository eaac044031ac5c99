/**
 * How attention is shared out between the prompt's own tokens, the start and end, and the padding.
 */
import { row } from "../blocks.js";
import { byId, control, ink, make, sharpContext } from "../dom.js";
import { percent } from "../words.js";
import { EVERY } from "./maps.js";

const KINDS = ["the prompt's own tokens", "start and end", "padding"];
const INKS = ["--accent", "--quiet", "--dim"];
const UNIT = 65535;
const GAP = 1;

/** Shares of the kinds at each recorded step, in a layer or, without a name, averaged over all. @param {import("../types.js").WordsData} data @param {number} sample @param {string} layer */
export async function openShares({ shares, steps }, sample, layer) {
  const coded = await row(Uint16Array, shares.rows, sample);
  const layers = layer ? [shares.layers.indexOf(layer)] : [...shares.layers.keys()];
  const one = (/** @type {number} */ at, /** @type {number} */ kind) =>
    layers.reduce((sum, from) => sum + (coded?.[(from * steps.length + at) * KINDS.length + kind] ?? 0), 0) / layers.length / UNIT;
  return steps.map((_, at) => KINDS.map((_, kind) => one(at, kind)));
}

/** Show nothing: shares could not be opened. */
export function clearShares() {
  byId("words-shares-told").replaceChildren();
  const canvas = control("words-shares", HTMLCanvasElement);
  canvas.setAttribute("aria-label", "no shares of attention");
  sharpContext(canvas);
}

/** @param {number[][]} shares @param {number[]} steps @param {number} count of all steps @param {number} at the place that is told, EVERY for the mean */
export function drawShares(shares, steps, count, at) {
  const shown = at === EVERY ? KINDS.map((_, kind) => shares.reduce((sum, one) => sum + one[kind], 0) / shares.length) : shares[at];
  const text = KINDS.map((kind, i) => `${kind} ${percent(shown[i])}`).join(", ");
  byId("words-shares-told").replaceChildren(...KINDS.map((kind, i) => entry(`${kind} ${percent(shown[i])}`, INKS[i])));
  const canvas = control("words-shares", HTMLCanvasElement);
  canvas.setAttribute("aria-label", `shares of attention over the steps; ${at === EVERY ? "on average" : `at step ${steps[at]}`} ${text}`);
  const { context, width, height } = sharpContext(canvas);
  const wide = width / count;
  for (const [place, step] of steps.entries()) {
    let top = height;
    for (const [kind, share] of shares[place].entries()) {
      context.globalAlpha = at === EVERY || place === at ? 1 : 0.55;
      context.fillStyle = ink(INKS[kind]);
      context.fillRect(step * wide + GAP / 2, top - share * height, Math.max(1, wide - GAP), share * height);
      top -= share * height;
    }
  }
}

/** @param {string} text @param {string} colour */
function entry(text, colour) {
  const dot = make("i", { class: "dot", "aria-hidden": "true" });
  dot.style.background = `var(${colour})`;
  return make("span", { class: "entry" }, dot, text);
}
