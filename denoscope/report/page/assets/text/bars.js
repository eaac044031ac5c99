/**
 * A list of tokens with numbers as bars.
 */
import { make } from "../dom.js";

/**
 * @param {string} name of a token
 * @param {string} value in words
 * @param {number} share of the longest bar
 * @param {{label: string, go: () => void} | null} link to a token
 */
export function bar(name, value, share, link = null) {
  const line = make("i", { "aria-hidden": "true" });
  line.style.width = `${100 * Math.min(1, share)}%`;
  const piece = make(link ? "button" : "span", { class: "plain piece", ...(link ? { type: "button", title: `open ${link.label}` } : {}) }, name);
  if (link) piece.addEventListener("click", link.go);
  const label = link ? [make("span", { class: "quiet" }, link.label)] : [];
  return make("li", {}, piece, ...label, make("span", { class: "value" }, value), line);
}
