/**
 * The prompt: its words are buttons in their colours.
 */
import { byId, make } from "../dom.js";
import { set } from "../store.js";
import { chosenOf, colourOf, told } from "./choice.js";

/** Write a prompt; words that have no place in it stand behind it. @param {import("../types.js").PromptData} prompt */
export function writePrompt({ words, pieces }) {
  const placed = new Set(pieces.map(([, word]) => word));
  const all = [...words.keys()].filter((word) => words[word]);
  const apart = all.filter((word) => !placed.has(word));
  const named = words.filter(Boolean);
  byId("words-prompt").replaceChildren(
    ...pieces.map(([text, word]) => (word < 0 ? make("span", {}, text) : wordButton(text, word, named))),
    ...(apart.length ? [make("span", {}, " ")] : []),
    ...apart.map((word) => wordButton(words[word], word, named)),
    ...(all.length ? [setter("all", all), setter("none", [])] : []),
  );
}

/** Mark the chosen words. @param {number[]} chosen */
export function markPrompt(chosen) {
  for (const button of byId("words-prompt").querySelectorAll(".word")) {
    button.setAttribute("aria-pressed", String(chosen.includes(Number(/** @type {HTMLElement} */ (button).dataset.word))));
  }
}

/** @param {string} text @param {number} word @param {string[]} words of the prompt */
function wordButton(text, word, words) {
  const button = make("button", { type: "button", class: "word", "data-word": String(word), title: "a double click shows it alone" }, text);
  button.style.setProperty("--word", colourOf(word));
  button.addEventListener("click", () => set({ words: told(toggled(chosenOf(words), word)) }));
  button.addEventListener("dblclick", () => set({ words: told([word]) }));
  return button;
}

/** @param {string} name @param {number[]} words */
function setter(name, words) {
  const button = make("button", { type: "button", class: "plain quiet" }, name);
  button.setAttribute("aria-label", `show ${name} of the words`);
  button.addEventListener("click", () => set({ words: told(words) }));
  return button;
}

/** @param {number[]} chosen @param {number} word */
const toggled = (chosen, word) => (chosen.includes(word) ? chosen.filter((other) => other !== word) : [...chosen, word]);
