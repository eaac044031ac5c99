/**
 * The worker that lays out a map again while the page stays responsive.
 */
import { fitCurve } from "./curve.js";
import { fuzzyGraph } from "./graph.js";
import { Layout } from "./layout.js";
import { distancesAlong, nearestInt8 } from "./neighbors.js";

const FRAME = 100;

/** @typedef {import("./messages.js").LayoutRequest} LayoutRequest */
/** @typedef {import("./messages.js").LayoutReply} LayoutReply */
/** @typedef {"exact" | "features"} Source */

/** @typedef {{postMessage(reply: LayoutReply, transfer?: Transferable[]): void}} Port */
// The page's modules are checked with the types of a window, whose postMessage is another.
const scope = /** @type {Port & {onmessage: unknown}} */ (/** @type {unknown} */ (globalThis));

/** @param {MessageEvent<LayoutRequest>} event */
scope.onmessage = ({ data }) => {
  try {
    answer(data);
  } catch (error) {
    scope.postMessage({ kind: "error", message: error instanceof Error ? error.message : String(error) });
  }
};

/** @param {LayoutRequest} request */
function answer(request) {
  const begun = performance.now();
  check(request);
  const { neighbours, graph } = neighboursFor(request);
  const edges = fuzzyGraph(neighbours.indices, neighbours.distances, request.n, request.nNeighbors - 1);
  const layout = new Layout(edges, request.n, request.start, { ...fitCurve(request.minDist), ...request });
  const due = metronome();
  while (layout.epoch < request.epochs) {
    layout.advance(1);
    if (due()) tellLayout(layout, request.epochs);
  }
  const { positions } = layout;
  const seconds = (performance.now() - begun) / 1000;
  scope.postMessage({ kind: "done", positions, seconds, graph }, [positions.buffer]);
}

/** @param {LayoutRequest} request */
function check({ n, k, nNeighbors, features, distances }) {
  if (nNeighbors < 2) throw new Error("n_neighbors must be at least 2: it counts the point itself");
  if (nNeighbors > n) throw new Error(`n_neighbors = ${nNeighbors} needs at least as many samples, there are ${n}`);
  if (!features && nNeighbors - 1 > k) throw new Error(`n_neighbors = ${nNeighbors}: only ${k} others are stored`);
  if (!features && !distances) throw new Error("neither distances nor features are stored");
}

/**
 * The stored neighbours where there are enough, else those among the features.
 * @param {LayoutRequest} request
 * @returns {{neighbours: import("./neighbors.js").Neighbours, graph: Source}}
 */
function neighboursFor({ n, k, indices, distances, features, components, metric, nNeighbors }) {
  const wanted = nNeighbors - 1;
  if (wanted <= k) {
    const near = firstColumns(indices, k, wanted);
    const far = distances
      ? firstColumns(distances, k, wanted)
      : distancesAlong(near, features ?? new Int8Array(), n, components, metric);
    return { neighbours: { indices: near, distances: far }, graph: "exact" };
  }
  const due = metronome();
  const found = nearestInt8(features ?? new Int8Array(), n, components, wanted, {
    metric,
    onProgress: (done) => due() && scope.postMessage({ kind: "progress", stage: "neighbours", done }),
  });
  return { neighbours: found, graph: "features" };
}

/**
 * @template {Uint32Array | Float32Array} Values
 * @param {Values} values [n * k]
 * @param {number} k
 * @param {number} wanted
 */
function firstColumns(values, k, wanted) {
  return /** @type {Values} */ (values.filter((_, place) => place % k < wanted));
}

/** @param {Layout} layout @param {number} epochs */
function tellLayout(layout, epochs) {
  const positions = layout.positions.slice();
  const done = layout.epoch / epochs;
  scope.postMessage({ kind: "progress", stage: "layout", done, positions }, [positions.buffer]);
}

/** True once in every frame's time. */
function metronome() {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < FRAME) return false;
    last = now;
    return true;
  };
}
