/**
 * What is known of the chosen token.
 */
import * as clock from "../clock.js";
import { byId, control, make } from "../dom.js";
import { drawLine } from "../player/line.js";
import { percent } from "../words.js";
import { listLooks } from "./attention.js";
import { bar } from "./bars.js";
import { changeAt, historyOf, word } from "./changes.js";
import { measured, nameOf } from "./heat.js";
import { HIDDEN, UNWRITTEN } from "./tokens.js";

const MOST_EVENTS = 12;

/** @typedef {import("./text.js").Text} Text */

/**
 * @param {Text | null} text none hides them
 * @param {number} position @param {number} step
 * @param {(position: number) => void} choose
 */
export function showDetails(text, position, step, choose) {
  byId("text-details").hidden = !text;
  byId("text-hint").hidden = Boolean(text);
  if (!text) return;
  const hidden = text.masked(position, step);
  const sign = text.data.autoregressive ? UNWRITTEN : HIDDEN;
  byId("text-piece").textContent = hidden ? sign : text.vocabulary.name(text.code(position, step));
  const id = hidden ? (text.data.autoregressive ? "none yet" : String(text.data.mask)) : String(text.vocabulary.numbers[text.code(position, step)]);
  const rows = [["position", String(position)], ["id", id], ["state", word(changeAt(text, position, step), text.data.autoregressive)]];
  byId("text-facts").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  listHistory(text, position, step);
  drawScore(text, position, step);
  listGuesses(text, position, step);
  listReadings(text, position, step);
  listLooks(text, position, step, choose);
}

/** @param {Text} text @param {number} position @param {number} step */
function listHistory(text, position, step) {
  const events = historyOf(text, position);
  const { symbol, times } = text.run;
  const rows = events.slice(0, MOST_EVENTS).map(({ step: at, change, piece }) => {
    const says = `${word(change, text.data.autoregressive)} at step ${at} (${symbol} = ${Number(times[at].toPrecision(3))})`;
    const button = make("button", { type: "button", class: "plain", ...(at === step ? { "aria-current": "step" } : {}) }, says);
    button.addEventListener("click", () => clock.go(at));
    return make("li", {}, button, ...(piece ? [make("span", { class: "piece" }, piece)] : []));
  });
  const more = events.length > MOST_EVENTS ? [make("li", { class: "quiet" }, `and ${events.length - MOST_EVENTS} more`)] : [];
  const none = text.prompt[position] ? "given from the start" : "never written";
  byId("text-history").replaceChildren(...(events.length ? [...rows, ...more] : [make("li", { class: "quiet" }, none)]));
}

/** Each score over the steps. @param {Text} text @param {number} position @param {number} step */
function drawScore(text, position, step) {
  const holder = byId("text-scores");
  const names = [...text.scores.keys()];
  if (holder.children.length !== names.length) {
    holder.replaceChildren(...names.map(() => make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" }))));
  }
  for (const [at, name] of names.entries()) {
    const values = Array.from({ length: text.steps }, (_, when) => text.score(name, position, when) ?? NaN);
    const [caption, canvas] = holder.children[at].children;
    drawLine(/** @type {HTMLCanvasElement} */ (canvas), values, step);
    const value = Number.isFinite(values[step]) ? measured(name, values[step]) : "none at this step";
    caption.replaceChildren(`${nameOf(name)}: `, make("b", {}, value));
    canvas.setAttribute("aria-label", `${nameOf(name)} over the steps; at this step ${value}`);
  }
}

/** @param {Text} text @param {number} position @param {number} step */
function listGuesses(text, position, step) {
  byId("text-guesses").hidden = !text.data.alternatives;
  const guesses = text.guesses(position, step);
  const held = text.data.alternatives?.tokens.samples ?? 0;
  const none = text.alternatives ? "No prediction at this step." : `The page holds the alternatives of the first ${held} samples only.`;
  byId("text-guesses-note").textContent = guesses ? "" : none;
  const now = text.code(position, step);
  byId("text-guesses-list").replaceChildren(
    ...(guesses ?? []).map(({ code, probability }) => {
      const row = bar(text.vocabulary.name(code), percent(probability), probability);
      row.toggleAttribute("data-now", code === now);
      return row;
    }),
  );
}

/** What the model's head reads from each layer, the first layer first. @param {Text} text @param {number} position @param {number} step */
function listReadings(text, position, step) {
  const readings = text.readings(position, step);
  byId("text-lens").hidden = !readings.length;
  const now = text.code(position, step);
  byId("text-lens-list").replaceChildren(
    ...readings.map(({ layer, code }) => {
      const piece = make("span", { class: "piece", ...(code === now ? { "data-now": "" } : {}) }, text.vocabulary.name(code));
      return make("li", {}, make("span", { class: "code" }, layer), piece);
    }),
  );
}

/** Draw the lines again, as after a change of size. @param {Text | null} text @param {number} position @param {number} step */
export const redrawDetails = (text, position, step) => text && drawScore(text, position, step);

/** @param {() => void} close */
export const mountDetails = (close) => control("text-close", HTMLButtonElement).addEventListener("click", close);
