/**
 * The chosen sample and its neighbours, in words and pictures.
 */
import { byId, control, make } from "../dom.js";
import { drawStepAndResult, drawThumb } from "../pictures.js";
import { current, set } from "../store.js";
import { inWords } from "../text/cards.js";
import { short } from "./colouring.js";
import { measured } from "./points.js";
import { choose, clearChosen, stepsOf, toggleNeighbor } from "./selection.js";

/** @typedef {import("./panel.js").Panel} Panel */

/** Columns that are shown as a text, not as facts. */
const TEXTS = ["prompt", "text"];

/**
 * @param {import("./atlas.js").Atlas} atlas
 * @returns {() => Promise<void>} shows what the state says
 */
export function mountSidebar(atlas) {
  const { main } = atlas;
  const slider = control("atlas-k", HTMLInputElement);
  slider.addEventListener("input", () => set({ k: Number(slider.value) }));
  for (const space of ["activations", "map"]) {
    control(`atlas-space-${space}`, HTMLInputElement).addEventListener("change", () => set({ space, without: "" }));
  }
  byId("atlas-open").addEventListener("click", () => set(stepsOf(main.samples.run, current().chosen) ?? {}));
  byId("atlas-clear").addEventListener("click", clearChosen);
  const show = async () => {
    const { chosen, k, space } = current();
    const there = chosen >= 0;
    byId("atlas-hint").hidden = there;
    byId("atlas-sample").hidden = !there;
    slider.max = String(Math.min(20, main.map.neighbors.k));
    slider.value = String(k);
    byId("atlas-k-value").textContent = slider.value;
    control(`atlas-space-${space === "map" ? "map" : "activations"}`, HTMLInputElement).checked = true;
    if (there) await showChosen(main, chosen);
    const hover = (/** @type {number} */ i) => atlas.hover(main, i);
    byId("atlas-neighbors").replaceChildren(...atlas.neighbors.map((entry) => item(main.samples, entry, hover)));
  };
  return show;
}

/** @param {Panel} panel @param {number} chosen */
async function showChosen(panel, chosen) {
  const { run } = panel.samples;
  const rows = await facts(panel, chosen);
  byId("atlas-name").textContent = panel.samples.nameOf(chosen);
  byId("atlas-facts").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  control("atlas-open", HTMLButtonElement).disabled = !stepsOf(run, chosen);
  byId("atlas-text").replaceChildren(...inWords(panel.samples, chosen));
  const canvas = control("atlas-picture", HTMLCanvasElement);
  canvas.hidden = !run.thumbs;
  if (run.thumbs) await drawStepAndResult(canvas, run, chosen, panel.map.steps[panel.index], () => current().chosen === chosen);
}

/**
 * What is known of a sample at the step shown, in words.
 * @param {Panel} panel
 * @param {number} i
 * @returns {Promise<[string, string][]>}
 */
export async function facts(panel, i) {
  const { samples, map } = panel;
  const values = /** @type {[string, string][]} */ (samples.categories.map(({ name }) => [name, samples.value(name, i)]).filter(([name]) => !(samples.run.texts && TEXTS.includes(name))));
  for (const { name, kind } of samples.run.columns) {
    if (kind === "number") values.push([name, short((await samples.numbers(name))[i])]);
  }
  if (map.fit <= i) values.push(["on this map", `new, placed among the ${map.fit} fitted`]);
  return [...values, ...measures(panel, i)];
}

/** @param {Panel} panel @param {number} i @returns {[string, string][]} */
function measures(panel, i) {
  const { cluster, outlier, preservation } = measured(panel, i);
  return [
    ["cluster", cluster === null ? "none" : String(cluster)],
    ["outlier score", outlier.toFixed(2)],
    ["true neighbours shown", preservation === null ? "not known" : `${Math.round(100 * preservation)} %`],
  ];
}

/**
 * @param {import("../samples.js").Samples} samples
 * @param {import("./neighborhood.js").Neighbor} neighbor
 * @param {(sample: number) => void} hover
 */
function item(samples, { sample, distance, manual }, hover) {
  const name = samples.nameOf(sample);
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { class: "pixels", "aria-hidden": "true" }));
  if (samples.run.thumbs) drawThumb(canvas, samples.run, sample);
  const picture = samples.run.thumbs ? [canvas] : [];
  const go = make("button", { type: "button", class: "plain", title: `choose ${name}` }, ...picture, make("span", {}, name));
  go.addEventListener("click", () => choose(sample));
  const remove = make("button", { type: "button", class: "plain cross", "aria-label": `remove ${name} from the neighbours` }, "×");
  remove.addEventListener("click", () => toggleNeighbor(sample, !manual, samples.count));
  const entry = make("li", manual ? { class: "manual" } : {}, go, make("span", { class: "quiet" }, `${manual ? "added, " : ""}${distance}`), remove);
  entry.addEventListener("pointerenter", () => hover(sample));
  entry.addEventListener("pointerleave", () => hover(-1));
  go.addEventListener("focus", () => hover(sample));
  go.addEventListener("blur", () => hover(-1));
  return entry;
}
