/**
 * What happened to a token from one step to the next.
 *
 * @typedef {"masked" | "kept" | "revealed" | "remasked" | "changed" | "prompt"} Change
 *   `kept` as before, in the first state: given; `changed` to another token; `prompt` given from the start, as before.
 * @typedef {{step: number, change: Change, piece: string}} Event
 */

/** How each is called, where a model fills masks and where it writes on. @type {Record<Change, [string, string]>} */
const WORDS = {
  prompt: ["prompt", "prompt"],
  masked: ["masked", "not yet written"],
  revealed: ["revealed", "written"],
  kept: ["kept", "kept"],
  changed: ["changed", "changed"],
  remasked: ["masked again", "taken back"],
};

/** @param {Change} change @param {boolean} autoregressive */
export const word = (change, autoregressive) => WORDS[change][Number(autoregressive)];

/** Changes that a legend explains. @type {Change[]} */
export const TOLD = ["prompt", "masked", "revealed", "changed", "remasked"];

/**
 * @param {import("./text.js").Text} text
 * @param {number} position
 * @param {number} step
 * @returns {Change}
 */
export function changeAt(text, position, step) {
  const before = text.code(position, Math.max(0, step - 1));
  const now = text.code(position, step);
  const { mask } = text.vocabulary;
  if (now === mask) return before === mask ? "masked" : "remasked";
  if (before === mask) return "revealed";
  if (before !== now) return "changed";
  return text.prompt[position] ? "prompt" : "kept";
}

/** When a token was revealed, changed and masked again. @param {import("./text.js").Text} text @param {number} position */
export function historyOf(text, position) {
  /** @type {Event[]} */
  const found = [];
  for (let step = 1; step < text.steps; step++) {
    const change = changeAt(text, position, step);
    if (change === "masked" || change === "kept" || change === "prompt") continue;
    found.push({ step, change, piece: change === "remasked" ? "" : text.vocabulary.name(text.code(position, step)) });
  }
  return found;
}
