/**
 * Charts over the steps: what each layer knows, how far its maps can be believed, how much it changes.
 */
import { byId, make } from "./dom.js";
import { numbers, page } from "./blocks.js";
import { categoryColour } from "./colours.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";

const [WIDTH, HEIGHT] = [420, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 10, 10, 34];
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{title: string, note: string, lines: {name: string, values: (number | null)[]}[], level: number | null}} Chart */

export function mountCharts() {
  const draw = async () => {
    const run = page.runs[current().run];
    if (!run.maps) return;
    const charts = [...measured(run.maps), ...(run.similarity ? [await drift(run.similarity)] : [])];
    if (run !== page.runs[current().run]) return;
    byId("layers-charts").replaceChildren(...charts.map((chart) => figure(chart, run)));
    byId("layers-legend").replaceChildren(...run.maps.layers.map((map, at) => entry(map.name, at)));
  };
  subscribe((state, changed) => {
    const none = !page.runs[state.run].maps;
    byId("layers-none").hidden = !none;
    byId("layers-body").hidden = none;
    if (state.view === "layers" && (changed.has("view") || changed.has("run"))) draw();
  });
}

/** @param {import("./types.js").Maps} maps @returns {Chart[]} */
function measured({ layers, chance }) {
  const lines = (/** @type {(map: import("./types.js").LayerMap) => (number | null)[]} */ of) => layers.map((map) => ({ name: map.name, values: of(map) }));
  const k = layers[0].neighbors.k;
  /** @type {Chart} */
  const purity = { title: "Which layer knows the class", note: `Share of a sample's ${k} nearest neighbours in activation space that are of its class; dashed: by chance.`, lines: lines((map) => map.purity), level: chance };
  return [
    ...(chance === null ? [] : [purity]),
    { title: "Trustworthiness of the maps", note: "1 where no point is shown near that is not near in activation space.", lines: lines((map) => map.settings[0].trustworthiness), level: null },
    { title: "True neighbours shown", note: "Share of a sample's nearest neighbours in activation space that are also nearest on the map.", lines: lines((map) => map.settings[0].preservation), level: null },
  ];
}

/** How much a layer changes from step to step: 1 less the similarity of the two. @param {import("./types.js").Similarity} similarity */
async function drift({ layers, steps, block }) {
  const matrix = await numbers(Float32Array, block);
  const side = layers.length * steps.length;
  const lines = layers.map((name, layer) => ({
    name,
    values: steps.map((_, at) => {
      const row = layer * steps.length + at;
      const value = at ? 1 - matrix[row * side + row - 1] : NaN;
      return Number.isFinite(value) ? Math.max(0, value) : null;
    }),
  }));
  return { title: "Drift", note: "How much a layer's representation changes from the step before: 1 − CKA.", lines, level: null };
}

/** @param {Chart} chart @param {import("./types.js").RunData} run */
function figure({ title, note, lines, level }, run) {
  const steps = run.maps?.layers[0].steps ?? [];
  const last = Math.max(1, lines[0].values.length - 1);
  const all = lines.flatMap(({ values }) => values).filter((value) => value !== null);
  const [low, high] = [Math.min(...all, level ?? 1), Math.max(...all, level ?? 0)];
  const [bottom, top] = [Math.max(0, Math.floor(low * 20) / 20), Math.min(1, Math.ceil(high * 20) / 20)];
  const x = (/** @type {number} */ at) => LEFT + (at / last) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((value - bottom) / (top - bottom || 1)) * (HEIGHT - TOP - BOTTOM);
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `${title}. ${note}` });
  for (const value of [bottom, (bottom + top) / 2, top]) {
    svg.append(shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "grid" }));
    svg.append(shape("text", { x: LEFT - 6, y: y(value) + 4, class: "tick end" }, value.toFixed(2)));
  }
  for (const at of new Set([0, Math.floor(last / 2), last])) svg.append(shape("text", { x: x(at), y: HEIGHT - BOTTOM + 16, class: "tick mid" }, String(steps[at] ?? at)));
  svg.append(shape("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, class: "tick mid" }, "step, from noise to sample"));
  if (level !== null) svg.append(shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level), y2: y(level), class: "level" }));
  for (const [layer, { name, values }] of lines.entries()) {
    const colour = categoryColour(page, layer);
    const places = values.map((value, at) => (value === null ? null : `${x(at).toFixed(1)},${y(value).toFixed(1)}`));
    svg.append(shape("polyline", { points: places.filter(Boolean).join(" "), stroke: colour, class: "curve" }));
    /** @type {Element[]} */
    const dots = [];
    for (const [at, value] of values.entries()) {
      if (value === null) continue;
      const words = `${name}, step ${steps[at]}: ${value.toFixed(3)}`;
      const dot = shape("circle", { cx: x(at), cy: y(value), r: 4, fill: colour, tabindex: at === last ? 0 : -1, role: "button", "aria-label": `${words}; open the map` }, "");
      dot.append(shape("title", {}, words));
      const open = () => {
        set({ view: "atlas", layer, compare: 0 });
        clock.go(steps[at]);
      };
      dot.addEventListener("click", open);
      dot.addEventListener("keydown", (event) => {
        const { key } = /** @type {KeyboardEvent} */ (event);
        const next = { ArrowLeft: dots[at - 1], ArrowRight: dots[at + 1] }[key];
        if (key === "Enter" || key === " ") open();
        if (!next && key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        /** @type {SVGElement | undefined} */ (next)?.focus();
      });
      dots[at] = dot;
      svg.append(dot);
    }
  }
  return make("figure", { class: "card chart-card" }, make("h3", {}, title), svg, make("figcaption", { class: "quiet" }, note));
}

/** @param {string} name @param {number} layer */
function entry(name, layer) {
  const dot = make("i", { "aria-hidden": "true" });
  dot.style.background = categoryColour(page, layer);
  return make("span", { class: "entry" }, dot, name);
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} text */
function shape(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.textContent = text;
  return element;
}
