/**
 * Where a panel looks: the place at its centre, in shares of the map's side, and how far it is zoomed in.
 *
 * @typedef {{scale: number, x: number, y: number}} Camera
 * @typedef {{width: number, height: number}} Size
 */
import { UNITS } from "./points.js";

const MARGIN = 24;
const CLOSEST = 400;

/** @type {Camera} */
export const WHOLE = { scale: 1, x: 0.5, y: 0.5 };

/** Screen pixels along the map's side. @param {Camera} camera @param {Size} size */
export const pixelsPerSide = (camera, size) => Math.max(1, Math.min(size.width, size.height) - 2 * MARGIN) * camera.scale;

/**
 * Where a place of the map is on the screen.
 * @param {Camera} camera @param {Size} size @param {number} x @param {number} y in map units
 * @returns {[number, number]}
 */
export function toScreen(camera, size, x, y) {
  const side = pixelsPerSide(camera, size);
  return [size.width / 2 + (x / UNITS - camera.x) * side, size.height / 2 - (y / UNITS - camera.y) * side];
}

/**
 * The place of the map under a place of the screen, in map units.
 * @param {Camera} camera @param {Size} size @param {number} x @param {number} y
 * @returns {[number, number]}
 */
export function toMap(camera, size, x, y) {
  const side = pixelsPerSide(camera, size);
  return [(camera.x + (x - size.width / 2) / side) * UNITS, (camera.y - (y - size.height / 2) / side) * UNITS];
}

/** @param {Camera} camera @param {Size} size @param {number} dx @param {number} dy @returns {Camera} */
export function moved(camera, size, dx, dy) {
  const side = pixelsPerSide(camera, size);
  return limited({ ...camera, x: camera.x - dx / side, y: camera.y + dy / side });
}

/**
 * Zoomed so that what is under a place of the screen stays there.
 * @param {Camera} camera @param {Size} size @param {number} factor @param {number} x @param {number} y
 * @returns {Camera}
 */
export function zoomed(camera, size, factor, x, y) {
  const scale = Math.min(CLOSEST, Math.max(0.5, camera.scale * factor));
  const [left, top] = [x - size.width / 2, y - size.height / 2];
  const [before, after] = [pixelsPerSide(camera, size), pixelsPerSide({ ...camera, scale }, size)];
  return limited({ scale, x: camera.x + left / before - left / after, y: camera.y - top / before + top / after });
}

/** @param {Camera} camera @returns {Camera} */
const limited = (camera) => ({ ...camera, x: Math.min(1, Math.max(0, camera.x)), y: Math.min(1, Math.max(0, camera.y)) });

/** @param {Camera} camera */
export const asText = ({ scale, x, y }) =>
  scale === 1 && x === 0.5 && y === 0.5 ? "" : [scale, x, y].map((value) => Number(value.toFixed(4))).join(",");

/** @param {string} text @returns {Camera} */
export function fromText(text) {
  const [scale, x, y] = text.split(",").map(Number);
  return text && [scale, x, y].every(Number.isFinite) && scale > 0 ? limited({ scale: Math.min(CLOSEST, scale), x, y }) : { ...WHOLE };
}

/**
 * A camera that sees all points whose flag is not 0.
 * @param {Uint16Array} positions @param {Uint8Array} flags
 * @returns {Camera}
 */
export function around(positions, flags) {
  const low = [UNITS, UNITS];
  const high = [0, 0];
  for (let at = 0; at < positions.length; at++) {
    if (!flags[at >> 1]) continue;
    low[at % 2] = Math.min(low[at % 2], positions[at]);
    high[at % 2] = Math.max(high[at % 2], positions[at]);
  }
  const side = Math.max(high[0] - low[0], high[1] - low[1], UNITS / CLOSEST);
  if (high[0] < low[0]) return { ...WHOLE };
  return { scale: UNITS / side, x: (low[0] + high[0]) / 2 / UNITS, y: (low[1] + high[1]) / 2 / UNITS };
}
