/**
 * Paints maps: values become colours after they are brought to the canvas's size, not before.
 */
import { pen } from "../dom.js";

/** @typedef {{values: Float32Array, range: import("./scale.js").Range, colour: [number, number, number], ramp: ((value: number) => [number, number, number]) | null}} Layer of one word; a ramp colours all of it, a colour grows from nothing */
/** @typedef {{grid: [number, number], size: [number, number], smooth: boolean, opacity: number}} Way height and width of the maps and of the canvas */

/** @param {HTMLCanvasElement} canvas @param {Layer[]} layers @param {Way} way */
export function paint(canvas, layers, way) {
  const [height, width] = way.size;
  canvas.height = height;
  canvas.width = width;
  const context = pen(canvas);
  const image = context.createImageData(width, height);
  const sized = layers.map((layer) => ({ ...layer, values: resized(layer.values, way) }));
  for (let i = 0; i < height * width; i++) mix(image.data, i, sized, way.opacity);
  context.putImageData(image, 0, 0);
}

/**
 * Set the colour of a pixel: the strongest word covers the picture, and words share the colour by the squares of their
 * strengths, in any order, so that where one is strongest its colour is seen.
 * @param {Uint8ClampedArray} data @param {number} i @param {Layer[]} layers @param {number} opacity
 */
function mix(data, i, layers, opacity) {
  let [red, green, blue, sum, most] = [0, 0, 0, 0, 0];
  for (const { values, range: [low, high], colour, ramp } of layers) {
    const part = Math.min(1, Math.max(0, (values[i] - low) / (high - low || 1)));
    const strength = ramp ? opacity : opacity * part;
    const own = ramp ? ramp(part) : colour;
    const weight = strength ** 2;
    red += weight * own[0];
    green += weight * own[1];
    blue += weight * own[2];
    sum += weight;
    most = Math.max(most, strength);
  }
  if (!sum) return;
  data[4 * i] = red / sum;
  data[4 * i + 1] = green / sum;
  data[4 * i + 2] = blue / sum;
  data[4 * i + 3] = 255 * most;
}

/** Values at the middles of a canvas's pixels: between cells if smooth, else those of the cell. @param {Float32Array} values @param {Way} way */
function resized(values, { grid: [height, width], size: [tall, wide], smooth }) {
  const found = new Float32Array(tall * wide);
  const [columns, lines] = [places(width, wide, smooth), places(height, tall, smooth)];
  for (let y = 0; y < tall; y++) {
    const [above, below, down] = lines[y];
    for (let x = 0; x < wide; x++) {
      const [left, right, along] = columns[x];
      const upper = values[above * width + left] * (1 - along) + values[above * width + right] * along;
      const lower = values[below * width + left] * (1 - along) + values[below * width + right] * along;
      found[y * wide + x] = upper * (1 - down) + lower * down;
    }
  }
  return found;
}

/** For each pixel the two cells beside its middle, and how far it is from the first to the second. @param {number} cells @param {number} pixels @param {boolean} smooth @returns {[number, number, number][]} */
function places(cells, pixels, smooth) {
  return Array.from({ length: pixels }, (_, pixel) => {
    const middle = ((pixel + 0.5) / pixels) * cells;
    if (!smooth) return [Math.floor(middle), Math.floor(middle), 0];
    const at = Math.min(cells - 1, Math.max(0, middle - 0.5));
    return [Math.floor(at), Math.min(cells - 1, Math.floor(at) + 1), at - Math.floor(at)];
  });
}
