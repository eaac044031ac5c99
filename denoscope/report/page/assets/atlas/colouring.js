/**
 * What the points are coloured by: a column of the samples, or a measure of the map.
 */
import { page } from "../blocks.js";
import { categoryColour, css, parsed, viridis } from "../colours.js";
import { loadNeighbors, stepOf, UNITS } from "./points.js";

const NOTHING = 255;

/**
 * @typedef {{value: number, name: string, colour: string, count: number}} Entry
 * @typedef {{name: string, codes: Uint8Array, palette: Uint8Array, values: ArrayLike<number> | null, entries: Entry[],
 *   low: string, high: string}} Colouring
 *   `codes` points into `palette` (256 RGBA colours). Categories have `values` and legend `entries`, numbers `low`, `high`.
 * @typedef {{id: string, name: string}} Choice
 */

/** Measures of the map itself; `placed` only where there are samples that the map was not fitted on. */
const MEASURES = {
  "map.cluster": "cluster",
  "map.outlier": "outlier score",
  "map.preserved": "true neighbours shown",
  "map.purity": "neighbours of the same class",
  "map.placed": "fitted or new",
};

/**
 * What a run's points can be coloured by, the first by default.
 * @param {import("../samples.js").Samples} samples
 * @returns {Choice[]}
 */
export function choices(samples) {
  const maps = samples.run.maps?.layers ?? [];
  const columns = samples.run.columns.map(({ name }) => ({ id: name, name }));
  const measures = Object.entries(MEASURES)
    .filter(([id]) => id !== "map.placed" || maps.some(({ fit }) => fit < samples.count))
    .filter(([id]) => id !== "map.purity" || samples.classes.length)
    .map(([id, name]) => ({ id, name }));
  const first = columns.findIndex(({ id }) => samples.codes.has(id));
  return first === 0 ? [...columns, ...measures] : [...measures, ...columns];
}

/**
 * @param {string} id of a choice
 * @param {import("../samples.js").Samples} samples
 * @param {import("../types.js").LayerMap} map
 * @param {import("./points.js").Points} points
 * @param {number} index position of the step
 * @returns {Promise<Colouring>}
 */
export async function colouring(id, samples, map, points, index) {
  const name = MEASURES[/** @type {keyof typeof MEASURES} */ (id)] ?? id;
  const n = samples.count;
  const [low, high] = samples.run.maps?.outlierRange ?? [0, 1];
  if (id === "map.cluster") return ofClusters(name, stepOf(points.cluster, n, index));
  if (id === "map.placed") {
    const placed = Uint8Array.from({ length: n }, (_, i) => (i < map.fit ? 0 : 1));
    return ofCategories(name, placed, ["fitted", "new"]);
  }
  if (id === "map.outlier") {
    const span = samples.run.maps?.outlierSpan ?? [0, 1];
    const scores = Float32Array.from(stepOf(points.outlier, n, index), (value) => span[0] + (value / UNITS) * (span[1] - span[0]));
    return { ...ofNumbers(name, scores, [low, high]), low: low.toFixed(1), high: `${high.toFixed(1)} and more` };
  }
  if (id === "map.preserved") {
    const shares = points.preserved ? stepOf(points.preserved, n, Math.min(index, points.preserved.length / n - 1)) : new Uint8Array(n);
    return ofBytes(name, shares, "0 %", "100 %");
  }
  if (id === "map.purity") return ofBytes(name, await purity(samples, map, index), "0 %", "100 %");
  const codes = samples.codes.get(id);
  const column = samples.categories.find((known) => known.name === id);
  if (codes && column) return ofCategories(name, codes, column.values);
  const numbers = samples.run.columns.find((known) => known.name === id);
  return ofNumbers(name, await samples.numbers(id), numbers?.kind === "number" ? numbers.range : [0, 1]);
}

/** The share of each sample's neighbours in activation space that are of its class, in units of 1/255. */
/** @param {import("../samples.js").Samples} samples @param {import("../types.js").LayerMap} map @param {number} index */
async function purity(samples, map, index) {
  const { k, indices } = await loadNeighbors(samples.run, map, index);
  const { labels } = samples;
  const shares = new Uint8Array(samples.count);
  for (let i = 0; i < samples.count; i++) {
    let same = 0;
    for (let j = i * k; j < (i + 1) * k; j++) if (labels[indices[j]] === labels[i]) same++;
    shares[i] = Math.round((255 * same) / k);
  }
  return shares;
}

/** @param {string} name @param {ArrayLike<number>} values @param {string[]} names */
function ofCategories(name, values, names) {
  const counts = new Array(names.length).fill(0);
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
  return categorical(
    name,
    values,
    names.map((text, value) => ({ value, name: text, colour: categoryColour(page, value), count: counts[value] })),
  );
}

/** @param {string} name @param {ArrayLike<number>} values clusters, -1 for none */
function ofClusters(name, values) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (let i = 0; i < values.length; i++) counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  const found = [...counts.keys()].sort((a, b) => a - b);
  const entries = found.map((value) => ({
    value,
    name: value < 0 ? "none" : String(value),
    colour: categoryColour(page, value),
    count: counts.get(value) ?? 0,
  }));
  return categorical(name, values, entries);
}

/** @param {string} name @param {ArrayLike<number>} values @param {Entry[]} entries @returns {Colouring} */
function categorical(name, values, entries) {
  const shades = page.colours.length;
  const codes = Uint8Array.from(values, (value) => (value < 0 ? NOTHING : value % shades));
  return { name, codes, palette: paletteOf((slot) => (slot < shades ? parsed(page.colours[slot]) : null)), values, entries, low: "", high: "" };
}

/** @param {string} name @param {Uint8Array} codes @param {string} low @param {string} high @returns {Colouring} */
function ofBytes(name, codes, low, high) {
  return { name, codes, palette: paletteOf((slot) => viridis(slot / 255)), values: null, entries: [], low, high };
}

/** @param {string} name @param {Float32Array | Float64Array} values @param {[number, number]} range */
function ofNumbers(name, values, [low, high]) {
  const codes = Uint8Array.from(values, (value) =>
    Number.isFinite(value) ? Math.round(Math.min(1, Math.max(0, (value - low) / (high - low || 1))) * (NOTHING - 1)) : NOTHING,
  );
  const palette = paletteOf((slot) => (slot === NOTHING ? null : viridis(slot / (NOTHING - 1))));
  return { name, codes, palette, values: null, entries: [], low: short(low), high: short(high) };
}

/** @param {(slot: number) => number[] | null} colourOf */
function paletteOf(colourOf) {
  const found = new Uint8Array(4 * 256);
  const other = parsed(page.other);
  for (let slot = 0; slot < 256; slot++) found.set([...(colourOf(slot) ?? other), 255], 4 * slot);
  return found;
}

/** @param {number} value */
export const short = (value) => String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

/** The colour of a point. @param {Colouring} colours @param {number} i */
export const colourOf = ({ codes, palette }, i) => css([...palette.subarray(4 * codes[i], 4 * codes[i] + 3)]);
