/**
 * A contact sheet: a row a prompt, in it its samples with their seeds.
 */
import { make } from "./dom.js";

/**
 * @param {import("./samples.js").Samples} samples
 * @param {number[]} shown
 * @param {(samples: import("./samples.js").Samples, sample: number) => HTMLButtonElement} tile
 */
export function contactSheet(samples, shown, tile) {
  /** @type {Map<string, number[]>} */
  const rows = new Map();
  for (const sample of shown) {
    const prompt = samples.value("prompt", sample);
    rows.set(prompt, [...(rows.get(prompt) ?? []), sample]);
  }
  const seeds = seedsOf(samples);
  return [...rows].map(([prompt, members]) => {
    const tiles = members.map((sample) => {
      const seed = make("span", {}, `sample ${sample}`);
      seeds.then((seedOf) => seed.replaceChildren(`seed ${seedOf(sample)}`));
      const button = tile(samples, sample);
      button.append(seed);
      return button;
    });
    return make("section", { class: "contact", "aria-label": prompt || "no prompt" }, make("h3", {}, prompt || "no prompt"), make("div", {}, ...tiles));
  });
}

/** Few seeds are categories. @param {import("./samples.js").Samples} samples @returns {Promise<(sample: number) => number | string>} */
async function seedsOf(samples) {
  if (samples.codes.has("seed")) return (sample) => samples.value("seed", sample);
  const found = await samples.numbers("seed");
  return (sample) => found[sample];
}
