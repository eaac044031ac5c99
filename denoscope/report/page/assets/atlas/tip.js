/**
 * What is shown beside the point under the pointer.
 */
import { byId, make } from "../dom.js";
import { drawStepAndResult } from "../pictures.js";
import { inWords } from "../text/cards.js";
import { facts } from "./sidebar.js";

const [GAP, EDGE] = [16, 4];

/** @param {import("./panel.js").Panel} panel @param {number} i @param {() => boolean} wanted whether it still is */
export async function showTip(panel, i, wanted) {
  const { number, samples } = panel;
  const tip = byId(`plot-${number}-tip`);
  const name = [make("b", {}, samples.run.texts ? `sample ${i}` : samples.nameOf(i)), ...inWords(samples, i)];
  const words = make("div", {}, ...name, ...(await lines(panel, i)));
  if (!wanted()) return;
  const canvas = make("canvas", { "aria-hidden": "true" });
  tip.replaceChildren(...(samples.run.thumbs ? [canvas] : []), words);
  tip.hidden = false;
  place(tip, panel, i);
  if (!samples.run.thumbs) return;
  await drawStepAndResult(/** @type {HTMLCanvasElement} */ (canvas), samples.run, i, panel.map.steps[panel.index], () => wanted() && canvas.isConnected);
}

/** @param {import("./panel.js").Panel} panel @param {number} i */
async function lines(panel, i) {
  const step = panel.map.steps[panel.index];
  const known = (await facts(panel, i)).filter(([name, value]) => name !== "class" && value);
  return [["step", String(step)], ...known].map(([name, value]) => make("span", { class: "quiet" }, `${name}: ${value}`));
}

/** Beside the point, inside the plot. @param {HTMLElement} tip @param {import("./panel.js").Panel} panel @param {number} i */
function place(tip, { where, size }, i) {
  const [x, y] = where(i);
  const { offsetWidth: width, offsetHeight: height } = tip;
  const left = x + GAP + width + EDGE > size.width ? x - GAP - width : x + GAP;
  tip.style.left = `${Math.max(EDGE, left)}px`;
  tip.style.top = `${Math.max(EDGE, Math.min(y - height / 2, size.height - height - EDGE))}px`;
}
