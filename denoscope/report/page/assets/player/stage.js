/**
 * The player of pictures: state, prediction and attention of one sample at a step, and all its steps as a film.
 */
import { byId, control, make, pen } from "../dom.js";
import { numbers } from "../blocks.js";
import { drawCell, picture, stripCell } from "../pictures.js";
import { viridis } from "../colours.js";
import { current } from "../store.js";
import * as clock from "../clock.js";
import { WordPanel } from "../wordmaps/panel.js";
import { closeFrames, showFrames } from "./frames.js";
import { drawScalars, scalarsOf } from "./scalars.js";

/** @typedef {{image: ImageBitmap, strips: import("../types.js").Strips}} Strip a sample's steps, decoded */
/** @typedef {{state: Strip, x0: Strip, attention: Uint8Array[], scalars: Float32Array}} Shown `attention` is of all samples, a layer each */

export class PictureStage {
  /** @param {() => import("../types.js").RunData} run @param {() => number} sample */
  constructor(run, sample) {
    this.run = run;
    this.sample = sample;
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {import("../types.js").RunData | null} whose layers can be chosen */
    this.listed = null;
    this.layers = control("player-attention", HTMLSelectElement);
    this.layers.addEventListener("change", () => this.shown && this.#drawAttention(this.shown));
    this.words = new WordPanel(run, sample);
  }

  close() {
    this.shown = null;
    closeFrames();
    this.words.close();
  }

  /** @param {Set<string>} changed parts of the state */
  async show(changed) {
    byId("player-film").toggleAttribute("data-grid", Boolean(current().frames));
    showFrames(this.run());
    this.words.show(changed);
    if (["run", "sample", "view"].some((part) => changed.has(part))) await this.#load();
    else if (changed.has("step") || changed.has("frame")) this.#drawStep();
    if (changed.has("frame")) this.#drawFilm();
  }

  redraw() {
    if (this.shown) this.#drawCharts(this.shown);
    this.words.redraw();
  }

  async #load() {
    const [run, sample] = [this.run(), this.sample()];
    const wanted = () => run === this.run() && sample === this.sample() && current().view === "player";
    const { state, x0, attention, scalars } = await open(run, sample).catch((error) => {
      if (wanted()) this.#clear(); // the pictures of another sample must not stay
      throw error;
    });
    if (!wanted()) return; // another was chosen meanwhile
    if (this.listed !== run) this.layers.replaceChildren(...run.attention.map(({ name }) => make("option", {}, name)));
    this.listed = run;
    if (state && x0) this.shown = { state, x0, attention, scalars };
    this.#mountFilm();
    this.#drawFilm();
    this.#drawStep();
  }

  #clear() {
    this.shown = null;
    this.#mountFilm();
    for (const id of ["player-state", "player-x0"]) control(id, HTMLCanvasElement).width = 1;
    byId("player-attention-figure").hidden = true;
    byId("player-charts").replaceChildren();
  }

  #drawStep() {
    const { shown } = this;
    if (!shown) return;
    const { step } = current();
    this.#drawAt(control("player-state", HTMLCanvasElement), shown.state, step);
    // The last step is the result: it has no prediction of its own.
    const predicted = shown.x0.strips.steps.includes(step);
    this.#drawAt(control("player-x0", HTMLCanvasElement), predicted ? shown.x0 : shown.state, step);
    for (const [index, frame] of [...byId("player-film").children].entries()) frame.toggleAttribute("data-current", index === step);
    this.#drawCharts(shown);
    this.#drawAttention(shown);
  }

  /** @param {HTMLCanvasElement} canvas @param {Strip} strip @param {number} step */
  #drawAt(canvas, { image, strips }, step) {
    const { cell } = strips;
    canvas.width = cell.width;
    canvas.height = cell.height;
    drawCell(pen(canvas), image, cell, stripCell(strips, step, current().frame), strips.columns, [0, 0, cell.width, cell.height]);
  }

  #mountFilm() {
    const frames = this.run().times.map((_, step) => {
      const canvas = make("canvas", { "aria-hidden": "true" });
      const label = make("span", {}, String(step));
      const button = make("button", { type: "button", class: "frame", "aria-label": `go to step ${step}` }, canvas, label);
      button.addEventListener("click", () => clock.go(step));
      return button;
    });
    byId("player-film").replaceChildren(...frames);
  }

  #drawFilm() {
    const { shown } = this;
    if (!shown) return;
    for (const [step, canvas] of byId("player-film").querySelectorAll("canvas").entries()) this.#drawAt(canvas, shown.state, step);
  }

  /** @param {Shown} shown */
  #drawCharts({ scalars }) {
    drawScalars(byId("player-charts"), scalarsOf(this.run(), scalars, this.sample()), current().step);
  }

  /** @param {Shown} shown */
  #drawAttention({ attention }) {
    const at = this.layers.selectedIndex;
    const layer = this.run().attention[at];
    byId("player-attention-figure").hidden = !layer;
    if (!layer) return;
    const canvas = control("player-attention-canvas", HTMLCanvasElement);
    const values = attentionOf(layer, attention[at], this.sample(), current().step);
    const [height, width] = layer.grid;
    [canvas.height, canvas.width] = [height, width];
    const image = pen(canvas).createImageData(width, height);
    values?.forEach((value, i) => image.data.set([...viridis(value / 255), 255], 4 * i));
    pen(canvas).putImageData(image, 0, 0);
    const most = values ? (Math.max(...values) / 255) * layer.most : 0;
    const text = values ? `at most ${most.toFixed(1)} times an even share` : "not recorded at this step";
    byId("player-attention-most").textContent = text;
    canvas.setAttribute("aria-label", `attention that each position receives in ${layer.name}: ${text}`);
  }
}

/** All that is shown of a sample. @param {import("../types.js").RunData} run @param {number} sample */
async function open(run, sample) {
  const [state, x0] = await Promise.all([run.state, run.x0].map((strips) => strip(strips, sample)));
  const attention = await Promise.all(run.attention.map((layer) => numbers(Uint8Array, layer.block)));
  return { state, x0, attention, scalars: await numbers(Float32Array, run.scalars.block) };
}

/** @param {import("../types.js").Strips | null} strips @param {number} sample @returns {Promise<Strip | null>} */
const strip = async (strips, sample) => strips && { image: await picture(strips.block, strips.offsets, sample), strips };

/**
 * The attention that each position receives in a layer, as shares of `most`; none where the step was not recorded.
 * @param {import("../types.js").AttentionMaps} layer @param {Uint8Array} all @param {number} sample @param {number} step
 */
function attentionOf({ grid: [height, width], steps }, all, sample, step) {
  const at = steps.indexOf(step);
  const first = (sample * steps.length + at) * height * width;
  return at < 0 ? null : all.subarray(first, first + height * width);
}
