/**
 * A grid over the points of a map, to find those near a place.
 */
import { UNITS } from "./points.js";

const PER_CELL = 4;

/** Points sorted by cell; positions are x, y in map units. */
export class Index {
  /** @param {Uint16Array} positions @param {number} n only the first so many are found */
  constructor(positions, n = positions.length / 2) {
    this.positions = positions;
    this.side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(n / PER_CELL))));
    this.cell = (UNITS + 1) / this.side;
    this.starts = new Uint32Array(this.side ** 2 + 1);
    this.items = new Uint32Array(n);
    const cells = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      cells[i] = Math.floor(positions[2 * i + 1] / this.cell) * this.side + Math.floor(positions[2 * i] / this.cell);
      this.starts[cells[i] + 1]++;
    }
    for (let c = 0; c < this.side ** 2; c++) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice(0, -1);
    for (let i = 0; i < n; i++) this.items[next[cells[i]]++] = i;
  }

  /** @param {number} value */
  #column(value) {
    return Math.min(this.side - 1, Math.max(0, Math.floor(value / this.cell)));
  }

  /**
   * Visit the points in all cells that touch a box.
   * @param {number} left @param {number} bottom @param {number} right @param {number} top
   * @param {(i: number) => void} visit
   */
  within(left, bottom, right, top, visit) {
    const [from, to] = [this.#column(left), this.#column(right)];
    for (let row = this.#column(bottom); row <= this.#column(top); row++) {
      const end = this.starts[row * this.side + to + 1];
      for (let at = this.starts[row * this.side + from]; at < end; at++) visit(this.items[at]);
    }
  }

  /**
   * The nearest point to a place, or -1 where there is none within reach; among equals the last, which lies on top.
   * @param {number} x @param {number} y @param {number} reach
   * @param {(i: number) => boolean} allowed
   */
  nearest(x, y, reach, allowed) {
    let best = -1;
    let least = reach ** 2;
    this.within(x - reach, y - reach, x + reach, y + reach, (i) => {
      const gap = (this.positions[2 * i] - x) ** 2 + (this.positions[2 * i + 1] - y) ** 2;
      if (gap <= least && allowed(i)) [best, least] = [i, gap];
    });
    return best;
  }

  /**
   * The k points nearest to point i, itself excluded, nearest first, and their distances in map units.
   * @param {number} i @param {number} k
   * @returns {{i: number, distance: number}[]}
   */
  around(i, k) {
    const [x, y] = [this.positions[2 * i], this.positions[2 * i + 1]];
    const wanted = Math.min(k, this.items.length - (i < this.items.length ? 1 : 0));
    for (let reach = this.cell; ; reach *= 2) {
      /** @type {{i: number, distance: number}[]} */
      const found = [];
      this.within(x - reach, y - reach, x + reach, y + reach, (j) => {
        const distance = Math.hypot(this.positions[2 * j] - x, this.positions[2 * j + 1] - y);
        if (j !== i && (distance <= reach || reach > 2 * UNITS)) found.push({ i: j, distance });
      });
      if (found.length >= wanted) return found.sort((a, b) => a.distance - b.distance || a.i - b.i).slice(0, wanted);
    }
  }

  /**
   * The points inside a polygon of x, y pairs, by the even-odd rule.
   * @param {number[]} polygon
   * @returns {number[]}
   */
  inside(polygon) {
    const xs = polygon.filter((_, at) => at % 2 === 0);
    const ys = polygon.filter((_, at) => at % 2 === 1);
    /** @type {number[]} */
    const found = [];
    this.within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (i) => {
      const [x, y] = [this.positions[2 * i], this.positions[2 * i + 1]];
      let odd = false;
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
        if (ys[a] > y !== ys[b] > y && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) odd = !odd;
      }
      if (odd) found.push(i);
    });
    return found.sort((a, b) => a - b);
  }
}
