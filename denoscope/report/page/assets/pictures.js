/**
 * The page's pictures: decoded when needed, the most recently used kept.
 */
import { bytes } from "./blocks.js";
import { pen, sharpContext } from "./dom.js";

const HELD_PIXELS = 32e6;

/** @type {Map<string, {image: Promise<ImageBitmap>, pixels: number}>} pixels are 0 while a picture is being decoded */
const held = new Map();

/**
 * A picture of a packed block, decoded.
 * @param {string} block
 * @param {number[]} offsets where each picture starts, and where the last ends
 * @param {number} index
 * @returns {Promise<ImageBitmap>}
 */
export function picture(block, offsets, index) {
  const key = `${block}/${index}`;
  const found = held.get(key) ?? decoding(block, offsets[index], offsets[index + 1]);
  held.delete(key);
  held.set(key, found);
  return found.image;
}

/** Forget all decoded pictures; one that a view still draws is collected after it. */
export const releasePictures = () => held.clear();

/**
 * @param {string} block
 * @param {number} start
 * @param {number} end
 */
function decoding(block, start, end) {
  const entry = { image: decode(block, start, end), pixels: 0 };
  entry.image.then(({ width, height }) => {
    entry.pixels = width * height;
    forgetOldest();
  });
  return entry;
}

/** @param {string} block @param {number} start @param {number} end */
async function decode(block, start, end) {
  const data = (await bytes(block)).slice(start, end);
  return createImageBitmap(new Blob([data], { type: "image/webp" }));
}

function forgetOldest() {
  let sum = [...held.values()].reduce((total, { pixels }) => total + pixels, 0);
  for (const [key, { pixels }] of held) {
    if (sum <= HELD_PIXELS || held.size === 1) return;
    if (!pixels) continue;
    held.delete(key);
    sum -= pixels;
  }
}

/**
 * Where a step lies in the grid of a strip; `frame` is a place among those that it holds.
 * @param {import("./types.js").Strips} strips @param {number} step @param {number} frame
 */
export const stripCell = ({ steps, frames }, step, frame) => steps.indexOf(step) * frames.length + frame;

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
 * The largest box of a picture's shape in the middle of a box.
 * @param {{height: number, width: number}} cell @param {[number, number, number, number]} box x, y, width, height
 * @returns {[number, number, number, number]}
 */
export function fitted({ height, width }, [x, y, wide, tall]) {
  const scale = Math.min(wide / width, tall / height);
  return [x + (wide - width * scale) / 2, y + (tall - height * scale) / 2, width * scale, height * scale];
}

/**
 * Draw a sample's result into the middle of a box; nothing where the run has no pictures.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 * @param {[number, number, number, number]} box
 */
export async function drawResult(context, run, sample, box) {
  if (!run.thumbs || !run.picture) return;
  const { block, offsets, columns, perSheet } = run.thumbs;
  const image = await picture(block, offsets, Math.floor(sample / perSheet));
  drawCell(context, image, run.picture, sample % perSheet, columns, fitted(run.picture, box));
}

/**
 * Draw a sample's result on a canvas of the picture's own size.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 */
export async function drawThumb(canvas, run, sample) {
  if (!run.picture) return;
  const { height, width } = run.picture;
  canvas.width = width;
  canvas.height = height;
  await drawResult(pen(canvas), run, sample, [0, 0, width, height]);
}

/**
 * Draw a sample at a step beside its result, where the page holds its steps, else its result alone.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 * @param {number} step
 * @param {() => boolean} wanted whether it is still to be drawn once its pictures are decoded
 */
export async function drawStepAndResult(canvas, run, sample, step, wanted) {
  const { state } = run;
  const strip = state && sample < run.players ? await picture(state.block, state.offsets, sample) : null;
  if (!wanted()) return;
  const { context, width, height } = sharpContext(canvas);
  const half = strip ? width / 2 - 2 : width;
  const side = Math.min(half, height);
  if (strip && state) {
    const { cell } = state;
    const middle = Math.floor(state.frames.length / 2);
    const [now, last] = [step, run.times.length - 1].map((one) => stripCell(state, one, middle));
    drawCell(context, strip, cell, now, state.columns, fitted(cell, [0, 0, side, side]));
    drawCell(context, strip, cell, last, state.columns, fitted(cell, [half + 4, 0, side, side]));
  } else {
    await drawResult(context, run, sample, [0, 0, side, side]);
  }
}
