/**
 * Colours of categories and of values.
 */

/** Viridis at nine places; it reads in grey and to colour-blind eyes. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];

/** @param {string} hex @returns {[number, number, number]} */
export const parsed = (hex) => /** @type {[number, number, number]} */ ([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

const stops = VIRIDIS.map(parsed);

/**
 * The colour of a value between 0 and 1.
 * @param {number} value
 * @returns {[number, number, number]}
 */
export function viridis(value) {
  const at = Math.min(1, Math.max(0, value)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const part = at - low;
  return /** @type {[number, number, number]} */ (
    stops[low].map((channel, i) => Math.round(channel + part * (stops[low + 1][i] - channel)))
  );
}

/** @param {number[]} colour */
export const css = (colour) => `rgb(${colour.slice(0, 3).join(" ")})`;

/**
 * The colour of a category by number. There are ten that colour-blind readers tell apart; with more categories they
 * come again. Numbers below 0 stand for none.
 * @param {import("./types.js").PageData} page
 * @param {number} index
 */
export function categoryColour(page, index) {
  return index < 0 ? page.other : page.colours[index % page.colours.length];
}
