/**
 * The maps of one sample's words in a layer, or in the mean over layers: shares of attention, in real units.
 */
import { row } from "../blocks.js";

const [SCALE_BYTES, OWN_BYTES] = [4, 2];
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
    const each = source.heads * this.steps.length;
    this.columns = (coded.length / each - this.cells) / (this.cells + SCALE_BYTES);
    const first = SCALE_BYTES * this.columns * each;
    const second = first + OWN_BYTES * this.cells * each;
    this.scales = new Float32Array(coded.slice(0, first).buffer);
    this.own = new Uint16Array(coded.slice(first, second).buffer);
    this.units = coded.subarray(second);
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

  /** Where the prompt gets nothing, a word has no share of it; rounded values may leave it with more than there is. @param {number} word @param {number} head @param {number} at */
  #ratio(word, head, at) {
    const whole = this.values(this.columns - 1, { head, at, own: false });
    return this.values(word, { head, at, own: false }).map((value, i) => (whole[i] > 0 ? Math.min(1, value / whole[i]) : 0));
  }

  /** @param {number} column @param {number} head @param {number} at */
  #mean(column, head, at) {
    const heads = head === EVERY ? [...Array(this.source.heads).keys()] : [head];
    const steps = at === EVERY ? [...this.steps.keys()] : [at];
    const sum = new Float32Array(this.cells);
    const last = column === this.columns - 1;
    const [units, most] = last ? [this.own, 65535] : [this.units, 255];
    for (const one of heads) {
      for (const step of steps) {
        const map = one * this.steps.length + step;
        const before = column * this.source.heads * this.steps.length;
        const unit = this.scales[before + map] / most / heads.length / steps.length;
        const from = (last ? map : before + map) * this.cells;
        for (let i = 0; i < this.cells; i++) sum[i] += unit * units[from + i];
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
