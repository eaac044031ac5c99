/**
 * A sample's text where there is no room for its steps: what was given is told apart from what was written.
 */
import { make } from "../dom.js";

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
