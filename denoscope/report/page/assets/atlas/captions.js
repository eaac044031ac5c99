/**
 * What the plots show and how far to believe it, in words.
 */
import { byId, control } from "../dom.js";
import { current } from "../store.js";
import { pickedOf } from "./selection.js";

/** @typedef {import("./panel.js").Panel} Panel */

const HELP =
  "Arrow keys walk over the points, Enter chooses, N adds or removes a neighbour, P picks, O opens the player, plus and minus zoom, F fits, Escape clears.";

/** @param {Panel} panel */
export function showCaption(panel) {
  const { number, points, samples } = panel;
  if (!points) return;
  byId(`plot-${number}-where`).textContent = whereText(panel);
  byId(`plot-${number}-engine`).textContent = `${points.engine} · ${points.settingText}`;
  byId(`plot-${number}-belief`).textContent = belief(panel);
  panel.overlay.setAttribute("aria-label", `Map of ${samples.count} ${samples.run.of ? "tokens" : "samples"}: ${caption(panel)}. ${HELP}`);
}

/** @param {Panel} main */
export function showTransport(main) {
  const slider = control("atlas-step", HTMLInputElement);
  slider.max = String(main.samples.run.times.length - 1);
  slider.value = String(current().step);
  slider.setAttribute("aria-valuetext", whereText(main));
  byId("atlas-where").textContent = whereText(main);
}

/** @param {Panel} main */
export function showPicked({ samples, flags }) {
  const count = pickedOf(samples.count).length;
  const shown = flags.reduce((sum, flag) => sum + Number(flag > 0), 0);
  const [picked, on, all] = [count, shown, samples.count].map((number) => number.toLocaleString("en"));
  byId("atlas-picked").textContent = `${picked} picked, ${on} of ${all} shown`;
  control("atlas-pick-none", HTMLButtonElement).disabled = !count;
}

/** What a plot shows, for a figure's caption. @param {Panel} panel */
export function caption(panel) {
  const { samples, map, points, colours } = panel;
  return `${samples.run.name}, ${map.name}, ${whereText(panel)}; ${points?.engine}, ${points?.settingText}; colour: ${colours?.name}`;
}

/** @param {Panel} panel */
function whereText({ map, index, samples: { run } }) {
  const step = map.steps[index];
  return `step ${step} of ${run.times.length - 1}, ${run.symbol} = ${Number(run.times[step].toPrecision(3))}`;
}

/** @param {Panel} panel */
function belief({ points, gridPoints, shownIndex, map, samples }) {
  const trust = points?.trustworthiness[shownIndex];
  const kept = points?.preservation[shownIndex];
  const parts = [
    trust == null ? "trustworthiness not computed here" : `trustworthiness ${trust.toFixed(3)}`,
    kept == null ? "" : `${Math.round(100 * kept)} % of true neighbours shown`,
    points === gridPoints && map.fit < samples.count ? `fitted on ${map.fit} samples, ${samples.count - map.fit} new ones placed` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}
