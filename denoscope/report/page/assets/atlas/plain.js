/**
 * Draws points where there is no WebGL2, pixel by pixel into a canvas.
 */
import { pen } from "../dom.js";
import { UNITS } from "./points.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {import("./gl.js").Renderer}
 */
export function plainRenderer(canvas) {
  const context = pen(canvas);
  let positions = new Uint16Array();
  let colours = new Uint8Array();
  let palette = new Uint8Array();
  let flags = new Uint8Array();
  return {
    name: "Canvas 2D",
    setPositions: (values) => void (positions = /** @type {Uint16Array<ArrayBuffer>} */ (values)),
    setColours(values, wanted) {
      colours = /** @type {Uint8Array<ArrayBuffer>} */ (values);
      palette = /** @type {Uint8Array<ArrayBuffer>} */ (wanted);
    },
    setFlags: (values) => void (flags = /** @type {Uint8Array<ArrayBuffer>} */ (values)),
    draw({ from, to, part, centre, zoom, size, quiet, ring }) {
      const { width, height } = canvas;
      if (!width || !height) return;
      const image = context.createImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      const inks = new Uint32Array(palette.slice().buffer);
      const [grey, dark] = [packed(quiet), packed(ring)];
      const n = colours.length;
      for (const level of [0, 1, 2]) {
        const across = size * (level ? 1 : 0.8) + (level === 2 ? 3 : 0);
        for (let i = 0; i < n; i++) {
          if (flags[i] !== level) continue;
          const [a, b] = [2 * (from * n + i), 2 * (to * n + i)];
          const x = (positions[a] + part * (positions[b] - positions[a])) / UNITS;
          const y = (positions[a + 1] + part * (positions[b + 1] - positions[a + 1])) / UNITS;
          const left = ((x - centre[0]) * zoom[0] * 0.5 + 0.5) * width;
          const top = (0.5 - (y - centre[1]) * zoom[1] * 0.5) * height;
          dot(pixels, width, height, left, top, across, level ? inks[colours[i]] : grey, level === 2 ? dark : 0);
        }
      }
      context.putImageData(image, 0, 0);
    },
    dispose() {
      [positions, colours, flags] = [new Uint16Array(), new Uint8Array(), new Uint8Array()];
    },
  };
}

/**
 * @param {Uint32Array} pixels @param {number} width @param {number} height
 * @param {number} x @param {number} y @param {number} across @param {number} ink @param {number} ring 0 for none
 */
function dot(pixels, width, height, x, y, across, ink, ring) {
  const reach = across / 2;
  for (let row = Math.max(0, Math.round(y - reach)); row < Math.min(height, y + reach); row++) {
    for (let column = Math.max(0, Math.round(x - reach)); column < Math.min(width, x + reach); column++) {
      const away = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      if (away <= reach) pixels[row * width + column] = ring && away > reach - 1.5 ? ring : ink;
    }
  }
}

/** A colour of four shares as one little-endian number. @param {number[]} colour */
const packed = (colour) => colour.reduce((sum, value, at) => sum + Math.round(value * 255) * 256 ** at, 0) >>> 0;
