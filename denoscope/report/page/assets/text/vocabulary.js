/**
 * What tokens look like: bytes, and the text at each position of a text.
 */
import { bytes } from "../blocks.js";

const NO_TEXT = "\ufffd";
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @type {Map<string, Promise<Vocabulary>>} by block: runs are opened more than once */
const opened = new Map();

/** @param {import("../types.js").VocabularyData} data */
export function openVocabulary(data) {
  const found = opened.get(data.block) ?? bytes(data.block).then((content) => new Vocabulary(data, content));
  opened.set(data.block, found);
  found.catch(() => opened.delete(data.block)); // it may be there when asked for again
  return found;
}

/** The tokens that a run uses, by code: their place among them. */
export class Vocabulary {
  /** @param {import("../types.js").VocabularyData} data @param {Uint8Array<ArrayBuffer>} content */
  constructor({ count, width, dropSpace }, content) {
    this.numbers = new Uint32Array(content.buffer, 0, count);
    this.ends = new Uint32Array(content.buffer, 4 * count, count);
    this.content = content.subarray(8 * count);
    this.dropSpace = dropSpace;
    /** the code of a mask */
    this.mask = width === 2 ? 0xffff : 0xffffffff;
    /** @type {(string | null)[]} text of each token that was asked for; null where it holds part of a character */
    this.texts = [];
  }

  /** @param {number} code */
  bytesOf(code) {
    return this.content.subarray(code ? this.ends[code - 1] : 0, this.ends[code]);
  }

  /** A token's own text; null if it holds part of a character. @param {number} code */
  text(code) {
    return (this.texts[code] ??= decoded(this.bytesOf(code)));
  }

  /** A token by itself, for lists: its spaces can be seen, and so can bytes that are no character. @param {number} code */
  name(code) {
    const text = decoded(this.bytesOf(code));
    if (text !== null) return shown(text).replaceAll(" ", "␣").replaceAll("\n", "").replaceAll("\t", "⇥");
    return `⟨${[...this.bytesOf(code)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}⟩`;
  }

  /**
   * Text at each position, empty where masked. A character that is spread over several tokens stands whole at the one
   * that completes it; bytes that make no character, such as those before a mask, are shown as U+FFFD.
   * @param {ArrayLike<number>} codes
   */
  pieces(codes) {
    const found = Array.from(codes, (code) => (code === this.mask ? "" : this.text(code)));
    for (let start = 0; start < found.length; start++) {
      if (found[start] !== null) continue;
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      let end = start;
      for (; end < found.length && found[end] === null; end++) found[end] = decoder.decode(this.bytesOf(codes[end]), { stream: true });
      found[end - 1] += decoder.decode();
      start = end - 1;
    }
    const pieces = /** @type {string[]} */ (found);
    if (this.dropSpace && pieces.length) pieces[0] = pieces[0].replace(/^ /, "");
    return pieces;
  }
}

/** @param {Uint8Array} content @returns {string | null} */
function decoded(content) {
  try {
    return strict.decode(content);
  } catch {
    return null;
  }
}

/** A text as it is shown: lines end visibly, and so does what has no sign of its own. @param {string} text */
export const shown = (text) =>
  text
    .replaceAll("\n", "⏎\n")
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u2028\u2029]/g, NO_TEXT);
