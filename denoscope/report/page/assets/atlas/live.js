/**
 * Lays a map out again in the page, in a worker, when a UMAP setting outside the computed grid is asked for.
 */
import { bytes } from "../blocks.js";
import { byId } from "../dom.js";
import { Index } from "./index.js";
import { loadNeighbors, stepOf, textOf, UNITS } from "./points.js";

/**
 * @typedef {{nNeighbors: number, minDist: number}} Asked
 * @typedef {(positions: Uint16Array, share: number, stage: string) => void} OnProgress
 */

/** What was laid out, by run, layer, step and setting. @type {Map<string, import("./points.js").Points>} */
const made = new Map();

/** @param {string} text @returns {Asked | null} */
export function fromText(text) {
  const [nNeighbors, minDist] = text.split(",").map(Number);
  return Number.isInteger(nNeighbors) && nNeighbors >= 2 && minDist >= 0 && minDist <= 1 ? { nNeighbors, minDist } : null;
}

/**
 * A map that was laid out before.
 * @param {import("../types.js").RunData} run @param {import("../types.js").LayerMap} map @param {number} index
 * @param {Asked} asked
 */
export const known = (run, map, index, asked) => made.get(keyOf(run, map, index, asked));

/** @param {import("../types.js").RunData} run @param {import("../types.js").LayerMap} map @param {number} index @param {Asked} asked */
const keyOf = (run, map, index, { nNeighbors, minDist }) => [run.name, map.name, index, nNeighbors, minDist].join("\n");

/**
 * Lay out one step of a layer. The result does not depend on what was on the screen: it starts from the layer's own map.
 * @param {import("../types.js").RunData} run
 * @param {import("../types.js").LayerMap} map
 * @param {import("./points.js").Points} main the layer's own map
 * @param {number} index position of the step
 * @param {Asked} asked
 * @param {OnProgress} onProgress
 * @param {AbortSignal} signal cancels
 * @returns {Promise<import("./points.js").Points | null>} null if cancelled
 */
export async function layOut(run, map, main, index, asked, onProgress, signal) {
  const n = run.count;
  const near = await loadNeighbors(run, map, index);
  const features = map.features && (await bytes(map.features.blocks[index]));
  const start = Float32Array.from(stepOf(main.positions, 2 * n, index), (value) => value / UNITS);
  const request = {
    ...{ n, k: near.k, indices: Uint32Array.from(near.indices), distances: Float32Array.from(near.gaps, (gap) => gap * near.scale) },
    ...{ features: features && new Int8Array(features.slice().buffer), components: map.features?.components ?? 0 },
    ...{ metric: map.metric, epochs: map.epochs, seed: map.seed, start, ...asked },
  };
  const done = signal.aborted ? null : await inWorker(request, onProgress, signal);
  if (!done) return null;
  const { positions, side } = toUnits(done.positions);
  const preserved = preservation(near, positions, map.fit);
  const points = {
    ...pointsOf(main, index, positions),
    ...{ side, corner: /** @type {[number, number]} */ ([0, 0]), preserved, preservation: [mean(preserved) / 255] },
    engine: `UMAP of this page, ${done.seconds.toFixed(1)} s, ${done.graph === "exact" ? "exact neighbours" : "neighbours among 8-bit features"}`,
    settingText: textOf(asked.nNeighbors, asked.minDist),
  };
  made.set(keyOf(run, map, index, asked), points);
  return points;
}

/**
 * @param {object} request
 * @param {OnProgress} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<{positions: Float32Array, seconds: number, graph: string} | null>}
 */
function inWorker(request, onProgress, signal) {
  const url = URL.createObjectURL(new Blob([byId("umap-worker").textContent || ""], { type: "text/javascript" }));
  const worker = new Worker(url);
  const end = () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => {
      end();
      resolve(null);
    });
    worker.onerror = (event) => {
      end();
      reject(new Error(event.message || "the layout's worker could not start"));
    };
    worker.onmessage = ({ data }) => {
      if (data.kind === "progress") onProgress(data.positions ? toUnits(data.positions).positions : new Uint16Array(), data.done, data.stage);
      if (data.kind === "done") {
        end();
        resolve(data);
      }
      if (data.kind === "error") {
        end();
        reject(new Error(data.message));
      }
    };
    worker.postMessage(request);
  });
}

/** Positions of any size in map units. @param {Float32Array} xy */
function toUnits(xy) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < xy.length; i++) {
    low[i % 2] = Math.min(low[i % 2], xy[i]);
    high[i % 2] = Math.max(high[i % 2], xy[i]);
  }
  const side = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
  const corner = [0, 1].map((axis) => (low[axis] + high[axis] - side) / 2);
  return { side, positions: Uint16Array.from(xy, (value, i) => Math.round(((value - corner[i % 2]) / side) * UNITS)) };
}

/**
 * A map that is being laid out: of one step, and not yet judged.
 * @param {import("./points.js").Points} main @param {number} index @param {Uint16Array} positions
 * @returns {import("./points.js").Points}
 */
export function pointsOf(main, index, positions) {
  const { n } = main;
  const [cluster, outlier] = [stepOf(main.cluster, n, index), stepOf(main.outlier, n, index)];
  const unknown = { preserved: null, trustworthiness: [null], preservation: [null] };
  return { ...main, ...unknown, steps: [main.steps[index]], positions, cluster, outlier };
}

/**
 * For every point the share of its neighbours in activation space that are near it on the map, in units of 1/255.
 * Neighbours are searched among the samples on which the map was fitted, as the workflow does.
 * @param {import("./points.js").Neighbors} near @param {Uint16Array} positions @param {number} fitted
 */
function preservation({ k, indices }, positions, fitted) {
  const places = new Index(positions, fitted);
  return Uint8Array.from({ length: positions.length / 2 }, (_, i) => {
    const shown = new Set(places.around(i, k).map((entry) => entry.i));
    let true_ = 0;
    for (let j = i * k; j < (i + 1) * k; j++) if (shown.has(indices[j])) true_++;
    return Math.round((255 * true_) / k);
  });
}

/** @param {Uint8Array} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
