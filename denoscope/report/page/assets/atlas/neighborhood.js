/**
 * The neighbours of the chosen sample: the nearest, less those taken away, and those added by hand.
 *
 * @typedef {{sample: number, distance: string, manual: boolean}} Neighbor
 */
import { bytes } from "../blocks.js";
import { current } from "../store.js";
import { distanceAt, loadNeighbors, UNITS } from "./points.js";
import { manualOf, withoutOf } from "./selection.js";

/**
 * @param {import("../types.js").RunData} run
 * @param {import("../types.js").LayerMap} map
 * @param {import("./points.js").Points} points
 * @param {number} index position of the step
 * @param {import("./index.js").Index} places the points on the map at that step
 * @returns {Promise<Neighbor[]>}
 */
export async function neighborhood(run, map, points, index, places) {
  const { chosen, k, space } = current();
  if (chosen < 0 || chosen >= run.count) return [];
  const onMap = space === "map";
  const near = onMap ? nearOnMap(places, points.side, chosen, k) : await nearInActivations(run, map, index, chosen);
  const without = new Set(withoutOf(run.count));
  const manual = manualOf(run.count).filter((sample) => sample !== chosen);
  const nearest = near.slice(0, k).filter(({ sample }) => !without.has(sample) && !manual.includes(sample));
  const away = onMap ? mapDistance(places, points.side, chosen) : await activationDistance(map, index, chosen, near);
  return [
    ...manual.map((sample) => ({ sample, distance: away(sample), manual: true })),
    ...nearest.map(({ sample, distance }) => ({ sample, distance: text(distance), manual: false })),
  ];
}

/** @typedef {{sample: number, distance: number}[]} Near */

/** @param {import("./index.js").Index} places @param {number} side @param {number} chosen @param {number} k @returns {Near} */
const nearOnMap = (places, side, chosen, k) =>
  places.around(chosen, k).map(({ i, distance }) => ({ sample: i, distance: (distance / UNITS) * side }));

/** @param {import("../types.js").RunData} run @param {import("../types.js").LayerMap} map @param {number} index @param {number} chosen */
async function nearInActivations(run, map, index, chosen) {
  const near = await loadNeighbors(run, map, index);
  const first = chosen * near.k;
  return Array.from({ length: near.k }, (_, j) => ({ sample: near.indices[first + j], distance: distanceAt(near, first + j) }));
}

/** @param {import("./index.js").Index} places @param {number} side @param {number} chosen */
const mapDistance = ({ positions }, side, chosen) => (/** @type {number} */ sample) => {
  const gaps = [0, 1].map((axis) => positions[2 * sample + axis] - positions[2 * chosen + axis]);
  return text((Math.hypot(...gaps) / UNITS) * side);
};

/**
 * Distances to samples that are not among the listed neighbours come from rounded principal components.
 * @param {import("../types.js").LayerMap} map @param {number} index @param {number} chosen @param {Near} listed
 */
async function activationDistance(map, index, chosen, listed) {
  const features = map.features && new Int8Array((await bytes(map.features.blocks[index])).buffer);
  return (/** @type {number} */ sample) => {
    const known = listed.find((entry) => entry.sample === sample);
    if (known) return text(known.distance);
    if (!map.features || !features) return "farther than those listed";
    const { components, scales } = map.features;
    const [a, b] = [chosen, sample].map((i) => features.subarray(i * components, (i + 1) * components));
    if (map.metric === "cosine") return `≈ ${text(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))}`;
    return `≈ ${text(Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)) * scales[index])}`;
  };
}

/** @param {Int8Array} a @param {Int8Array} b */
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** @param {number} distance */
const text = (distance) => distance.toPrecision(3);
