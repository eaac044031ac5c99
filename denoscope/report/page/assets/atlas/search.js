/**
 * Which samples a search means: all its words must be found in a sample's labels, prompts or texts.
 * `#12` is sample 12, `column:word` looks in one column.
 */

/**
 * @param {string} text
 * @param {import("../samples.js").Samples} samples
 * @returns {Uint8Array | null} 1 for every sample that is meant; null where all are
 */
export function search(text, samples) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const found = new Uint8Array(samples.count).fill(1);
  for (const word of words) {
    const one = meant(word, samples);
    for (let i = 0; i < found.length; i++) found[i] &= one[i];
  }
  return found;
}

/** @param {string} word @param {import("../samples.js").Samples} samples */
function meant(word, samples) {
  const found = new Uint8Array(samples.count);
  if (/^#\d+$/.test(word)) {
    found[Number(word.slice(1))] = 1;
    return found;
  }
  const [column, rest] = word.includes(":") ? [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)] : ["", word];
  const named = samples.categories.filter(({ name }) => name.toLowerCase() === column);
  const sought = named.length ? rest : word;
  for (const { name, values } of named.length ? named : samples.categories) {
    const hit = values.map((value) => value.toLowerCase().includes(sought));
    const codes = samples.codes.get(name);
    if (codes) for (let i = 0; i < found.length; i++) if (hit[codes[i]]) found[i] = 1;
  }
  return found;
}
