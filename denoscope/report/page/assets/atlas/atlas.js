/**
 * The atlas: one or two maps of activations with everything that is known of their points.
 */
import { releaseBlocks } from "../blocks.js";
import * as clock from "../clock.js";
import { byId, control } from "../dom.js";
import { releasePictures } from "../pictures.js";
import { current, set, subscribe } from "../store.js";
import { mountBar } from "./bar.js";
import * as camera from "./camera.js";
import { showCaption, showPicked, showTransport } from "./captions.js";
import { choices } from "./colouring.js";
import { mountControls } from "./controls.js";
import { hiddenNames } from "./flags.js";
import { listen } from "./gestures.js";
import { plotKey } from "./keys.js";
import { drawLegend } from "./legend.js";
import { neighborhood } from "./neighborhood.js";
import { Panel } from "./panel.js";
import { choose, manualOf, pick, pickedOf, toggleNeighbor } from "./selection.js";
import { mountSidebar } from "./sidebar.js";
import { drawTablesSoon } from "./tables.js";
import { showTip } from "./tip.js";

const MOST_TRAILS = 60;

/** Parts of the state on which each thing depends. */
const OF_MAP = ["run", "layer", "setting", "live", "colour"];
const OF_OTHER = ["run2", "layer2", "setting2", "live2", "step2", "colour", "compare"];
const OF_FLAGS = ["hidden", "find", "picked"];
const OF_NEIGHBORS = ["chosen", "k", "space", "manual", "without", ...OF_MAP];

export class Atlas {
  /** @param {import("../samples.js").Samples[]} all samples of every run */
  constructor(all) {
    this.all = all;
    /** the sample under the pointer, -1 for none */
    this.hovered = -1;
    /** the sample under the keyboard's cursor, -1 for none */
    this.cursor = -1;
    /** @type {import("./neighborhood.js").Neighbor[]} of the chosen sample */
    this.neighbors = [];
    /** @type {Panel[]} */
    this.panels = [0, 1].map((number) => new Panel(number, all, () => this.#marked()));
    this.main = this.panels[0];
    /** the step, by its position among the map's, of which colours and lists were last asked for */
    this.asked = -1;
    this.updating = Promise.resolve();
    /** @type {Set<string>} changes that are not shown yet */
    this.pending = new Set();
    this.showBar = mountBar(this.panels);
    this.showControls = this.panels.map((panel) => mountControls(this, panel));
    this.showSidebar = mountSidebar(this);
    for (const panel of this.panels) this.#listen(panel);
    this.#mountTransport();
    document.addEventListener("themechange", () => this.drawAll());
    subscribe((_, changed) => this.#changed(changed));
  }

  /** The panels in use. */
  get shown() {
    return current().compare ? this.panels : [this.main];
  }

  drawAll() {
    for (const panel of this.shown) panel.draw();
  }

  /** Say to a reader, and to a screen reader, what happens. @param {string} message */
  tell(message) {
    byId("atlas-status").textContent = message;
  }

  /** What both panels mark. */
  #marked() {
    const { samples, colours } = this.main;
    const { chosen, colour } = current();
    const picked = pickedOf(samples.count).slice(0, MOST_TRAILS);
    const trailed = new Set([...(chosen >= 0 ? [chosen, ...manualOf(samples.count)] : []), ...picked]);
    // Clusters of another map have numbers of their own.
    const hidden = colours && colour !== "map.cluster" ? hiddenNames(colours) : /** @type {Set<string>} */ (new Set());
    return { hovered: this.hovered, neighbors: this.neighbors, trailed: [...trailed], hidden };
  }

  /** Mark a sample, and show what is known of it. @param {Panel} panel @param {number} i -1 for none */
  hover(panel, i) {
    if (i === this.hovered) return;
    this.hovered = i;
    for (const other of this.panels) byId(`plot-${other.number}-tip`).hidden = true;
    this.drawAll();
    if (i >= 0) showTip(panel, i, () => this.hovered === i);
  }

  /** Move the keyboard's cursor to a sample. @param {Panel} panel @param {number} i */
  point(panel, i) {
    this.cursor = i;
    this.hovered = -1;
    this.hover(panel, i);
    this.tell(panel.samples.nameOf(i));
  }

  /** A click chooses; where a sample is chosen, it adds to its neighbours or takes from them. */
  /** @param {Panel} panel @param {number} i */
  clicked(panel, i) {
    const { chosen } = current();
    if (i < 0 || i === chosen) return;
    if (chosen < 0) choose(i);
    else toggleNeighbor(i, this.neighbors.some((entry) => entry.sample === i && !entry.manual), panel.samples.count);
  }

  /** @param {Panel} panel */
  #listen(panel) {
    const area = panel.overlay;
    listen(area, {
      tool: () => area.dataset.using ?? "pan",
      pan: (dx, dy) => panel.look(camera.moved(panel.camera, panel.size, dx, dy)),
      zoom: (factor, x, y) => panel.look(camera.zoomed(panel.camera, panel.size, factor, x, y)),
      hover: (x, y) => this.hover(panel, panel.under(x, y)),
      leave: () => this.hover(panel, -1),
      click: (x, y) => this.clicked(panel, panel.under(x, y)),
      open: (x, y) => {
        const i = panel.under(x, y);
        if (i >= 0) choose(i);
      },
      outline: (polygon, finished) => {
        panel.polygon = finished ? [] : polygon;
        panel.draw();
        if (finished) pick(panel.inside(polygon));
      },
      key: (event) => plotKey(this, panel, event),
    });
    area.addEventListener("blur", () => this.hover(panel, -1));
  }

  #mountTransport() {
    const slider = control("atlas-step", HTMLInputElement);
    slider.addEventListener("input", () => clock.go(Number(slider.value)));
    byId("atlas-play").addEventListener("click", clock.toggle);
    byId("atlas-replay").addEventListener("click", clock.replay);
    clock.onTick((_, playing) => {
      byId("atlas-play").textContent = playing ? "Pause" : "Play";
      byId("atlas-play").setAttribute("aria-pressed", String(playing));
      if (current().view !== "atlas" || !this.main.points || !this.main.samples.run.maps) return;
      this.hover(this.main, -1);
      for (const panel of this.shown) panel.followClock();
      this.drawAll();
      this.#follow();
      this.#showWords();
    });
  }

  /** Colours and lists of a step are fetched where the clock stands: while it plays, points alone move. */
  #follow() {
    if (!clock.isPlaying() && this.main.index !== this.asked) this.update(new Set(OF_MAP));
  }

  #showWords() {
    showTransport(this.main);
    for (const panel of this.shown) showCaption(panel);
  }

  /** @param {Set<string>} changed */
  #changed(changed) {
    const { maps } = this.all[current().run].run;
    byId("atlas-none").hidden = Boolean(maps);
    byId("atlas-body").hidden = !maps;
    if (changed.has("run")) [this.hovered, this.cursor] = [-1, -1];
    if (this.main.points && (current().view !== "atlas" || !maps)) this.#close();
    if (!current().compare && this.panels[1].points) this.panels[1].release();
    if (!maps || current().view !== "atlas") return;
    if (this.#outdated(changed)) return set({ hidden: "" });
    const found = choices(this.main.samples);
    if (!found.some(({ id }) => id === current().colour)) return set({ colour: found[0].id, hidden: "" });
    const only = (/** @type {string} */ name) => changed.size === 1 && changed.has(name);
    if (only("at")) this.drawAll();
    else if (only("step")) this.#follow();
    else this.update(new Set([...(changed.has("view") ? Object.keys(current()) : changed), ...(changed.has("step") ? OF_MAP : [])]));
  }

  /** Whether greyed values mean something else now. @param {Set<string>} changed */
  #outdated(changed) {
    if (!current().hidden || changed.has("hidden") || changed.has("view")) return false;
    const moved = current().colour === "map.cluster" && ["layer", "step"].some((name) => changed.has(name));
    return moved || changed.has("run");
  }

  /** Show a change of the state; changes that come while data is awaited are shown together. @param {Set<string>} changed */
  update(changed) {
    for (const name of changed) this.pending.add(name);
    this.asked = this.main.index;
    this.showBar();
    const body = byId("atlas-body");
    body.ariaBusy = "true";
    const last = (this.updating = this.updating
      .then(() => {
        const together = this.pending;
        this.pending = new Set();
        return together.size ? this.#apply(together) : undefined;
      })
      .catch((error) => this.tell(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (this.updating === last) body.ariaBusy = "false";
      }));
  }

  /** @param {Set<string>} changed */
  async #apply(changed) {
    const { main, panels } = this;
    const any = (/** @type {string[]} */ names) => names.some((name) => changed.has(name));
    if (current().view !== "atlas" || !main.samples.run.maps) return;
    for (const { number } of this.shown) this.showControls[number]();
    if (any(OF_MAP) || !main.points) await main.load();
    if (current().compare && (any([...OF_OTHER, ...OF_MAP]) || !panels[1].points)) await panels[1].load();
    if (any(OF_FLAGS)) for (const panel of this.shown) panel.reflag();
    if (any([...OF_MAP, ...OF_FLAGS, "compare"]) && main.colours) drawLegend(main.colours, Boolean(current().compare));
    if (any(OF_NEIGHBORS)) {
      this.neighbors = main.points ? await neighborhood(main.samples.run, main.map, main.points, main.index, main.placed) : [];
      await this.showSidebar();
    }
    if (any(OF_MAP)) drawTablesSoon(main);
    this.#showWords();
    showPicked(main);
    this.drawAll();
  }

  /** Give back memory: the view is left. */
  #close() {
    for (const panel of this.panels) panel.release();
    releaseBlocks();
    releasePictures();
  }
}
