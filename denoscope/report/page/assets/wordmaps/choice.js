/**
 * Which words are shown, and in which colours.
 */
import { current } from "../store.js";
import { parsed } from "../colours.js";

/** Okabe and Ito's colours, which colour-blind readers tell apart, the brightest first: they lie on pictures. */
const COLOURS = ["#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#0072b2", "#e8e8e8"];
const GROUPS = ["<all>", "<special>", "<padding>"];
const NONE = "none";
const FIRST = 3;

/** @param {number} word */
export const colourOf = (word) => COLOURS[word % COLOURS.length];

/** @param {number} word */
export const channelsOf = (word) => parsed(colourOf(word));

/** The chosen of a sample's words; at the start the first few, without groups of tokens. @param {string[]} words */
export function chosenOf(words) {
  const { words: chosen } = current();
  if (chosen === NONE) return [];
  const listed = chosen.split(".").map(Number).filter((word) => chosen && word < words.length);
  const first = [...words.keys()].filter((word) => !GROUPS.includes(words[word])).slice(0, FIRST);
  return listed.length ? listed : first.length ? first : words.length ? [0] : [];
}

/** What the address says of chosen words. @param {number[]} chosen */
export const told = (chosen) => (chosen.length ? chosen.toSorted((a, b) => a - b).join(".") : NONE);
