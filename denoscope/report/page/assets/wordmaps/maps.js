/**
 * The maps of one sample's words in a layer, or in the mean over layers: shares of attention, in real units.
 */
import { row } from "../blocks.js";

const SCALE_BYTES = 4;
export const EVERY = -1;

/** @typedef {{head: number, at: number, own: boolean}} Look `head` and `at`, a place among the recorded steps, are EVERY for a mean; `own` is as a share of what the prompt's own tokens get */

export class WordMaps {
  /** @param {import("../types.js").WordsData} data @param {import("../types.js").WordSource} source @param {number} sample @param {Uint8Array} coded */
  constructor(data, source, sample, coded) {
    this.source = source;
    this.words = wordsOf(data, sample);
    this.steps = data.steps;
    const [frames, height, width] = source.grid;
    this.cells = frames * height * width;
    const count = coded.length / (this.cells + SCALE_BYTES);
    this.columns = count / (source.heads * this.steps.length);
    this.scales = new Float32Array(coded.slice(0, SCALE_BYTES * count).buffer);
    this.units = coded.subarray(SCALE_BYTES * count);
    /** @type {Map<string, Float32Array>} */
    this.found = new Map();
  }

  /** A word's share of attention, of every frame. @param {number} word @param {Look} look @returns {Float32Array} */
  values(word, { head, at, own }) {
    const key = `${word}/${head}/${at}/${own}`;
    const found = this.found.get(key) ?? (own ? this.#ratio(word, head, at) : this.#mean(word, head, at));
    this.found.set(key, found);
    return found;
  }

  /** Where the prompt gets nothing, a word has no share of it. @param {number} word @param {number} head @param {number} at */
  #ratio(word, head, at) {
    const whole = this.values(this.columns - 1, { head, at, own: false });
    return this.values(word, { head, at, own: false }).map((value, i) => (whole[i] > 0 ? value / whole[i] : 0));
  }

  /** @param {number} column @param {number} head @param {number} at */
  #mean(column, head, at) {
    const heads = head === EVERY ? [...Array(this.source.heads).keys()] : [head];
    const steps = at === EVERY ? [...this.steps.keys()] : [at];
    const sum = new Float32Array(this.cells);
    for (const one of heads) {
      for (const step of steps) {
        const map = (column * this.source.heads + one) * this.steps.length + step;
        const unit = this.scales[map] / 255 / heads.length / steps.length;
        for (let i = 0, from = map * this.cells; i < this.cells; i++) sum[i] += unit * this.units[from + i];
      }
    }
    return sum;
  }
}

/** The words of a sample. @param {import("../types.js").WordsData} data @param {number} sample */
export const wordsOf = ({ prompts, of }, sample) => prompts[of[sample]].words.filter(Boolean);

/**
 * Where a step lies among the recorded: the last recorded before it where it is none of them.
 * @param {number[]} steps @param {number} step
 */
export const recorded = (steps, step) => Math.max(0, steps.findLastIndex((one) => one <= step));

/** The maps of a sample; null where the page does not hold them. @param {import("../types.js").WordsData} data @param {import("../types.js").WordSource} source @param {number} sample */
export async function openMaps(data, source, sample) {
  const coded = await row(Uint8Array, source.rows, sample);
  return coded && new WordMaps(data, source, sample, coded);
}
