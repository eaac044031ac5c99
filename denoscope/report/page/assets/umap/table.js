/**
 * Functions of a squared distance as tables: the layout needs two powers for every pair it looks at, and a power takes
 * several times as long as a look-up.
 *
 * The places of a table are the floats whose last 16 bits are 0, from 2⁻⁴⁰ to 2²⁴, so 128 an octave; the bits of a
 * positive float, read as an integer, grow with it. Between the places the table is linear, beyond the ends constant.
 * Powers and products of powers come back to a relative 10⁻⁴.
 */

const LOWEST = (127 - 40) << 23;
const SPAN = 64 << 23;
const STEP = 2 ** 16;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** @param {(squared: number) => number} f */
export function tabulate(f) {
  return Float32Array.from({ length: SPAN / STEP + 2 }, (_, place) => {
    bits[0] = LOWEST + place * STEP;
    return f(float[0]);
  });
}

/**
 * @param {Float32Array} table
 * @param {number} squared
 */
export function lookUp(table, squared) {
  float[0] = squared;
  const from = bits[0] - LOWEST;
  const at = from < 0 ? 0 : from > SPAN ? SPAN : from;
  const place = at >> 16;
  const low = table[place];
  return low + ((at & (STEP - 1)) / STEP) * (table[place + 1] - low);
}
