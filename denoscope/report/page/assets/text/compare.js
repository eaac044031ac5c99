/**
 * A second text beside the first, on the same clock: both begin and end together.
 */
import * as clock from "../clock.js";
import { byId, control, make } from "../dom.js";
import { current, set } from "../store.js";

/** @param {import("../types.js").RunData[]} runs */
export function mountCompare(runs) {
  const other = control("text-other", HTMLSelectElement);
  const sample = control("text-sample2", HTMLInputElement);
  const texts = [...runs.entries()].filter(([, run]) => run.texts && run.players);
  other.replaceChildren(make("option", { value: "-1" }, "nothing"), ...texts.map(([at, { name }]) => make("option", { value: String(at) }, name)));
  other.addEventListener("change", () => set({ beside: Number(other.value), ...fresh(Number(other.value)) }));
  sample.addEventListener("change", () => set({ sample2: Math.max(0, Math.round(Number(sample.value)) || 0) }));
}

/** Of the run itself another sample is more telling. @param {number} run */
const fresh = (run) => (run === current().run && current().sample2 === current().sample ? { sample2: current().sample + 1 } : {});

/** @param {import("../types.js").RunData[]} runs */
export function showCompare(runs) {
  const { beside, sample2 } = current();
  control("text-other", HTMLSelectElement).value = String(beside);
  byId("text-sample2-label").hidden = beside < 0;
  const sample = control("text-sample2", HTMLInputElement);
  sample.max = String((runs[beside]?.players ?? 1) - 1);
  sample.value = String(sample2);
}

/** The step of a run when the clock of another stands where it does. @param {number} steps of it @param {number} clocked of the other */
export function stepBeside(steps, clocked) {
  const share = Math.min(1, clock.now() / Math.max(1, clocked - 1));
  return Math.floor(share * (steps - 1) + 1e-6);
}
