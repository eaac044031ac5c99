/**
 * The player of texts: one, or two on the same clock, with what is known of a token.
 */
import * as clock from "../clock.js";
import { byId, control } from "../dom.js";
import { numbers } from "../blocks.js";
import { drawScalars, scalarsOf } from "../player/scalars.js";
import { current, set } from "../store.js";
import { marks, mountLayers } from "./attention.js";
import { mountCompare, showCompare, stepBeside } from "./compare.js";
import { mountDetails, redrawDetails, showDetails } from "./details.js";
import { Frames } from "./frames.js";
import { scaleOf } from "./heat.js";
import { showLegend } from "./legend.js";
import { Pane } from "./pane.js";
import { openText } from "./opening.js";

export class TextStage {
  /** @param {import("../types.js").RunData[]} runs @param {() => import("../types.js").RunData} run @param {() => number} sample */
  constructor(runs, run, sample) {
    this.runs = runs;
    this.run = run;
    this.sample = sample;
    this.panes = [0, 1].map((side) => new Pane(side, (pane, position) => this.#choose(pane, position)));
    this.frames = new Frames(byId("text-frames"));
    this.scalars = new Float32Array();
    const heat = control("text-heat", HTMLSelectElement);
    heat.addEventListener("change", () => set({ heat: heat.value }));
    mountCompare(runs);
    mountLayers();
    mountDetails(() => this.#leave());
    clock.onTick(() => this.#tick());
    addEventListener("keydown", (event) => this.#key(event));
  }

  /** The runs that are shown. */
  get #shown() {
    return this.panes.flatMap(({ text }) => (text ? [text.run] : []));
  }

  /** Whether the panes hold what is asked for: a text may still be on its way. */
  get #ready() {
    const { beside, sample2 } = current();
    const [first, second] = this.panes.map(({ text }) => text);
    const there = first?.run === this.run() && first.sample === this.sample();
    return there && (beside < 0 ? !second : second?.run === this.runs[beside] && second.sample === sample2);
  }

  close() {
    if (!this.panes[0].text) return;
    for (const pane of this.panes) pane.close();
    this.frames.open(null);
  }

  /** The other run's steps may lie between those of the first. */
  #tick() {
    const [first, second] = this.panes.map(({ text }) => text);
    if (this.#ready && first && second && stepBeside(second.steps, first.steps) !== this.panes[1].step) this.#draw();
  }

  /** @param {Set<string>} changed parts of the state */
  async show(changed) {
    const { heat, frames } = current();
    showCompare(this.runs);
    if (["run", "sample", "view", "beside", "sample2"].some((part) => changed.has(part))) await this.#load();
    if (!this.#ready) return;
    if (["run", "beside", "heat", "view"].some((part) => changed.has(part))) showLegend(heat, this.#shown);
    this.frames.open(frames ? this.panes[0].text : null);
    this.#draw();
  }

  redraw() {
    const { token, side } = current();
    const { text, step } = this.panes[side];
    if (!this.#ready) return;
    if (token >= 0) redrawDetails(text, token, step);
    this.#drawCharts();
  }

  async #load() {
    const { beside, sample2 } = current();
    const other = this.runs[beside];
    const wanted = [this.run(), this.sample(), other, sample2];
    const found = await Promise.all([openText(this.run(), this.sample()), other && openText(other, sample2)]);
    const scalars = await numbers(Float32Array, this.run().scalars.block);
    const now = [this.run(), this.sample(), this.runs[current().beside], current().sample2];
    if (now.some((part, at) => part !== wanted[at]) || current().view !== "player") return; // another was chosen meanwhile
    this.scalars = scalars;
    for (const [side, text] of found.entries()) {
      if (text) this.panes[side].open(text);
      else this.panes[side].close();
    }
    byId("text-panes").toggleAttribute("data-two", Boolean(found[1]));
  }

  #draw() {
    const { token, side } = current();
    for (const pane of this.panes) if (pane.text) this.#drawPane(pane.side);
    const { text, step } = this.panes[side];
    showDetails(token >= 0 ? text : null, token, step, (position) => {
      this.#choose(side, position);
      this.panes[side].tokens.focus();
    });
    this.frames.mark(current().step);
    this.#drawCharts();
  }

  /** @param {number} number */
  #drawPane(number) {
    const { step, token, side, heat } = current();
    const pane = this.panes[number];
    const first = this.panes[0].text;
    if (!pane.text || !first) return;
    const at = number ? stepBeside(pane.text.steps, first.steps) : step;
    const chosen = side === number ? token : -1;
    const looks = chosen >= 0 ? marks(pane.text, chosen, at) : null;
    pane.draw(at, scaleOf(heat, this.#shown), looks, chosen);
  }

  #drawCharts() {
    const { text } = this.panes[0];
    if (text) drawScalars(byId("text-charts"), scalarsOf(text.run, this.scalars, text.sample), current().step);
  }

  /** @param {number} side @param {number} position */
  #choose(side, position) {
    set({ token: position, side });
  }

  /** Close the details; who was in them goes back to the token. */
  #leave() {
    const { side } = current();
    set({ token: -1, side: 0 });
    if (byId("text-details").contains(document.activeElement) || document.activeElement === document.body) this.panes[side].tokens.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || current().token < 0 || !this.panes[0].text) return;
    if (/** @type {HTMLElement} */ (event.target).matches("input, select, textarea")) return;
    this.#leave();
  }
}
