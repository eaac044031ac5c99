/**
 * Takes things out of the atlas: the selection as CSV, JSON and a contact sheet, the plot as PNG and SVG.
 */
import { ink, make, pen } from "../dom.js";
import { drawResult } from "../pictures.js";
import { current } from "../store.js";
import { caption } from "./captions.js";
import { colourOf } from "./colouring.js";
import { measured, stepOf, UNITS } from "./points.js";
import { pickedOf } from "./selection.js";

const MOST_CIRCLES = 20000;
const CELL = 96;

/** @typedef {import("./panel.js").Panel} Panel */

/** The picked samples, or all that are not greyed where none is picked. @param {Panel} panel */
export function exported(panel) {
  const picked = pickedOf(panel.samples.count);
  return picked.length ? picked : panel.shown();
}

/**
 * A record a sample: its columns, its place on the map, its measures.
 * @param {Panel} panel
 * @param {number[]} chosen
 * @returns {Promise<Record<string, string | number | null>[]>}
 */
export async function records(panel, chosen) {
  const { samples, map, points, shownIndex, index } = panel;
  if (!points) return [];
  const numbers = new Map();
  for (const { name, kind } of samples.run.columns) if (kind === "number") numbers.set(name, await samples.numbers(name));
  const positions = stepOf(points.positions, 2 * samples.count, shownIndex);
  return chosen.map((i) => ({
    sample: i,
    ...Object.fromEntries(samples.run.columns.map((column) => [column.name, cell(samples, column, numbers, i)])),
    layer: map.name,
    step: map.steps[index],
    x: points.corner[0] + (positions[2 * i] / UNITS) * points.side,
    y: points.corner[1] + (positions[2 * i + 1] / UNITS) * points.side,
    ...measured(panel, i),
  }));
}

/**
 * @param {import("../samples.js").Samples} samples
 * @param {import("../types.js").Column} column
 * @param {Map<string, Float32Array | Float64Array>} numbers
 * @param {number} i
 */
function cell(samples, column, numbers, i) {
  if (column.kind === "category") return column.whole ? Number(samples.value(column.name, i)) : samples.value(column.name, i);
  const value = numbers.get(column.name)?.[i] ?? NaN;
  return Number.isFinite(value) ? value : null;
}

/** @param {Record<string, string | number | null>[]} rows */
export function csv(rows) {
  const names = Object.keys(rows[0] ?? {});
  const text = (/** @type {string | number | null} */ value) => (typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : (value ?? ""));
  return [names.map(text), ...rows.map((row) => names.map((name) => text(row[name])))].map((cells) => `${cells.join(",")}\n`).join("");
}

/**
 * All pictures of some samples with their names.
 * @param {Panel} panel
 * @param {number[]} chosen
 */
export async function contactSheet({ samples }, chosen) {
  const columns = Math.max(1, Math.ceil(Math.sqrt(chosen.length)));
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas"));
  canvas.width = columns * (CELL + 8) + 8;
  canvas.height = Math.ceil(chosen.length / columns) * (CELL + 26) + 8;
  const context = pen(canvas);
  context.fillStyle = ink("--paper");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = "11px system-ui, sans-serif";
  for (const [at, i] of chosen.entries()) {
    const [x, y] = [8 + (at % columns) * (CELL + 8), 8 + Math.floor(at / columns) * (CELL + 26)];
    await drawResult(context, samples.run, i, [x, y, CELL, CELL]);
    context.fillStyle = ink("--ink");
    context.fillText(samples.nameOf(i).replace(/^sample /, "#"), x, y + CELL + 13, CELL);
  }
  return blob(canvas);
}

/** The plot as it is on the screen, with what it shows written below. @param {Panel} panel */
export async function plotPicture(panel) {
  const { canvas, overlay, size } = panel;
  const ratio = canvas.width / size.width;
  const copy = /** @type {HTMLCanvasElement} */ (make("canvas"));
  copy.width = canvas.width;
  copy.height = canvas.height + 30 * ratio;
  const context = pen(copy);
  context.fillStyle = ink("--paper");
  context.fillRect(0, 0, copy.width, copy.height);
  panel.drawNow(); // what WebGL drew is only there until the browser shows it
  context.drawImage(canvas, 0, 0);
  context.drawImage(overlay, 0, 0);
  context.scale(ratio, ratio);
  context.fillStyle = ink("--ink");
  context.font = "12px system-ui, sans-serif";
  context.fillText(caption(panel), 12, size.height + 19, size.width - 24);
  return blob(copy);
}

/** The plot as circles; with very many points as a picture of them. @param {Panel} panel */
export async function plotDrawing(panel) {
  const { width, height } = panel.size;
  const marks = panel.samples.count > MOST_CIRCLES ? await asImage(panel) : circles(panel);
  const text = `<text x="12" y="${height + 19}" font-family="sans-serif" font-size="12" fill="${ink("--ink")}">${escaped(caption(panel))}</text>`;
  const ground = `<rect width="100%" height="100%" fill="${ink("--paper")}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 30}">\n${ground}\n${marks}\n${text}\n</svg>\n`;
}

/** @param {Panel} panel */
function circles(panel) {
  const { colours, flags, samples, size } = panel;
  if (!colours) return "";
  const radius = panel.frame(1).size / 2;
  const { chosen } = current();
  const order = [...flags.keys()].sort((a, b) => flags[a] - flags[b]);
  const drawn = order.map((i) => ({ i, at: panel.where(i) })).filter(({ at: [x, y] }) => x > 0 && y > 0 && x < size.width && y < size.height);
  const lines = drawn.map(({ i, at: [x, y] }) => {
    const fill = flags[i] ? colourOf(colours, i) : ink("--dim");
    const ring = i === chosen ? ` stroke="${ink("--accent")}" stroke-width="3"` : flags[i] === 2 ? ` stroke="${ink("--ink")}" stroke-width="1.5"` : "";
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${fill}"${ring}><title>${escaped(samples.nameOf(i))}</title></circle>`;
  });
  return lines.join("\n");
}

/** @param {Panel} panel */
async function asImage(panel) {
  panel.drawNow();
  const copy = /** @type {HTMLCanvasElement} */ (make("canvas"));
  Object.assign(copy, { width: panel.canvas.width, height: panel.canvas.height });
  pen(copy).drawImage(panel.canvas, 0, 0);
  return `<image width="${panel.size.width}" height="${panel.size.height}" href="${copy.toDataURL("image/png")}"/>`;
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
const blob = (canvas) =>
  new Promise((resolve, reject) => canvas.toBlob((found) => (found ? resolve(found) : reject(new Error("the picture is too large"))), "image/png"));

/** Offer a file for download. @param {string | Blob} content @param {string} name @param {string} type */
export function download(content, name, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
