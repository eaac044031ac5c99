/**
 * The attention of words in the player of pictures: the prompt, maps over the pictures, what they mean, how they change.
 */
import { byId, control, pen } from "../dom.js";
import { RAMPS } from "../colours.js";
import { current } from "../store.js";
import { channelsOf, chosenOf, colourOf } from "./choice.js";
import { mountControls, showControls } from "./controls.js";
import { Cursor } from "./cursor.js";
import { drawLegend } from "./legend.js";
import { EVERY, openMaps, recorded, wordsOf } from "./maps.js";
import { paint } from "./paint.js";
import { markPrompt, writePrompt } from "./prompt.js";
import { OF_MAP, rangesOf, spanned } from "./scale.js";
import { clearShares, drawShares, openShares } from "./shares.js";
import { drawStrips, markStrips, paintStrips } from "./strips.js";

const PIXELS = 256;
const PARTS = ["words-bar", "words-legend"];
const ANOTHER = ["run", "sample", "view"];
const OF_MAPS = ["words", "wordHead", "wordOwn", "wordScale", "wordRamp", "wordCells", "wordSteps"];
const OVER = ["state", "prediction"];

export class WordPanel {
  /** @param {() => import("../types.js").RunData} run @param {() => number} sample */
  constructor(run, sample) {
    this.run = run;
    this.sample = sample;
    /** @type {import("./maps.js").WordMaps | null} */
    this.maps = null;
    /** @type {number[][]} */
    this.shares = [];
    /** @type {Map<number, import("./scale.js").Range>} */
    this.ranges = new Map();
    this.canvases = ["words-on-state", "words-on-x0"].map((id) => control(id, HTMLCanvasElement));
    const grid = () => this.maps && { height: this.maps.source.grid[1], width: this.maps.source.grid[2] };
    this.cursor = new Cursor(this.canvases, grid, () => this.#drawNow());
    mountControls();
  }

  close() {
    this.maps = null;
  }

  /** @param {Set<string>} changed parts of the state */
  async show(changed) {
    const { words } = this.run();
    for (const part of PARTS) byId(part).hidden = !words;
    for (const canvas of this.canvases) canvas.hidden = !words;
    if (!words) {
      byId("words-strips").hidden = true;
      return grey(false);
    }
    const chosen = chosenOf(wordsOf(words, this.sample()));
    if (ANOTHER.some((part) => changed.has(part))) writePrompt(words.prompts[words.of[this.sample()]]);
    markPrompt(chosen);
    showControls(words, chosen.length);
    if ([...ANOTHER, "wordLayer"].some((part) => changed.has(part))) await this.#load(words);
    else if (OF_MAPS.some((part) => changed.has(part))) this.#drawAll();
    else {
      if (changed.has("frame")) paintStrips();
      this.#drawNow();
    }
  }

  redraw() {
    if (this.run().words) this.#drawNow();
  }

  /** @param {import("../types.js").WordsData} words */
  async #load(words) {
    const [sample, source] = [this.sample(), words.sources[current().wordLayer]];
    const wanted = () => this.run().words === words && sample === this.sample() && source === words.sources[current().wordLayer] && current().view === "player";
    const [maps, shares] = await Promise.all([openMaps(words, source, sample), openShares(words, sample, source.name)]).catch((error) => {
      byId("words-missing").hidden = true;
      if (wanted()) this.#take(null, []); // those of another sample must not stay
      throw error;
    });
    if (!wanted()) return; // another was chosen meanwhile
    const { samples } = source.rows;
    byId("words-missing").hidden = Boolean(maps);
    byId("words-missing").textContent = `The page holds these maps of ${samples ? `the first ${samples} samples` : "no sample"}: the trace has all.`;
    this.#take(maps, shares);
  }

  /** Show other maps. A cell of another grid is none of theirs. @param {import("./maps.js").WordMaps | null} maps @param {number[][]} shares */
  #take(maps, shares) {
    if (String(maps?.source.grid) !== String(this.maps?.source.grid)) this.cursor.cell = -1;
    this.maps = maps;
    this.shares = shares;
    this.#drawAll();
  }

  /** Where the shown frame lies between the film's first, 0, and last, 1. */
  get #place() {
    const { picture, state } = this.run();
    return picture && state && picture.frames > 1 ? state.frames[current().frame] / (picture.frames - 1) : 0;
  }

  /** What is looked at. @returns {import("./maps.js").Look} */
  get #look() {
    const { wordHead, wordOwn, wordSteps, step } = current();
    return { head: wordHead, at: wordSteps ? EVERY : recorded(this.run().words?.steps ?? [], step), own: Boolean(wordOwn) };
  }

  get #chosen() {
    return this.maps ? chosenOf(this.maps.words) : [];
  }

  get #ramp() {
    return this.#chosen.length === 1 ? current().wordRamp : "";
  }

  #drawAll() {
    const { maps } = this;
    this.ranges = maps ? rangesOf(maps, this.#chosen, this.#look) : new Map();
    const strips = this.#chosen.map((word) => ({
      word,
      name: maps?.words[word] ?? "",
      colour: colourOf(word),
      layer: (/** @type {number} */ at) => this.#layer(word, at),
    }));
    const [, height, width] = maps?.source.grid ?? [1, 1, 1];
    drawStrips(strips, maps?.steps ?? [], { grid: [height, width], smooth: !current().wordCells, opacity: 1 });
    this.#drawNow();
  }

  /** What changes with the step. */
  #drawNow() {
    const { words, times } = this.run();
    if (!words) return;
    const look = this.#look;
    this.#drawOver(look.at);
    const entries = this.#chosen.map((word) => ({ word, name: this.maps?.words[word] ?? "", values: this.#values(word, look.at), range: this.#rangeNow(word, look.at), ramp: this.#ramp }));
    drawLegend(entries, this.cursor.cell, this.maps?.source.grid[2] ?? 1);
    if (this.shares.length) drawShares(this.shares, words.steps, times.length, look.at);
    else clearShares();
    markStrips(words.steps[look.at]);
    byId("words-when").textContent = when(words.steps, look.at, current().step);
  }

  /** @param {number} at */
  #drawOver(at) {
    grey(Boolean(current().wordGrey && this.#chosen.length));
    const [canvas, other] = this.canvases;
    const { picture } = this.run();
    this.#name();
    if (!picture || !this.maps) return this.canvases.forEach((one) => (one.width = one.height = 1));
    const [, height, width] = this.maps.source.grid;
    const wide = width * Math.ceil(PIXELS / width);
    const size = /** @type {[number, number]} */ ([Math.round((wide * picture.height) / picture.width), wide]);
    const layers = this.#chosen.map((word) => ({ ...this.#layer(word, at), range: this.#rangeNow(word, at) }));
    paint(canvas, layers, { grid: [height, width], size, smooth: !current().wordCells, opacity: current().wordOpacity / 100 });
    if (this.cursor.cell >= 0) outline(canvas, this.cursor.cell, height, width);
    [other.height, other.width] = size;
    pen(other).drawImage(canvas, 0, 0);
  }

  /** Say what lies over the pictures; where nothing does, there is nothing to walk over. */
  #name() {
    const names = this.#chosen.map((word) => this.maps?.words[word]).join(", ") || "no word";
    for (const [place, canvas] of this.canvases.entries()) {
      canvas.setAttribute("aria-label", this.maps ? `attention of ${names} over the ${OVER[place]}; Shift and arrows read values` : `no maps over the ${OVER[place]}`);
      if (this.maps) canvas.tabIndex = 0;
      else canvas.removeAttribute("tabindex");
    }
  }

  /** @param {number} word @param {number} at @returns {import("./paint.js").Layer} */
  #layer(word, at) {
    return { values: this.#values(word, at), range: this.#range(word), colour: channelsOf(word), ramp: RAMPS[this.#ramp] ?? null };
  }

  /** @param {number} word */
  #range(word) {
    return this.ranges.get(word) ?? /** @type {import("./scale.js").Range} */ ([0, 1]);
  }

  /** Small multiples have a common scale also where each map over the picture has its own. @param {number} word @param {number} at */
  #rangeNow(word, at) {
    return current().wordScale === OF_MAP ? spanned([this.#values(word, at)]) : this.#range(word);
  }

  /** A word's map in the frame that is shown: maps have fewer frames than films, and meet them at both ends. @param {number} word @param {number} at */
  #values(word, at) {
    const { maps } = this;
    if (!maps) return new Float32Array();
    const [frames, height, width] = maps.source.grid;
    const size = height * width;
    const first = Math.round(this.#place * (frames - 1)) * size;
    return maps.values(word, { ...this.#look, at }).subarray(first, first + size);
  }
}

/** Colours of words are told apart on a grey picture. @param {boolean} wanted */
function grey(wanted) {
  for (const id of ["player-state", "player-x0"]) byId(id).toggleAttribute("data-grey", wanted);
}

/** @param {HTMLCanvasElement} canvas @param {number} cell @param {number} height @param {number} width */
function outline(canvas, cell, height, width) {
  const context = pen(canvas);
  const [wide, tall] = [canvas.width / width, canvas.height / height];
  const box = /** @type {const} */ ([(cell % width) * wide, Math.floor(cell / width) * tall, wide, tall]);
  for (const [style, line] of /** @type {const} */ ([["#000", 4], ["#fff", 2]])) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.strokeRect(...box);
  }
}

/** @param {number[]} steps @param {number} at @param {number} step */
function when(steps, at, step) {
  if (at === EVERY) return `Mean of the ${steps.length} recorded steps.`;
  return steps[at] === step ? `Step ${step}.` : `Nothing was recorded at step ${step}: these are the maps of step ${steps[at]}.`;
}
