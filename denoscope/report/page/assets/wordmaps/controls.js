/**
 * What of the maps is shown, and how.
 */
import { byId, control, make } from "../dom.js";
import { RAMPS } from "../colours.js";
import { current, set } from "../store.js";

const SELECTS = /** @type {const} */ ({ "words-layer": "wordLayer", "words-steps": "wordSteps", "words-own": "wordOwn", "words-scale": "wordScale", "words-cells": "wordCells", "words-grey": "wordGrey" });

export function mountControls() {
  for (const [id, part] of Object.entries(SELECTS)) {
    const select = control(id, HTMLSelectElement);
    select.addEventListener("change", () => set({ [part]: select.selectedIndex }));
  }
  const head = control("words-head", HTMLSelectElement);
  head.addEventListener("change", () => set({ wordHead: head.selectedIndex - 1 }));
  const ramp = control("words-ramp", HTMLSelectElement);
  ramp.append(...Object.keys(RAMPS).map((name) => make("option", { value: name }, name)));
  ramp.addEventListener("change", () => set({ wordRamp: ramp.value }));
  const opacity = control("words-opacity", HTMLInputElement);
  opacity.addEventListener("input", () => set({ wordOpacity: Number(opacity.value) }));
}

/** @param {import("../types.js").WordsData} data @param {number} chosen how many words are */
export function showControls({ sources }, chosen) {
  const state = current();
  const { heads } = sources[state.wordLayer];
  options("words-layer", sources.map(({ name }) => name || "mean of all layers"));
  options("words-head", ["mean of all heads", ...Array.from({ length: heads }, (_, head) => `head ${head}`)]);
  for (const [id, part] of Object.entries(SELECTS)) control(id, HTMLSelectElement).selectedIndex = state[part];
  control("words-head", HTMLSelectElement).selectedIndex = state.wordHead + 1;
  byId("words-head-label").hidden = heads < 2;
  const ramp = control("words-ramp", HTMLSelectElement);
  ramp.disabled = chosen !== 1;
  ramp.value = ramp.disabled ? "" : state.wordRamp;
  ramp.title = ramp.disabled ? "choose a single word" : "";
  control("words-opacity", HTMLInputElement).value = String(state.wordOpacity);
}

/** @param {string} id @param {string[]} names */
function options(id, names) {
  const select = control(id, HTMLSelectElement);
  if (select.options.length === names.length && names.every((name, at) => select.options[at].text === name)) return;
  select.replaceChildren(...names.map((name) => make("option", {}, name)));
}
