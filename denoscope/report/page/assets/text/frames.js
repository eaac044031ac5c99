/**
 * All steps of a text as small texts; those that are in sight are written.
 */
import * as clock from "../clock.js";
import { make } from "../dom.js";
import { changeAt } from "./changes.js";

const MOST_TOKENS = 400;

export class Frames {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    /** @type {import("./text.js").Text | null} */
    this.text = null;
    this.watch = new IntersectionObserver((entries) => entries.forEach((entry) => this.#fill(entry)), { rootMargin: "400px" });
  }

  /** @param {import("./text.js").Text | null} text none closes them */
  open(text) {
    if (text === this.text) return;
    this.text = text;
    this.watch.disconnect();
    const frames = Array.from({ length: text?.steps ?? 0 }, (_, step) => frame(/** @type {import("./text.js").Text} */ (text), step));
    this.holder.replaceChildren(...frames);
    for (const found of frames) this.watch.observe(found);
    this.holder.hidden = !text;
  }

  /** @param {number} step */
  mark(step) {
    this.holder.querySelector("[data-current]")?.removeAttribute("data-current");
    this.holder.children[step]?.setAttribute("data-current", "");
  }

  /** @param {IntersectionObserverEntry} entry */
  #fill({ target, isIntersecting }) {
    const { text } = this;
    const step = [...this.holder.children].indexOf(target);
    const [page] = target.children;
    if (!text || step < 0 || isIntersecting === Boolean(page.childNodes.length)) return;
    page.replaceChildren(...(isIntersecting ? written(text, step) : []));
  }
}

/** @param {import("./text.js").Text} text @param {number} step */
function frame(text, step) {
  const share = `${Math.round((100 * text.maskedAt(step)) / Math.max(1, text.free))} %`;
  const name = `go to step ${step}, ${share} ${text.data.autoregressive ? "not yet written" : "masked"}${text.cached[step] ? ", cached" : ""}`;
  const label = make("span", {}, `${step}`, make("i", {}, text.cached[step] ? "cached" : ""), share);
  const button = make("button", { type: "button", class: "frame", "aria-label": name }, make("div", { "aria-hidden": "true" }), label);
  button.addEventListener("click", () => clock.go(step));
  return button;
}

/** A text in little: neighbours of one state are one piece. @param {import("./text.js").Text} text @param {number} step */
function written(text, step) {
  const pieces = text.pieces(step);
  /** @type {HTMLElement[]} */
  const found = [];
  for (let position = 0; position < Math.min(text.length, MOST_TOKENS); position++) {
    const change = changeAt(text, position, step);
    const piece = text.masked(position, step) ? (text.data.autoregressive ? "" : "▁▁ ") : pieces[position];
    const last = found.at(-1);
    if (last?.className === change) last.append(piece);
    else found.push(make("span", { class: change }, piece));
  }
  return found;
}
