/**
 * Decodes what the page carries: typed arrays and packed pictures.
 */
import { byId } from "./dom.js";

/** @type {Map<string, Uint8Array>} */
const blocks = new Map();

/** The page's description of its runs. @returns {import("./types.js").PageData} */
export function pageData() {
  return JSON.parse(byId("page-data").textContent || "{}");
}

/**
 * The bytes of a data block. The element is removed once it is decoded, so that the text does not stay in memory.
 * @param {string} id
 * @returns {Uint8Array}
 */
export function bytes(id) {
  const known = blocks.get(id);
  if (known) return known;
  const element = byId(id);
  const decoded = fromBase64(element.textContent || "");
  element.remove();
  blocks.set(id, decoded);
  return decoded;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
function fromBase64(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const found = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) found[i] = binary.charCodeAt(i);
  return found;
}

/**
 * Part of a block as numbers.
 * @template {Float32Array | Uint16Array | Int16Array | Uint8Array} T
 * @param {new (buffer: ArrayBuffer) => T} type
 * @param {string} id
 * @param {number} start in bytes
 * @param {number} size in bytes
 * @returns {T}
 */
export function numbers(type, id, start, size) {
  return new type(/** @type {ArrayBuffer} */ (bytes(id).slice(start, start + size).buffer));
}

const HELD = 256;
/** @type {Map<string, Promise<ImageBitmap>>} */
const pictures = new Map();

/**
 * A picture of a packed block, decoded; the most recently used are kept.
 * @param {string} block
 * @param {number[]} offsets where each picture starts, and where the last ends
 * @param {number} index
 * @returns {Promise<ImageBitmap>}
 */
export function picture(block, offsets, index) {
  const key = `${block}/${index}`;
  const found = pictures.get(key) || decode(block, offsets[index], offsets[index + 1]);
  pictures.delete(key);
  pictures.set(key, found);
  if (pictures.size > HELD) {
    const [oldest, bitmap] = /** @type {[string, Promise<ImageBitmap>]} */ (pictures.entries().next().value);
    pictures.delete(oldest);
    bitmap.then((image) => image.close());
  }
  return found;
}

/**
 * @param {string} block
 * @param {number} start
 * @param {number} end
 */
function decode(block, start, end) {
  const data = /** @type {Uint8Array<ArrayBuffer>} */ (bytes(block).slice(start, end));
  return createImageBitmap(new Blob([data], { type: "image/webp" }));
}

/**
 * Draw one step of a sample's strip, or a sample of a sheet, into a box of a context.
 * @param {CanvasRenderingContext2D} context
 * @param {ImageBitmap} image
 * @param {{height: number, width: number}} cell
 * @param {number} index position in the grid
 * @param {number} columns
 * @param {[number, number, number, number]} box x, y, width, height
 */
export function drawCell(context, image, cell, index, columns, box) {
  const x = (index % columns) * cell.width;
  const y = Math.floor(index / columns) * cell.height;
  context.imageSmoothingEnabled = false;
  context.drawImage(image, x, y, cell.width, cell.height, ...box);
}

/**
 * The scalars of a sample: for every name one value a step (NaN where there is none).
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 */
export function scalarsOf(run, sample) {
  const { names, block, steps } = run.scalars;
  const size = names.length * steps * 4;
  const values = numbers(Float32Array, block, sample * size, size);
  return names.map((name, index) => ({ name, values: values.slice(index * steps, (index + 1) * steps) }));
}

/**
 * The attention that each position receives in a layer, as shares of `most`; none where the step was not recorded.
 * @param {import("./types.js").AttentionMaps} layer
 * @param {number} sample
 * @param {number} step
 */
export function attentionOf(layer, sample, step) {
  const index = layer.steps.indexOf(step);
  const size = layer.side ** 2;
  if (index < 0) return null;
  return numbers(Uint8Array, layer.block, (sample * layer.steps.length + index) * size, size);
}

/**
 * A layer's map at one of its steps.
 * @param {import("./types.js").RunData} run
 * @param {import("./types.js").LayerMap} map
 * @param {number} index position among the map's steps
 */
export function mapStep(run, map, index) {
  const n = run.count;
  const start = index * n * 8;
  return {
    positions: numbers(Uint16Array, map.block, start, n * 4),
    cluster: numbers(Int16Array, map.block, start + n * 4, n * 2),
    outlier: numbers(Uint8Array, map.block, start + n * 6, n),
    preservation: numbers(Uint8Array, map.block, start + n * 7, n),
  };
}
