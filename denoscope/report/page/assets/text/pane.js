/**
 * One text at one step, with how far it is.
 */
import { byId } from "../dom.js";
import { where } from "../words.js";
import { changeAt, word } from "./changes.js";
import { measured, shades } from "./heat.js";
import { Tokens } from "./tokens.js";

/** @typedef {import("./attention.js").Looks} Looks */
/** @typedef {import("./text.js").Text} Text */

export class Pane {
  /** @param {number} side @param {(side: number, position: number) => void} choose */
  constructor(side, choose) {
    this.side = side;
    /** @type {Text | null} */
    this.text = null;
    this.step = 0;
    /** the token that is told of, -1 for none */
    this.told = -1;
    this.tokens = new Tokens(byId(`text-${side}-tokens`), {
      choose: (position) => choose(side, position),
      point: (position) => this.#tell(position),
    });
  }

  /** @param {string} part */
  #part(part) {
    return byId(`text-${this.side}-${part}`);
  }

  close() {
    this.text = null;
    this.tokens.open(null);
    byId(`text-${this.side}`).hidden = true;
  }

  /**
   * Show a sample's text, its steps yet to be drawn.
   * @param {Text} text
   */
  open(text) {
    this.text = text;
    byId(`text-${this.side}`).hidden = false;
    this.#part("name").textContent = `${text.run.name}, sample ${text.sample}`;
    this.#part("tokens").setAttribute("aria-label", `tokens of ${text.run.name}, sample ${text.sample}; Shift and arrows walk, Enter opens`);
    this.tokens.open(text);
    this.#tell(-1);
  }

  /**
   * @param {number} step
   * @param {import("./heat.js").Scale | null} scale
   * @param {Looks | null} looks
   * @param {number} chosen -1 for none
   */
  draw(step, scale, looks, chosen) {
    const { text } = this;
    if (!text) return;
    this.step = step;
    this.tokens.list.toggleAttribute("data-heat", Boolean(scale));
    this.tokens.draw(step, shades(text, scale, step), (position) => looks?.get(position) ?? 0);
    this.tokens.choose(chosen);
    const masked = text.maskedAt(step);
    const share = masked / Math.max(1, text.free);
    this.#part("where").textContent = where(text.run, step);
    this.#part("cached").hidden = !text.cached[step];
    this.#part("masked").textContent = `${Math.round(100 * share)} % ${text.data.autoregressive ? "not yet written" : "masked"} (${masked} of ${text.free})`;
    /** @type {HTMLProgressElement} */ (this.#part("progress")).value = 1 - share;
    if (this.told >= 0) this.#tell(this.told);
  }

  /** What is under the pointer, in words. @param {number} position -1 for nothing */
  #tell(position) {
    const { text, step } = this;
    const words = text && position >= 0 ? told(text, position, step) : "";
    this.tokens.spans[this.told]?.removeAttribute("aria-label");
    if (words) this.tokens.spans[position].setAttribute("aria-label", words);
    this.#part("told").textContent = words || `${text?.length ?? 0} tokens`;
    this.told = position;
  }
}

/** @param {Text} text @param {number} position @param {number} step */
function told(text, position, step) {
  const piece = text.masked(position, step) ? "" : ` ${text.vocabulary.name(text.code(position, step))}`;
  const scores = [...text.scores.keys()].map((name) => ({ name, value: text.score(name, position, step) }));
  const measures = scores.map(({ name, value }) => (value === null ? "" : `, ${name} ${measured(name, value)}`));
  return `token ${position}${piece}: ${word(changeAt(text, position, step), text.data.autoregressive)}${measures.join("")}`;
}
