/**
 * The numbers recorded of a sample at every step, as lines.
 */
import { make } from "../dom.js";
import { drawLine } from "./line.js";

/** What the recorded scalars mean. @type {Record<string, string>} */
const MEANING = {
  state_rms: "size of the state (root mean square)",
  x0_rms: "size of the prediction (root mean square)",
  x0_change: "change of the prediction since the step before",
  masked: "share of free tokens that are masked",
  entropy: "mean entropy of the masked tokens, in nats",
};

/** @typedef {{name: string, values: Float32Array}} Scalar one value a step, NaN where there is none */

/**
 * The scalars of a sample.
 * @param {import("../types.js").RunData} run @param {Float32Array} all @param {number} sample
 * @returns {Scalar[]}
 */
export function scalarsOf({ scalars: { names, steps } }, all, sample) {
  const first = sample * names.length * steps;
  return names.map((name, at) => ({ name, values: all.subarray(first + at * steps, first + (at + 1) * steps) }));
}

/** @param {HTMLElement} holder @param {Scalar[]} scalars @param {number} step */
export function drawScalars(holder, scalars, step) {
  if (holder.children.length !== scalars.length) {
    holder.replaceChildren(
      ...scalars.map(() => make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" }))),
    );
  }
  for (const [index, { name, values }] of scalars.entries()) {
    const canvas = /** @type {HTMLCanvasElement} */ (holder.children[index].querySelector("canvas"));
    drawLine(canvas, values, step);
    const value = values[step];
    const text = Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "none";
    const caption = /** @type {HTMLElement} */ (holder.children[index].querySelector("figcaption"));
    caption.replaceChildren(`${MEANING[name] || name}: `, make("b", {}, text));
    canvas.setAttribute("aria-label", `${MEANING[name] || name} over the steps; at this step ${text}`);
  }
}
