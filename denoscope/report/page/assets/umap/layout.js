/**
 * The layout: stochastic gradient descent with negative sampling (McInnes et al. 2018, arXiv:1802.03426, section 3.2),
 * with umap-learn's schedule. An edge is sampled in proportion to its weight; each time, its ends attract each other
 * and its head is repelled by a few random points.
 */
import { Random } from "./random.js";
import { lookUp, tabulate } from "./table.js";

const NEGATIVES = 5;
const LIMIT = 4;
const BOX = 10;
const NOISE = 1e-4;
/** Keeps the repulsion of almost equal points finite. */
const SOFTENING = 1e-3;

/** @typedef {import("./graph.js").Edges} Edges */
/** @typedef {{a: number, b: number, epochs: number, seed: number}} Settings */

export class Layout {
  #pulls;
  #pushes;
  #epochs;
  #random;
  #schedule;

  /** How many epochs are done. */
  epoch = 0;

  /**
   * @param {Edges} edges
   * @param {number} n
   * @param {Float32Array} start [n * 2], in any units
   * @param {Settings} settings
   */
  constructor(edges, n, start, { a, b, epochs, seed }) {
    this.#pulls = tabulate((d) => (-2 * a * b * d ** (b - 1)) / (1 + a * d ** b));
    this.#pushes = tabulate((d) => (2 * b) / ((SOFTENING + d) * (1 + a * d ** b)));
    this.#epochs = epochs;
    this.#random = new Random(seed);
    this.#schedule = schedule(edges, epochs);
    /** [n * 2] */
    this.positions = boxed(start.subarray(0, 2 * n), this.#random);
  }

  /** Do so many epochs more, or as many as are left. @param {number} epochs */
  advance(epochs) {
    const end = Math.min(this.#epochs, this.epoch + epochs);
    for (; this.epoch < end; this.epoch++) this.#sweep(this.epoch);
  }

  /** @param {number} epoch */
  #sweep(epoch) {
    const { heads, tails, period, next, nextNegative } = this.#schedule;
    const rate = 1 - Math.max(0, epoch - 1) / this.#epochs;
    for (let edge = 0; edge < heads.length; edge++) {
      if (next[edge] > epoch) continue;
      next[edge] += period[edge];
      this.#attract(2 * heads[edge], 2 * tails[edge], rate);
      const wait = period[edge] / NEGATIVES;
      const count = Math.floor((epoch - nextNegative[edge]) / wait);
      nextNegative[edge] += count * wait;
      this.#repel(2 * heads[edge], count, rate);
    }
  }

  /** @param {number} head place of its x @param {number} tail @param {number} rate */
  #attract(head, tail, rate) {
    const positions = this.positions;
    const dx = positions[head] - positions[tail];
    const dy = positions[head + 1] - positions[tail + 1];
    const pull = lookUp(this.#pulls, dx * dx + dy * dy);
    const mx = rate * clip(pull * dx);
    const my = rate * clip(pull * dy);
    positions[head] += mx;
    positions[head + 1] += my;
    positions[tail] -= mx;
    positions[tail + 1] -= my;
  }

  /** @param {number} head place of its x @param {number} count @param {number} rate */
  #repel(head, count, rate) {
    const [pushes, positions, random] = [this.#pushes, this.positions, this.#random];
    const share = positions.length / 2 / 2 ** 32; // brings 32 random bits to the number of a point
    let x = positions[head];
    let y = positions[head + 1];
    for (let i = 0; i < count; i++) {
      const other = ((random.bits() * share) | 0) << 1;
      if (other === head) continue;
      const dx = x - positions[other];
      const dy = y - positions[other + 1];
      const push = lookUp(pushes, dx * dx + dy * dy);
      x += rate * clip(push * dx);
      y += rate * clip(push * dy);
    }
    positions[head] = x;
    positions[head + 1] = y;
  }
}

/** @param {number} value */
const clip = (value) => (value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value);

/**
 * When every edge is sampled: the strongest at every epoch, one half as strong at every second. Edges that would wait
 * longer than all epochs are dropped.
 * @param {Edges} edges
 * @param {number} epochs
 */
function schedule({ heads, tails, weights }, epochs) {
  const most = weights.reduce((a, b) => Math.max(a, b), 0);
  const kept = Uint32Array.from(weights.keys()).filter((edge) => weights[edge] >= most / epochs);
  const period = Float64Array.from(kept, (edge) => most / weights[edge]);
  return {
    heads: Uint32Array.from(kept, (edge) => heads[edge]),
    tails: Uint32Array.from(kept, (edge) => tails[edge]),
    period,
    next: period.slice(),
    nextNegative: period.map((value) => value / NEGATIVES),
  };
}

/**
 * Centred, as large as umap-learn's start, with noise that separates equal points.
 * @param {Float32Array} start
 * @param {Random} random
 */
function boxed(start, random) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  start.forEach((value, i) => {
    low[i % 2] = Math.min(low[i % 2], value);
    high[i % 2] = Math.max(high[i % 2], value);
  });
  const scale = BOX / (Math.max(high[0] - low[0], high[1] - low[1]) || 1);
  return start.map(
    (value, i) => scale * (value - (low[i % 2] + high[i % 2]) / 2) + NOISE * (2 * random.unit() - 1),
  );
}
