/**
 * Takes a sample's text from the page's blocks.
 */
import { row } from "../blocks.js";
import { Text } from "./text.js";
import { openVocabulary } from "./vocabulary.js";

/** @typedef {{new (buffer: ArrayBuffer, offset: number, length: number): import("./text.js").Codes, BYTES_PER_ELEMENT: number}} CodeArray */
/** @typedef {import("./text.js").Places} Places */

/** @param {import("../types.js").RunData} run @param {number} sample */
export async function openText(run, sample) {
  const data = run.texts;
  if (!data) throw new Error(`${run.name} is no run of texts`);
  const wide = /** @type {CodeArray} */ (data.vocabulary.width === 2 ? Uint16Array : Uint32Array);
  const places = (/** @type {number[]} */ steps) => placesOf(steps, run.times.length);
  const [vocabulary, codes, cached, scores, alternatives, lens, attention] = await Promise.all([
    openVocabulary(data.vocabulary),
    row(wide, data.tokens, sample),
    row(Uint8Array, data.cached, sample),
    Promise.all(data.scores.map((score) => openScores(score, places, sample))),
    openAlternatives(data.alternatives, wide, places, sample),
    Promise.all(data.lens.map((layer) => openLens(layer, wide, places, sample))),
    openAttention(data.attention, places, sample),
  ]);
  if (!codes || !cached) throw new Error(`the page does not hold the steps of sample ${sample}`);
  const named = new Map(there(scores).map((found) => [found.data.name, found]));
  return new Text(run, data, sample, { vocabulary, codes, cached, scores: named, alternatives, lens: there(lens), attention });
}

/** @typedef {(steps: number[]) => Places} PlacesOf */

/** @param {number[]} steps @param {number} count @returns {Places} */
function placesOf(steps, count) {
  const places = new Int32Array(count).fill(-1);
  for (const [at, step] of steps.entries()) places[step] = at;
  return places;
}

/** @template T @param {(T | null)[]} found @returns {T[]} */
const there = (found) => found.flatMap((one) => one ?? []);

/** @param {import("../types.js").TokenScores} data @param {PlacesOf} places @param {number} sample */
async function openScores(data, places, sample) {
  const values = await row(Uint8Array, data.rows, sample);
  return values && { data, places: places(data.steps), values };
}

/** @param {import("../types.js").AlternativesData | null} data @param {CodeArray} wide @param {PlacesOf} places @param {number} sample */
async function openAlternatives(data, wide, places, sample) {
  const [codes, roots] = data ? await Promise.all([row(wide, data.tokens, sample), row(Uint8Array, data.roots, sample)]) : [];
  return data && codes && roots ? { data, places: places(data.steps), codes, roots } : null;
}

/** @param {import("../types.js").LensData} data @param {CodeArray} wide @param {PlacesOf} places @param {number} sample */
async function openLens(data, wide, places, sample) {
  const codes = await row(wide, data.tokens, sample);
  return codes && { data, places: places(data.steps), codes };
}

/** @param {import("../types.js").TokenAttention | null} data @param {PlacesOf} places @param {number} sample */
async function openAttention(data, places, sample) {
  const [largest, shares] = data ? await Promise.all([row(Uint16Array, data.largest, sample), row(Uint8Array, data.shares, sample)]) : [];
  return data && largest && shares ? { data, places: places(data.steps), largest, shares } : null;
}
