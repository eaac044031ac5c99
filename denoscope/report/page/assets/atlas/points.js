/**
 * What a panel of the atlas shows: a layer's map under one UMAP setting, at all of its steps.
 */
import { bytes, numbers } from "../blocks.js";

/** Positions count from 0 to so many units along each side of a map's square. */
export const UNITS = 65535;

/**
 * @typedef {{n: number, steps: number[], positions: Uint16Array, side: number, corner: [number, number],
 *   preserved: Uint8Array | null, cluster: Int8Array | Int16Array, outlier: Uint16Array, engine: string, settingText: string,
 *   trustworthiness: (number | null)[], preservation: (number | null)[]}} Points
 *   `positions` holds x, y of every sample for every step.
 * @typedef {{k: number, indices: Uint16Array | Uint32Array, gaps: Uint16Array, scale: number}} Neighbors
 *   k of every sample, nearest first; `gaps` are their distances in 1/UNITS of `scale`.
 */

/**
 * @param {import("../types.js").RunData} run
 * @param {import("../types.js").LayerMap} map
 * @param {import("../types.js").Setting} setting
 * @returns {Promise<Points>}
 */
export async function loadPoints(run, map, setting) {
  const [positions, preserved, cluster, outlier] = await Promise.all([
    numbers(Uint16Array, setting.positions),
    numbers(Uint8Array, setting.preserved),
    map.clusterWidth === 1 ? numbers(Int8Array, map.cluster) : numbers(Int16Array, map.cluster),
    numbers(Uint16Array, map.outlier),
  ]);
  const { side, corner, trustworthiness, preservation } = setting;
  const settingText = textOf(setting.n_neighbors, setting.min_dist);
  const about = { side, corner, trustworthiness, preservation, settingText, engine: map.engine };
  return { n: run.count, steps: map.steps, positions, preserved, cluster, outlier, ...about };
}

/** @param {number} nNeighbors @param {number} minDist */
export const textOf = (nNeighbors, minDist) => `n_neighbors ${nNeighbors}, min_dist ${minDist}`;

/**
 * One step of values that are there for every step.
 * @template {Uint16Array | Uint8Array | Int8Array | Int16Array} T
 * @param {T} values
 * @param {number} perStep values of a step
 * @param {number} index position of the step
 * @returns {T}
 */
export const stepOf = (values, perStep, index) => /** @type {T} */ (values.subarray(perStep * index, perStep * (index + 1)));

/** Position among `steps` of the last one at or before `step`. @param {number[]} steps @param {number} step */
export function indexOf(steps, step) {
  let found = 0;
  while (found + 1 < steps.length && steps[found + 1] <= step) found++;
  return found;
}

/**
 * The nearest neighbours of all samples in activation space.
 * @param {import("../types.js").RunData} run
 * @param {import("../types.js").LayerMap} map
 * @param {number} index position of the step
 * @returns {Promise<Neighbors>}
 */
export async function loadNeighbors(run, map, index) {
  const { k, wide, scales, blocks } = map.neighbors;
  const { buffer } = await bytes(blocks[index]);
  const count = run.count * k;
  const indices = wide ? new Uint32Array(buffer, 0, count) : new Uint16Array(buffer, 0, count);
  return { k, indices, gaps: new Uint16Array(buffer, indices.byteLength, count), scale: scales[index] };
}

/** The distance to a neighbour by its place in the list. @param {Neighbors} near @param {number} at */
export const distanceAt = ({ gaps, scale }, at) => (gaps[at] / UNITS) * scale;

/**
 * A sample's cluster (null for none), outlier score, and share of true neighbours shown.
 * @param {import("./panel.js").Panel} panel
 * @param {number} i
 * @returns {{cluster: number | null, outlier: number, preservation: number | null}}
 */
export function measured({ points, samples, shownIndex }, i) {
  if (!points) return { cluster: null, outlier: NaN, preservation: null };
  const n = samples.count;
  const cluster = stepOf(points.cluster, n, shownIndex)[i];
  const [low, high] = samples.run.maps?.outlierSpan ?? [0, 1];
  return {
    cluster: cluster < 0 ? null : cluster,
    outlier: low + (stepOf(points.outlier, n, shownIndex)[i] / UNITS) * (high - low),
    preservation: points.preserved && stepOf(points.preserved, n, shownIndex)[i] / 255,
  };
}
