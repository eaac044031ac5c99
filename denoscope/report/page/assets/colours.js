/**
 * Colours of classes and of values.
 */

/** Viridis at nine places; it reads in grey and to colour-blind eyes. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];

const parsed = VIRIDIS.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/**
 * The colour of a value between 0 and 1.
 * @param {number} value
 * @returns {[number, number, number]}
 */
export function viridis(value) {
  const at = Math.min(1, Math.max(0, value)) * (parsed.length - 1);
  const low = Math.min(parsed.length - 2, Math.floor(at));
  const part = at - low;
  return /** @type {[number, number, number]} */ (
    parsed[low].map((channel, i) => Math.round(channel + part * (parsed[low + 1][i] - channel)))
  );
}

/** @param {[number, number, number]} colour */
export const css = (colour) => `rgb(${colour.join(" ")})`;

/**
 * The colour of a class or cluster by number; numbers without a colour of their own share one.
 * @param {import("./types.js").PageData} page
 * @param {number} index
 */
export function classColour(page, index) {
  return index >= 0 && index < page.colours.length ? page.colours[index] : page.other;
}
