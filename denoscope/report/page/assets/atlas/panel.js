/**
 * One plot of the atlas: a layer's map under one UMAP setting, moving with the clock.
 */
import { byId, ink } from "../dom.js";
import { current, set } from "../store.js";
import * as clock from "../clock.js";
import { parsed } from "../colours.js";
import * as camera from "./camera.js";
import { choices, colouring } from "./colouring.js";
import { flagsOf, hiddenNames } from "./flags.js";
import { webglRenderer } from "./gl.js";
import { plainRenderer } from "./plain.js";
import { Index } from "./index.js";
import * as live from "./live.js";
import { drawMarks } from "./overlay.js";
import { indexOf, loadPoints, stepOf, UNITS } from "./points.js";

const REACH = 14;

/**
 * @typedef {{run: "run" | "run2", layer: "layer" | "layer2", setting: "setting" | "setting2", live: "live" | "live2"}} Keys
 * @typedef {import("./points.js").Points} Points
 * @typedef {import("./colouring.js").Colouring} Colouring
 */
/** @type {Keys[]} */
const KEYS = [
  { run: "run", layer: "layer", setting: "setting", live: "live" },
  { run: "run2", layer: "layer2", setting: "setting2", live: "live2" },
];

export class Panel {
  /**
   * @param {number} number 0 or 1
   * @param {import("../samples.js").Samples[]} all samples of every run
   * @param {() => {hovered: number, neighbors: import("./neighborhood.js").Neighbor[], trailed: number[],
   *   hidden: Set<string>}} shared what both panels mark, and the names of values that the second greys
   */
  constructor(number, all, shared) {
    this.number = number;
    this.keys = KEYS[number];
    this.all = all;
    this.shared = shared;
    this.canvas = /** @type {HTMLCanvasElement} */ (byId(`plot-${number}-points`));
    this.overlay = /** @type {HTMLCanvasElement} */ (byId(`plot-${number}-overlay`));
    /** @type {import("./gl.js").Renderer | null} */
    this.renderer = null;
    /** @type {Points | null} */
    this.points = null;
    /** @type {Points | null} the layer's own map or another of the grid, where `points` was laid out in the page */
    this.gridPoints = null;
    /** @type {Colouring | null} */
    this.colours = null;
    /** @type {[number, number][]} */
    this.polygon = [];
    this.loading = 0;
    this.asked = 0;
    /** @type {{of: string, controller: AbortController} | null} the layout that is being made */
    this.running = null;
    /** @type {ArrayBufferLike | null} the positions that the renderer has */
    this.sent = null;
    this.size = { width: 0, height: 0 };
    this.ownCamera = "";
    /** @type {{positions: Uint16Array, index: Index} | null} */
    this.places = null;
    new ResizeObserver(() => this.draw()).observe(this.overlay);
    /** 0 for a greyed sample, 1 for one that is shown, 2 for a picked one */
    this.flags = /** @type {Uint8Array} */ (new Uint8Array());
  }

  get samples() {
    return this.all[current()[this.keys.run]];
  }

  get map() {
    const layers = this.samples.run.maps?.layers ?? [];
    return layers[Math.min(current()[this.keys.layer], layers.length - 1)];
  }

  get setting() {
    return this.map.settings[Math.min(current()[this.keys.setting], this.map.settings.length - 1)];
  }

  /** The step that this panel stands at, a fraction while the clock plays. */
  get step() {
    return this.number && current().step2 >= 0 ? current().step2 : clock.now();
  }

  /** Position of the step among the map's steps. */
  get index() {
    return indexOf(this.map.steps, this.step);
  }

  /** Position of the step among those of what is shown: a map laid out in the page has one. */
  get shownIndex() {
    return this.points && this.points !== this.gridPoints ? 0 : this.index;
  }

  get camera() {
    return camera.fromText(this.number && !current().linked ? this.ownCamera : current().at);
  }

  /** @param {camera.Camera} wanted */
  look(wanted) {
    if (this.number && !current().linked) {
      this.ownCamera = camera.asText(wanted);
      this.draw();
    } else set({ at: camera.asText(wanted) });
  }

  /** Load what the state asks for, then draw it. */
  async load() {
    const wanted = ++this.loading;
    const { samples, map, setting } = this;
    if (this.running && this.running.of !== this.#request()) this.cancel();
    const asked = this.asks;
    const grid = await loadPoints(samples.run, map, setting);
    if (wanted !== this.loading) return;
    this.gridPoints = grid;
    this.points = (asked && live.known(samples.run, map, this.index, asked)) || grid;
    const known = choices(samples);
    const { id } = known.find((choice) => choice.id === current().colour) ?? known[0];
    const colours = await colouring(id, samples, map, this.#coloured(), this.index);
    if (wanted !== this.loading) return;
    this.colours = colours;
    this.#upload();
  }

  /** What the colours are taken from: of what is laid out in the page, its own preservation. */
  #coloured() {
    const [grid, shown] = /** @type {Points[]} */ ([this.gridPoints, this.points]);
    return grid === shown ? grid : { ...grid, preserved: shown.preserved };
  }

  #upload() {
    if (!this.points || !this.colours) return;
    this.renderer ??= this.#newRenderer();
    this.#setPositions(this.points.positions);
    this.renderer.setColours(this.colours.codes, this.colours.palette);
    this.reflag();
  }

  /** All steps lie in one buffer: it is sent to the processor of graphics once. @param {Uint16Array} positions */
  #setPositions(positions) {
    if (positions.buffer === this.sent) return;
    this.renderer?.setPositions(positions);
    this.sent = positions.buffer;
  }

  #newRenderer() {
    const { canvas } = this;
    this.sent = null;
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      if (canvas !== this.canvas) return;
      this.renderer = null;
      this.#upload();
    });
    return webglRenderer(canvas) ?? plainRenderer(this.#freshCanvas());
  }

  /** A canvas that was asked for WebGL in vain gives no other context either. */
  #freshCanvas() {
    const fresh = /** @type {HTMLCanvasElement} */ (this.canvas.cloneNode());
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
    return fresh;
  }

  /** Show other flags. */
  reflag() {
    if (!this.renderer || !this.colours) return;
    this.flags = flagsOf(this.samples, this.colours, this.number ? this.shared().hidden : hiddenNames(this.colours));
    this.renderer.setFlags(this.flags);
    this.draw();
  }

  /** Draw in the next frame. */
  draw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.drawNow();
    });
  }

  drawNow() {
    const { points, renderer } = this;
    const box = this.overlay.getBoundingClientRect();
    if (!points || !renderer || !box.width || current().view !== "atlas") return;
    this.size = { width: box.width, height: box.height };
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    renderer.draw(this.frame(ratio));
    this.drawMarks();
    document.documentElement.dataset.drawn ??= renderer.name;
  }

  /** @param {number} ratio device pixels per CSS pixel */
  frame(ratio) {
    const [from, to, part] = this.#between();
    const { scale, x, y } = this.camera;
    const side = camera.pixelsPerSide(this.camera, this.size);
    /** @type {[number, number]} */
    const zoom = [(2 * side) / this.size.width, (2 * side) / this.size.height];
    /** @type {[number, number]} */
    const centre = [x, y];
    const size = Math.min(14, pointSize(this.samples.count) * Math.max(1, scale ** 0.4)) * ratio;
    return { from, to, part, centre, zoom, size, quiet: [...shares(ink("--dim"))], ring: [...shares(ink("--ink"))] };
  }

  /** The two steps between which the clock stands, and how far. @returns {[number, number, number]} */
  #between() {
    const { steps } = this.map;
    if (this.points !== this.gridPoints) return [0, 0, 0];
    const index = this.index;
    const next = Math.min(index + 1, steps.length - 1);
    const span = steps[next] - steps[index];
    const moving = clock.isPlaying() && !(this.number && current().step2 >= 0);
    return [index, next, span && moving ? Math.min(1, (this.step - steps[index]) / span) : 0];
  }

  drawMarks() {
    const { hovered, neighbors, trailed } = this.shared();
    const { chosen } = current();
    const there = (/** @type {number} */ i) => i >= 0 && i < this.samples.count;
    drawMarks(this.overlay, {
      where: this.where,
      chosen: there(chosen) ? chosen : -1,
      hovered: there(hovered) ? hovered : -1,
      neighbors: neighbors.filter(({ sample }) => there(sample)),
      trails: this.#trails(trailed.filter(there)),
      polygon: this.polygon,
    });
  }

  /** @param {number[]} samples @returns {[number, number][][]} */
  #trails(samples) {
    const { gridPoints, points, camera: view, size } = this;
    if (!gridPoints || gridPoints !== points) return [];
    const n = gridPoints.n;
    return samples.map((i) =>
      gridPoints.steps.map((_, step) => {
        const at = 2 * (step * n + i);
        return camera.toScreen(view, size, gridPoints.positions[at], gridPoints.positions[at + 1]);
      }),
    );
  }

  /** Where a sample is on the screen. @param {number} i @returns {[number, number]} */
  where = (i) => {
    const { points } = this;
    if (!points) return [0, 0];
    const [from, to, part] = this.#between();
    const [a, b] = [2 * (from * points.n + i), 2 * (to * points.n + i)];
    const [x, y] = [0, 1].map((axis) => points.positions[a + axis] + part * (points.positions[b + axis] - points.positions[a + axis]));
    return camera.toScreen(this.camera, this.size, x, y);
  };

  /** The samples that are not greyed. */
  shown() {
    return [...this.flags.keys()].filter((i) => this.flags[i] > 0);
  }

  /** Look at the samples that are not greyed, as they lie at the step shown. */
  fit() {
    if (!this.points) return;
    const positions = stepOf(this.points.positions, 2 * this.points.n, this.shownIndex);
    this.look(camera.around(positions, this.flags));
  }

  /** The points at the step shown, sorted by place. @returns {Index} */
  get placed() {
    const { points } = this;
    if (!points) throw new Error("nothing is loaded");
    const positions = stepOf(points.positions, 2 * points.n, this.shownIndex);
    const known = this.places;
    if (known && known.positions.buffer === positions.buffer && known.positions.byteOffset === positions.byteOffset) return known.index;
    this.places = { positions, index: new Index(positions) };
    return this.places.index;
  }

  /** The sample under a place of the screen, or -1; greyed ones are not found. @param {number} x @param {number} y */
  under(x, y) {
    if (!this.points || clock.isPlaying()) return -1;
    const reach = (REACH / camera.pixelsPerSide(this.camera, this.size)) * UNITS;
    return this.placed.nearest(...camera.toMap(this.camera, this.size, x, y), reach, (i) => this.flags[i] > 0);
  }

  /** Samples inside a polygon of the screen, without greyed ones. @param {[number, number][]} polygon */
  inside(polygon) {
    if (!this.points) return [];
    const corners = polygon.flatMap(([x, y]) => camera.toMap(this.camera, this.size, x, y));
    return this.placed.inside(corners).filter((i) => this.flags[i] > 0);
  }

  /** The setting outside the grid that the state asks for, where the map can be laid out in the page. */
  get asks() {
    return this.map.features ? live.fromText(current()[this.keys.live]) : null;
  }

  /** What a layout would be of. */
  #request() {
    return [this.samples.run.name, this.map.name, this.index, current()[this.keys.live]].join("\n");
  }

  /**
   * Lay the map out again under the setting that the state asks for.
   * @param {(share: number, stage: string) => void} onProgress
   * @returns {Promise<boolean | null>} false if it was cancelled, null if another one was started instead
   */
  async recalculate(onProgress) {
    const { samples, map, index, asks } = this;
    if (!asks) return false;
    this.cancel();
    const running = (this.running = { of: this.#request(), controller: new AbortController() });
    const main = await loadPoints(samples.run, map, map.settings[0]);
    const moving = (/** @type {Uint16Array} */ positions, /** @type {number} */ share, /** @type {string} */ stage) => {
      if (this.running !== running) return;
      onProgress(share, stage);
      if (positions.length) this.#show(live.pointsOf(main, index, positions));
    };
    try {
      const points = await live.layOut(samples.run, map, main, index, asks, moving, running.controller.signal);
      return this.running === running ? points !== null : this.running ? null : false;
    } finally {
      if (this.running === running) this.running = null;
    }
  }

  /** Stop the layout that is being made. */
  cancel() {
    this.running?.controller.abort();
    this.running = null;
  }

  /** A map that was laid out in the page is of one step: while the clock plays, show the computed ones. */
  followClock() {
    if (clock.isPlaying() && this.gridPoints && this.points !== this.gridPoints) this.#show(this.gridPoints);
  }

  /** @param {Points} points */
  #show(points) {
    this.points = points;
    this.#setPositions(points.positions);
    this.draw();
  }

  /** Give back memory; the panel can be loaded again. */
  release() {
    this.cancel();
    this.renderer?.dispose();
    if (this.renderer) this.#freshCanvas();
    Object.assign(this, { renderer: null, points: null, gridPoints: null, colours: null, places: null, sent: null });
    Object.assign(this.canvas, { width: 1, height: 1 });
    Object.assign(this.overlay, { width: 1, height: 1 });
  }
}

/** @param {number} count */
const pointSize = (count) => (count > 300000 ? 1.5 : count > 30000 ? 2.5 : count > 8000 ? 3.5 : count > 2000 ? 5 : count > 600 ? 6.5 : 8);

/** @param {string} hex */
const shares = (hex) => [...parsed(hex).map((channel) => channel / 255), 1];
