/**
 * One sample's text: its tokens at every step, and what the network made of them. Positions count from 0.
 */

/** @typedef {import("../types.js").RunData} RunData */
/** @typedef {Uint16Array | Uint32Array} Codes */
/** @typedef {Int32Array} Places where each step lies among those that were recorded, -1 for nowhere */
/** @typedef {{data: import("../types.js").TokenScores, places: Places, values: Uint8Array}} Scores `[position, step]` */
/** @typedef {{data: import("../types.js").AlternativesData, places: Places, codes: Codes, roots: Uint8Array}} Alternatives */
/** @typedef {{data: import("../types.js").LensData, places: Places, codes: Codes}} Lens `[position, step]` */
/** @typedef {{data: import("../types.js").TokenAttention, places: Places, largest: Uint16Array, shares: Uint8Array}} Attention */
/** @typedef {{vocabulary: import("./vocabulary.js").Vocabulary, codes: Codes, cached: Uint8Array, scores: Map<string, Scores>,
 *   alternatives: Alternatives | null, lens: Lens[], attention: Attention | null}} Parts
 */
/** @typedef {{share: number, position: number}} Look a position that was attended to; below 0 lies what precedes the text */

export class Text {
  /** @param {RunData} run @param {import("../types.js").TextData} data @param {number} sample @param {Parts} parts */
  constructor(run, data, sample, parts) {
    this.run = run;
    this.data = data;
    this.sample = sample;
    this.steps = run.times.length;
    this.length = data.length;
    this.vocabulary = parts.vocabulary;
    this.codes = parts.codes;
    this.cached = parts.cached;
    this.scores = parts.scores;
    this.alternatives = parts.alternatives;
    this.lens = parts.lens;
    this.attention = parts.attention;
    this.prompt = Array.from({ length: this.length }, (_, position) => !this.masked(position, 0));
    this.free = this.prompt.filter((given) => !given).length;
  }

  /** @param {number} position @param {number} step */
  code(position, step) {
    return this.codes[position * this.steps + step];
  }

  /** @param {number} position @param {number} step */
  masked(position, step) {
    return this.code(position, step) === this.vocabulary.mask;
  }

  /** Text at each position. @param {number} step */
  pieces(step) {
    return this.vocabulary.pieces(Array.from({ length: this.length }, (_, position) => this.code(position, step)));
  }

  /** How many tokens are masked. @param {number} step */
  maskedAt(step) {
    let count = 0;
    for (let position = 0; position < this.length; position++) count += Number(this.masked(position, step));
    return count;
  }

  /** Whether the network's guess for a position means anything: it saw the position and, in writing, what precedes it. */
  /** @param {number} position @param {number} step */
  guessed(position, step) {
    const { autoregressive, windows } = this.data;
    if (step >= windows.starts.length) return false;
    const place = position - windows.starts[step];
    if (autoregressive) return position === 0 || !this.masked(position - 1, step);
    if (place < 0 || place >= windows.size) return false;
    const { data, places, roots } = this.alternatives ?? {};
    if (!data || !places || !roots || places[step] < 0) return true;
    return roots[position * data.count * data.steps.length + places[step]] > 0; // where nothing is likely it did not look
  }

  /** A score of a token, null where there is none. @param {string} name @param {number} position @param {number} step */
  score(name, position, step) {
    const found = this.scores.get(name);
    const at = found?.places[step] ?? -1;
    if (!found || at < 0 || !this.guessed(position, step)) return null;
    const { steps, low, high } = found.data;
    return low + (found.values[position * steps.length + at] / 255) * (high - low);
  }

  /** The likeliest tokens, null where they are not known. @param {number} position @param {number} step */
  guesses(position, step) {
    const { alternatives } = this;
    const at = alternatives?.places[step] ?? -1;
    if (!alternatives || at < 0 || !this.guessed(position, step)) return null;
    const { count, steps } = alternatives.data;
    return Array.from({ length: count }, (_, rank) => {
      const place = (position * count + rank) * steps.length + at;
      return { code: alternatives.codes[place], probability: (alternatives.roots[place] / 255) ** 2 };
    });
  }

  /** The token that is read from each layer, none where it is not known. @param {number} position @param {number} step */
  readings(position, step) {
    if (!this.guessed(position, step)) return [];
    return this.lens
      .filter(({ places }) => places[step] >= 0)
      .map(({ data, places, codes }) => ({ layer: data.name, code: codes[position * data.steps.length + places[step]] }));
  }

  /**
   * What a position attended to in a layer, the most first; null where it is not known.
   * @param {number} layer @param {number} position @param {number} step
   * @returns {Look[] | null}
   */
  looks(layer, position, step) {
    const { attention } = this;
    const at = attention?.places[step] ?? -1;
    if (!attention || at < 0 || (attention.data.each && !this.guessed(position, step))) return null;
    const { steps, queries, keys, offset, each } = attention.data;
    const start = this.data.windows.starts[step];
    const query = (layer * steps.length + at) * queries + (each ? position - start : 0);
    const scale = attention.largest[query] / 65535 / 255;
    const looks = keys.map((key, j) => ({ share: attention.shares[query * keys.length + j] * scale, position: key + start - offset }));
    return looks.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share || a.position - b.position);
  }
}
