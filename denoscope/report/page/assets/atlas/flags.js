/**
 * Which samples are greyed (0), shown (1) or picked (2).
 */
import { current } from "../store.js";
import { search } from "./search.js";
import { pickedOf } from "./selection.js";

/**
 * @param {import("../samples.js").Samples} samples
 * @param {import("./colouring.js").Colouring} colours
 * @param {Set<string>} names of values that are greyed: another run may count its values otherwise
 */
export function flagsOf(samples, { values, entries }, names) {
  const flags = search(current().find, samples) ?? new Uint8Array(samples.count).fill(1);
  const hidden = new Set(entries.filter(({ name }) => names.has(name)).map(({ value }) => value));
  if (values && hidden.size) for (let i = 0; i < flags.length; i++) if (hidden.has(values[i])) flags[i] = 0;
  for (const sample of pickedOf(samples.count)) if (flags[sample]) flags[sample] = 2;
  return flags;
}

/** Names of the greyed values of the first map. @param {import("./colouring.js").Colouring} colours */
export function hiddenNames({ entries }) {
  const hidden = hiddenValues();
  return new Set(entries.filter(({ value }) => hidden.has(value)).map(({ name }) => name));
}

/** Values of the coloured column that are greyed. */
export const hiddenValues = () => new Set(current().hidden.split(",").filter(Boolean).map(Number));
