/**
 * The chosen sample, its neighbours, and the picked samples, as the address holds them.
 */
import { page } from "../blocks.js";
import { current, set } from "../store.js";
import { fromRanges, toggled, toRanges } from "./ranges.js";

/** @param {number} count samples of the run */
export const manualOf = (count) => fromRanges(current().manual, count);
/** @param {number} count */
export const withoutOf = (count) => fromRanges(current().without, count);

/** @type {{text: string, count: number, found: number[]}} */
let last = { text: "", count: 0, found: [] };

/** The picked samples of a run with so many. @param {number} count */
export function pickedOf(count) {
  const text = current().picked;
  if (last.text !== text || last.count !== count) last = { text, count, found: fromRanges(text, count) };
  return last.found;
}

/** @param {Iterable<number>} samples ascending */
export const pick = (samples) => set({ picked: toRanges(samples) });

/**
 * Where the steps of a sample are shown, as a change of the state; null where the page does not hold them.
 * @param {import("../types.js").RunData} run
 * @param {number} i
 */
export function stepsOf(run, i) {
  const { of } = run;
  if (!of) return i >= 0 && i < run.players ? { view: "player", sample: i } : null;
  const sample = Math.floor(i / of.length);
  const there = i >= 0 && sample < page.runs[of.run].players;
  return there ? { view: "player", run: of.run, sample, side: 0, token: i % of.length } : null;
}

/** Choose a sample; its neighbours are found anew. @param {number} sample */
export const choose = (sample) => set({ chosen: sample, sample: Math.max(0, sample), manual: "", without: "" });

/** Give up the neighbours that were added and taken away, then the chosen sample, then the picked ones. */
export function clearOne() {
  const { manual, without, chosen } = current();
  if (manual || without) set({ manual: "", without: "" });
  else if (chosen >= 0) set({ chosen: -1 });
  else set({ picked: "" });
}

export const clearChosen = () => set({ chosen: -1, manual: "", without: "" });

/**
 * Take a sample from the chosen one's neighbours, or add it to them.
 * @param {number} sample
 * @param {boolean} isNeighbor whether it is among the nearest
 * @param {number} count
 */
export function toggleNeighbor(sample, isNeighbor, count) {
  const without = withoutOf(count);
  if (isNeighbor || without.includes(sample)) set({ without: toRanges(toggled(without, sample)) });
  else set({ manual: toRanges(toggled(manualOf(count), sample)) });
}
