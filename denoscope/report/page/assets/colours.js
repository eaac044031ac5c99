/**
 * Colours of categories and of values.
 */

/** Scales of matplotlib at nine places; they read in grey and to colour-blind eyes. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const INFERNO = ["#000004", "#210c4a", "#57106e", "#8a226a", "#bc3754", "#e45a31", "#f98e09", "#f9cb35", "#fcffa4"];
const CIVIDIS = ["#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838"];

/** @param {string} hex @returns {[number, number, number]} */
export const parsed = (hex) => /** @type {[number, number, number]} */ ([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/** @typedef {(value: number) => [number, number, number]} Ramp the colour of a value between 0 and 1 */

/** @param {string[]} colours @returns {Ramp} */
function ramp(colours) {
  const stops = colours.map(parsed);
  return (value) => between(stops, value);
}

export const viridis = ramp(VIRIDIS);

/** Scales to choose from. @type {Record<string, Ramp>} */
export const RAMPS = { viridis, inferno: ramp(INFERNO), cividis: ramp(CIVIDIS), greys: ramp(["#000000", "#ffffff"]) };

/**
 * @param {[number, number, number][]} stops
 * @param {number} value
 * @returns {[number, number, number]}
 */
function between(stops, value) {
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
