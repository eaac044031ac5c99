/**
 * The chosen words with their colour bars in real units, and their values at a cell.
 */
import { byId, make } from "../dom.js";
import { RAMPS, css } from "../colours.js";
import { colourOf } from "./choice.js";
import { unit } from "./scale.js";

/** @typedef {{word: number, name: string, values: Float32Array, range: import("./scale.js").Range, ramp: string}} Entry */

/** @param {Entry[]} entries @param {number} cell whose values are told, -1 for none @param {number} width of the maps */
export function drawLegend(entries, cell, width) {
  byId("words-list").replaceChildren(...entries.map((entry) => line(entry, cell)));
  const place = `row ${Math.floor(cell / width)}, column ${cell % width}`;
  const values = entries.map(({ name, values }) => `${name} ${unit(values[cell])}`).join(", ");
  byId("words-told").textContent = cell < 0 ? "Point at the picture, or Tab to it and walk with Shift and the arrows, to read values." : `${place}: ${values || "no word chosen"}`;
}

/** @param {Entry} entry @param {number} cell */
function line({ word, name, values, range: [low, high], ramp }, cell) {
  const bar = make("span", { class: "ramp", "aria-hidden": "true" });
  bar.style.background = gradient(word, ramp);
  const at = cell < 0 ? Math.max(...values) : values[cell];
  const mark = make("i");
  mark.style.left = `${100 * Math.min(1, Math.max(0, (at - low) / (high - low || 1)))}%`;
  bar.append(mark);
  const now = cell < 0 ? `at most ${unit(at)}, mean ${unit(mean(values))}` : `here ${unit(at)}`;
  const dot = make("i", { class: "dot", "aria-hidden": "true" });
  dot.style.background = colourOf(word);
  return make(
    "li",
    {},
    make("span", { class: "entry" }, dot, make("b", {}, name)),
    make("span", { class: "quiet" }, now),
    make("span", { class: "ends" }, make("span", {}, unit(low)), bar, make("span", {}, unit(high))),
  );
}

/** @param {number} word @param {string} ramp */
function gradient(word, ramp) {
  const found = RAMPS[ramp];
  const colours = found ? [...Array(9).keys()].map((i) => css(found(i / 8))) : ["#000", colourOf(word)];
  return `linear-gradient(90deg, ${colours.join(", ")})`;
}

/** @param {Float32Array} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
