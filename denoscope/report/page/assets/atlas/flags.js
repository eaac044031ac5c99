/**
 * Which samples are greyed (0), shown (1) or picked (2).
 */
import { current } from "../store.js";
import { search } from "./search.js";
import { pickedOf } from "./selection.js";

/**
 * @param {import("../samples.js").Samples} samples
 * @param {import("./colouring.js").Colouring} colours
 */
export function flagsOf(samples, { values }) {
  const flags = search(current().find, samples) ?? new Uint8Array(samples.count).fill(1);
  const hidden = hiddenValues();
  if (values && hidden.size) for (let i = 0; i < flags.length; i++) if (hidden.has(values[i])) flags[i] = 0;
  for (const sample of pickedOf(samples.count)) if (flags[sample]) flags[sample] = 2;
  return flags;
}

/** Values of the coloured column that are greyed. */
export const hiddenValues = () => new Set(current().hidden.split(",").filter(Boolean).map(Number));
