/**
 * What values the colours stand for.
 */
import { current } from "../store.js";

/** @typedef {[number, number]} Range the least and the largest value that is told apart */

export const [ALIKE, OF_WORD, OF_MAP] = [0, 1, 2];

/**
 * The range of every chosen word over all steps, also for their mean, so that both can be compared: the same for all
 * words, from 0, or each word's own.
 * @param {import("./maps.js").WordMaps} maps @param {number[]} chosen @param {import("./maps.js").Look} look
 * @returns {Map<number, Range>}
 */
export function rangesOf(maps, chosen, look) {
  const own = chosen.map((word) => spanned([...maps.steps.keys()].map((at) => maps.values(word, { ...look, at }))));
  const most = Math.max(...own.map(([, high]) => high));
  return new Map(chosen.map((word, i) => [word, current().wordScale === ALIKE ? [0, most] : own[i]]));
}

/** @param {Float32Array[]} all @returns {Range} */
export function spanned(all) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of all) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** A share of attention in words, three digits of it. @param {number} share */
export const unit = (share) => `${Number((100 * share).toPrecision(3))} %`;
