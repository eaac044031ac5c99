/**
 * Small multiples: each chosen word's map at every step, and their mean, on a common scale.
 */
import { byId, make } from "../dom.js";
import * as clock from "../clock.js";
import { current } from "../store.js";
import { EVERY } from "./maps.js";
import { paint } from "./paint.js";

const SIDE = 48;

/** Each paints a canvas as it now is to be. @type {(() => void)[]} */
let painters = [];

/** @typedef {{word: number, name: string, colour: string, layer: (at: number) => import("./paint.js").Layer}} Strip */

/** @param {Strip[]} strips @param {number[]} steps @param {Omit<import("./paint.js").Way, "size">} way */
export function drawStrips(strips, steps, way) {
  const holder = byId("words-strips");
  const [height, width] = way.grid;
  const size = /** @type {[number, number]} */ ([height, width].map((side) => Math.round((SIDE * 2 * side) / Math.max(height, width))));
  holder.hidden = !strips.length;
  painters = [];
  const head = make("div", { class: "strip", "aria-hidden": "true" }, make("span"), make("span", {}, "mean"), ...steps.map((step) => make("span", { "data-step": String(step) }, String(step))));
  const rows = strips.map(({ name, colour, layer }) => {
    const dot = make("i", { class: "dot" });
    dot.style.background = colour;
    const cells = [EVERY, ...steps.keys()].map((at) => cell(at, steps, (canvas) => paint(canvas, [layer(at)], { ...way, size })));
    return make("div", { class: "strip", role: "img", "aria-label": `${name}: its maps at steps ${steps[0]} to ${steps.at(-1)} and their mean` }, make("span", { class: "entry" }, dot, make("b", {}, name)), ...cells);
  });
  byId("words-strips-rows").replaceChildren(head, ...rows);
  paintStrips();
}

/** Paint the maps again: canvases stay, as one that goes while it is pressed gets no click. */
export const paintStrips = () => painters.forEach((painter) => painter());

/** @param {number} at @param {number[]} steps @param {(canvas: HTMLCanvasElement) => void} draw */
function cell(at, steps, draw) {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", at === EVERY ? { title: "mean of all steps" } : { "data-step": String(steps[at]), title: `step ${steps[at]}` }));
  painters.push(() => draw(canvas));
  if (at !== EVERY) canvas.addEventListener("click", () => clock.go(steps[at]));
  return canvas;
}

/** Mark the step that is shown. @param {number} step */
export function markStrips(step) {
  for (const part of byId("words-strips-rows").querySelectorAll("[data-step]")) {
    part.toggleAttribute("data-current", !current().wordSteps && /** @type {HTMLElement} */ (part).dataset.step === String(step));
  }
}
