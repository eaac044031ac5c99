/**
 * Seeded random numbers: mulberry32 by Tommy Ettinger (public domain), 32 bits of state, period 2³². It uses integer
 * arithmetic only, so a seed gives the same numbers in every browser.
 */

const INCREMENT = 0x6d2b79f5;

export class Random {
  // A typed array, because V8 would allocate a number whenever a plain field changes.
  #state = new Int32Array(1);

  /** @param {number} seed its lowest 32 bits count */
  constructor(seed) {
    this.#state[0] = seed;
  }

  /** The next 32 bits, as an integer from 0 to 2³² − 1. */
  bits() {
    const state = (this.#state[0] + INCREMENT) | 0;
    this.#state[0] = state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** The next number in [0, 1). */
  unit() {
    return this.bits() / 2 ** 32;
  }
}
