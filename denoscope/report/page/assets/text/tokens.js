/**
 * A text as a row of tokens. Only tokens that change are touched: a text may have a thousand.
 *
 * @typedef {{colour: string, ink: string}} Shade
 * @typedef {{choose: (position: number) => void, point: (position: number) => void}} Actions
 *   A token is chosen by a click or Enter, and pointed at by the pointer or the keyboard's cursor (-1: at none).
 */
import { make } from "../dom.js";
import { changeAt } from "./changes.js";
import { shown } from "./vocabulary.js";

/** What stands for a masked token, and for one that is not yet written. */
export const HIDDEN = "[?]";
export const UNWRITTEN = "·";

export class Tokens {
  /** @param {HTMLElement} list @param {Actions} actions */
  constructor(list, actions) {
    this.list = list;
    this.actions = actions;
    /** @type {import("./text.js").Text | null} */
    this.text = null;
    /** @type {HTMLElement[]} */
    this.spans = [];
    /** @type {string[]} what each token shows */
    this.drawn = [];
    this.cursor = 0;
    this.chosen = -1;
    this.#listen();
  }

  /** @param {import("./text.js").Text | null} text */
  open(text) {
    const inside = this.list.contains(document.activeElement);
    this.text = text;
    this.spans = Array.from({ length: text?.length ?? 0 }, (_, at) => make("span", { role: "option", tabindex: "-1", "data-at": String(at) }));
    this.drawn = this.spans.map(() => "");
    this.chosen = -1;
    this.list.replaceChildren(...this.spans);
    this.#moveTo(Math.min(this.cursor, Math.max(0, this.spans.length - 1)));
    if (inside) this.focus();
  }

  /**
   * Show a step.
   * @param {number} step
   * @param {(position: number) => Shade | null} shadeOf colour of a token, none for that of its state
   * @param {(position: number) => number} lookOf from 0 to 1, how much a token is marked as attended to
   */
  draw(step, shadeOf, lookOf) {
    const { text } = this;
    if (!text) return;
    const hidden = text.data.autoregressive ? UNWRITTEN : HIDDEN;
    const pieces = text.pieces(step);
    for (const [position, span] of this.spans.entries()) {
      const piece = text.masked(position, step) ? hidden : shown(pieces[position]);
      const change = changeAt(text, position, step);
      const shade = shadeOf(position);
      const look = lookOf(position).toFixed(2);
      const now = `${change} ${look} ${shade?.colour} ${piece}`;
      if (now === this.drawn[position]) continue;
      this.drawn[position] = now;
      if (span.textContent !== piece) span.textContent = piece;
      span.className = `token ${change}`;
      span.style.backgroundColor = shade?.colour ?? "";
      span.style.color = shade?.ink ?? "";
      span.toggleAttribute("data-look", Number(look) > 0);
      span.style.setProperty("--look", look);
    }
  }

  /** Mark a token as chosen. @param {number} position -1 for none */
  choose(position) {
    if (position === this.chosen) return;
    this.spans[this.chosen]?.removeAttribute("aria-selected");
    this.spans[position]?.setAttribute("aria-selected", "true");
    this.chosen = position;
    if (position >= 0) this.#moveTo(position);
  }

  focus() {
    this.spans[this.cursor]?.focus();
  }

  /** Tab reaches one token; from there keys move. @param {number} position */
  #moveTo(position) {
    this.spans[this.cursor]?.setAttribute("tabindex", "-1");
    this.cursor = position;
    this.spans[position]?.setAttribute("tabindex", "0");
  }

  #listen() {
    const at = (/** @type {Event} */ event) => {
      const span = /** @type {HTMLElement} */ (event.target).closest("[data-at]");
      return span ? Number(/** @type {HTMLElement} */ (span).dataset.at) : -1;
    };
    this.list.addEventListener("click", (event) => at(event) >= 0 && this.actions.choose(at(event)));
    this.list.addEventListener("pointerover", (event) => this.actions.point(at(event)));
    this.list.addEventListener("pointerleave", () => this.actions.point(-1));
    this.list.addEventListener("focusin", (event) => {
      if (at(event) >= 0) this.#moveTo(at(event));
      this.actions.point(at(event));
    });
    this.list.addEventListener("focusout", () => this.actions.point(-1));
    this.list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Arrows alone move the clock: with Shift they walk over the tokens. @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => number>} */
    const moves = {
      ArrowLeft: () => this.cursor - 1,
      ArrowRight: () => this.cursor + 1,
      ArrowUp: () => this.#inLine(-1),
      ArrowDown: () => this.#inLine(1),
      Home: () => 0,
      End: () => this.spans.length - 1,
    };
    const move = event.shiftKey ? moves[event.key] : undefined;
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    if (!move) return this.actions.choose(this.cursor);
    this.#moveTo(Math.min(this.spans.length - 1, Math.max(0, move())));
    this.focus();
    if (this.chosen >= 0) this.actions.choose(this.cursor);
  }

  /** The token nearest above or below the cursor. @param {number} direction */
  #inLine(direction) {
    const places = this.spans.map((span) => ({ x: span.offsetLeft + span.offsetWidth / 2, y: span.offsetTop }));
    const here = places[this.cursor];
    const beyond = places.map(({ y }) => (y - here.y) * direction).filter((gap) => gap > 4);
    if (!beyond.length) return this.cursor;
    const line = here.y + direction * Math.min(...beyond);
    const inIt = [...places.entries()].filter(([, { y }]) => Math.abs(y - line) < 4);
    return inIt.reduce((best, next) => (Math.abs(next[1].x - here.x) < Math.abs(best[1].x - here.x) ? next : best))[0];
  }
}
