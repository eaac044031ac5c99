/**
 * A sample's text where there is no room for its steps: what was given is told apart from what was written.
 */
import { make } from "../dom.js";

/** So many tokens are shown on either side of one. */
const AROUND = 8;
const GAP = /\[MASK(?:\*\d+)?\]/;

/**
 * @param {string} prompt with gaps as the configuration says it
 * @param {string} text
 * @returns {{given: boolean, text: string}[]}
 */
export function parts(prompt, text) {
  /** @type {{given: boolean, text: string}[]} */
  const found = [];
  let end = 0;
  for (const [at, given] of prompt.split(GAP).entries()) {
    const start = at ? text.indexOf(given, end) : 0;
    if (start < 0 || !text.startsWith(given, start)) return [{ given: false, text }];
    found.push({ given: false, text: text.slice(end, start) }, { given: true, text: given });
    end = start + given.length;
  }
  return [...found, { given: false, text: text.slice(end) }].filter((part) => part.text);
}

/** @param {import("../samples.js").Samples} samples @param {number} sample */
export function snippet(samples, sample) {
  const pieces = parts(samples.value("prompt", sample), samples.value("text", sample));
  return make("span", { class: "snippet" }, ...pieces.map(({ given, text }) => (given ? make("b", {}, text) : text)));
}

/** The text of a sample, or what stands around it if it is a token; nothing of pictures. */
/** @param {import("../samples.js").Samples} samples @param {number} i */
export function inWords(samples, i) {
  if (samples.run.texts) return [snippet(samples, i)];
  return samples.run.of ? [surroundings(samples, i, samples.run.of.length)] : [];
}

/** @param {import("../samples.js").Samples} samples @param {number} i @param {number} length of a text */
function surroundings(samples, i, length) {
  const start = i - (i % length);
  const [from, to] = [Math.max(start, i - AROUND), Math.min(start + length, i + AROUND + 1)];
  const piece = (/** @type {number} */ at) => samples.value("token", at).replaceAll("␣", " ").replaceAll("⏎", "\n");
  const pieces = (/** @type {number} */ a, /** @type {number} */ b) => Array.from({ length: b - a }, (_, at) => piece(a + at)).join("");
  const [before, after] = [pieces(from, i), pieces(i + 1, to)];
  return make("span", { class: "snippet" }, from > start ? `…${before}` : before, make("b", {}, piece(i)), to < start + length ? `${after}…` : after);
}
