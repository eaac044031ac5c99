/**
 * Clusters, outliers and near-duplicates of the map shown.
 */
import { byId, make } from "../dom.js";
import { drawThumb } from "../pictures.js";
import { distanceAt, loadNeighbors, stepOf } from "./points.js";
import { choose, pick } from "./selection.js";

const SHOWN = 12;
const EXAMPLES = 4;
/** Clusters are numbered by size: the largest are shown. */
const MOST_ROWS = 60;

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {{cluster: number, members: number[], purity: number | null, most: string, typical: number[], atypical: number[]}} Cluster */

/** Draw them once the map is on the screen: with very many points they take a moment. @param {Panel} panel */
export const drawTablesSoon = (panel) => requestAnimationFrame(() => setTimeout(() => panel.points && drawTables(panel)));

/** @param {Panel} panel */
async function drawTables(panel) {
  const { samples, map, index, gridPoints } = panel;
  if (!gridPoints) return;
  const near = await loadNeighbors(samples.run, map, index);
  if (panel.map !== map || panel.index !== index) return;
  const cluster = stepOf(gridPoints.cluster, samples.count, index);
  const outlier = stepOf(gridPoints.outlier, samples.count, index);
  const most = least(outlier.keys(), SHOWN, (i) => -outlier[i]);
  const rows = clusters(samples, cluster, near).slice(0, MOST_ROWS).map((found) => row(samples, found));
  byId("atlas-clusters").replaceChildren(...rows);
  byId("atlas-clusters-none").hidden = rows.length > 0;
  byId("atlas-outliers").replaceChildren(...most.map((i) => tile(samples, i)));
  byId("atlas-duplicates").replaceChildren(...closest(near).map(([i, j, gap]) => pair(samples, i, j, gap)));
}

/**
 * @param {import("../samples.js").Samples} samples
 * @param {Int8Array | Int16Array} cluster
 * @param {import("./points.js").Neighbors} near
 * @returns {Cluster[]}
 */
function clusters(samples, cluster, { k, gaps }) {
  /** @type {number[][]} */
  const members = [];
  for (let i = 0; i < cluster.length; i++) if (cluster[i] >= 0) (members[cluster[i]] ??= []).push(i);
  /** How far a sample's neighbours are: little in the thick of a cluster. @param {number} i */
  const spread = (i) => gaps[(i + 1) * k - 1];
  return [...members.entries()]
    .filter(([, found]) => found)
    .map(([number, found]) => ({
      cluster: number,
      members: found,
      ...majority(samples, found),
      typical: least(found, EXAMPLES, spread),
      atypical: least(found, EXAMPLES, (i) => -spread(i)),
    }));
}

/** The most common class of some samples and its share. @param {import("../samples.js").Samples} samples @param {number[]} found */
function majority(samples, found) {
  if (!samples.classes.length) return { purity: null, most: "" };
  const counts = new Array(samples.classes.length).fill(0);
  for (const i of found) counts[samples.labels[i]]++;
  const best = counts.indexOf(Math.max(...counts));
  return { purity: counts[best] / found.length, most: samples.classes[best] };
}

/** The pairs of samples that are nearest to each other. @param {import("./points.js").Neighbors} near */
function closest(near) {
  const { k, indices, gaps } = near;
  /** A pair whose nearest are each other is told once. @param {number} i */
  const first = (i) => i < indices[i * k] || indices[indices[i * k] * k] !== i;
  const samples = indices.length / k;
  const found = least(Array(samples).keys(), SHOWN, (i) => (first(i) ? gaps[i * k] : Infinity));
  return found.filter(first).map((i) => /** @type {[number, number, number]} */ ([i, indices[i * k], distanceAt(near, i * k)]));
}

/** The items of the smallest keys, smallest first; among equals the first. */
/** @param {Iterable<number>} items @param {number} count @param {(item: number) => number} keyOf */
function least(items, count, keyOf) {
  /** @type {{item: number, key: number}[]} */
  const found = [];
  for (const item of items) {
    const key = keyOf(item);
    if (found.length === count && key >= found[count - 1].key) continue;
    const at = found.findIndex((other) => key < other.key);
    found.splice(at < 0 ? found.length : at, 0, { item, key });
    if (found.length > count) found.pop();
  }
  return found.map(({ item }) => item);
}

/** @param {import("../samples.js").Samples} samples @param {Cluster} found */
function row(samples, { cluster, members, purity, most, typical, atypical }) {
  const button = make("button", { type: "button", class: "chip", title: "pick these samples" }, String(cluster));
  button.addEventListener("click", () => pick(members));
  const share = purity === null ? "" : `${Math.round(100 * purity)} % ${most}`;
  const cells = [button, String(members.length), share, thumbs(samples, typical), thumbs(samples, atypical)];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

/** @param {import("../samples.js").Samples} samples @param {number[]} chosen */
const thumbs = (samples, chosen) => make("div", { class: "thumbs" }, ...chosen.map((i) => tile(samples, i)));

/** @param {import("../samples.js").Samples} samples @param {number} i @param {number} j @param {number} gap */
const pair = (samples, i, j, gap) => make("div", { class: "pair" }, tile(samples, i), tile(samples, j), make("span", { class: "quiet" }, gap.toPrecision(3)));

/** @param {import("../samples.js").Samples} samples @param {number} i */
function tile(samples, i) {
  const name = samples.nameOf(i);
  const button = make("button", { type: "button", class: "tile", title: name, "aria-label": `choose ${name}` });
  if (samples.run.thumbs) {
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { "aria-hidden": "true" }));
    drawThumb(canvas, samples.run, i);
    button.append(canvas);
  } else button.textContent = `#${i}`;
  button.addEventListener("click", () => choose(i));
  return button;
}
