/**
 * What tokens can be coloured by, and what signs and colours mean.
 */
import { byId, control, make } from "../dom.js";
import { TOLD, word } from "./changes.js";
import { choices, measured, nameOf, scaleOf } from "./heat.js";
import { HIDDEN, UNWRITTEN } from "./tokens.js";

/** @typedef {import("./changes.js").Change} Change */

/** @param {string} heat what they are coloured by, nothing for their state @param {import("../types.js").RunData[]} runs that are shown */
export function showLegend(heat, runs) {
  const names = choices(runs);
  const select = control("text-heat", HTMLSelectElement);
  select.replaceChildren(make("option", { value: "" }, "state"), ...names.map((name) => make("option", { value: name }, name)));
  const scale = scaleOf(heat, runs);
  select.value = scale ? heat : "";
  byId("text-heat-label").hidden = !names.length;
  byId("text-scale").hidden = !scale;
  byId("text-scale-low").textContent = scale ? measured(heat, scale.low) : "";
  byId("text-scale-high").textContent = scale ? measured(heat, scale.high) : "";
  byId("text-scale-name").textContent = scale ? nameOf(heat) : "";
  const writes = runs.every(({ texts }) => texts?.autoregressive);
  const told = writes ? TOLD.filter((change) => change !== "changed" && change !== "remasked") : TOLD;
  byId("text-legend").replaceChildren(...told.map((change) => entry(change, writes)));
}

/** @param {Change} change @param {boolean} autoregressive */
function entry(change, autoregressive) {
  const hidden = change === "masked" || change === "remasked";
  const sign = hidden ? (autoregressive ? UNWRITTEN : HIDDEN) : "token";
  return make("span", { class: "entry" }, make("span", { class: `token ${change}`, "aria-hidden": "true" }, sign), word(change, autoregressive));
}
