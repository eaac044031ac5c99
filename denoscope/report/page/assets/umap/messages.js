/**
 * What the page and the layout's worker say to each other. The page cancels by terminating the worker.
 *
 * @typedef {object} LayoutRequest
 * @property {number} n points
 * @property {number} k neighbours stored of every point
 * @property {Uint32Array} indices [n * k], the k nearest others of every point, nearest first
 * @property {Float32Array | null} distances [n * k]; where null, they are measured between the features
 * @property {Int8Array | null} features [n * components], for more than k neighbours
 * @property {number} components
 * @property {"euclidean" | "cosine"} metric
 * @property {number} nNeighbors counts the point itself, as umap-learn does
 * @property {number} minDist
 * @property {number} epochs
 * @property {number} seed
 * @property {Float32Array} start [n * 2], the layout on screen, in any units
 *
 * @typedef {{kind: "progress", stage: "neighbours" | "layout", done: number, positions?: Float32Array}} Progress
 *   `done` of the stage from 0 to 1; the layout's stage brings its positions so far, [n * 2].
 * @typedef {{kind: "done", positions: Float32Array, seconds: number, graph: "exact" | "features"}} Done
 *   `graph` tells whether the neighbours are the stored ones or were searched among the features.
 * @typedef {{kind: "error", message: string}} Failed
 * @typedef {Progress | Done | Failed} LayoutReply
 */
export {};
