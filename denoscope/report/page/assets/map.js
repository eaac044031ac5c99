/**
 * The map of a layer: a point a sample, moving from step to step with the clock.
 */
import { byId, control, ink, make, sharpContext } from "./dom.js";
import { drawCell, mapStep, picture } from "./data.js";
import { classColour, css, viridis } from "./colours.js";
import { nameOf } from "./gallery.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";

const MARGIN = 18;
const REACH = 14;
const TIP = 96;

/** @typedef {ReturnType<typeof mapStep>} Points */

/** @param {import("./types.js").PageData} page */
export function mountMap(page) {
  const canvas = control("map-canvas", HTMLCanvasElement);
  const layerSelect = control("map-layer", HTMLSelectElement);
  const colourSelect = control("map-colour", HTMLSelectElement);
  const slider = control("map-step", HTMLInputElement);
  const tip = byId("map-tip");
  const tipCanvas = control("map-tip-canvas", HTMLCanvasElement);
  /** @type {Map<string, Points>} */
  const cache = new Map();
  const view = { scale: 1, x: 0, y: 0 };
  let hovered = -1;
  /** @type {Float32Array} screen positions of the last frame */
  let screen = new Float32Array();

  const run = () => page.runs[current().run];
  const layer = () => run().maps?.layers[Math.min(current().layer, run().maps?.layers.length ?? 1) || 0];
  const hiddenClasses = () => new Set(current().hidden.split(",").filter(Boolean).map(Number));

  /** Position among the map's steps of the last one at or before `step`. @param {number} step */
  const indexOf = (step) => {
    const steps = layer()?.steps ?? [];
    let found = 0;
    while (found + 1 < steps.length && steps[found + 1] <= step) found++;
    return found;
  };

  /** @param {number} index */
  const points = (index) => {
    const map = layer();
    if (!map) throw new Error("this run has no maps");
    const key = `${run().name}/${map.name}/${index}`;
    const found = cache.get(key) || mapStep(run(), map, index);
    cache.set(key, found);
    return found;
  };

  const draw = () => {
    const map = layer();
    if (current().view !== "map" || !map) return;
    const { context, width, height } = sharpContext(canvas);
    const at = clock.now();
    const index = indexOf(at);
    const next = Math.min(index + 1, map.steps.length - 1);
    const span = map.steps[next] - map.steps[index];
    const part = span && clock.isPlaying() ? Math.min(1, (at - map.steps[index]) / span) : 0;
    place(points(index), points(next), part, width, height);
    const hidden = hiddenClasses();
    const radius = run().count > 3000 ? 1.5 : run().count > 1000 ? 2.2 : 3.2;
    const now = points(index);
    for (let i = 0; i < run().count; i++) {
      const off = hidden.has(run().labels[i]);
      context.globalAlpha = off ? 0.12 : 0.9;
      context.fillStyle = off ? ink("--quiet") : colourOf(now, i);
      context.beginPath();
      context.arc(screen[2 * i], screen[2 * i + 1], radius, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
    ring(context, current().sample, ink("--accent"), 7);
    if (hovered >= 0) ring(context, hovered, ink("--ink"), 6);
    drawFacts(map, index);
  };

  /** @param {CanvasRenderingContext2D} context @param {number} i @param {string} colour @param {number} radius */
  const ring = (context, i, colour, radius) => {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(screen[2 * i], screen[2 * i + 1], radius, 0, 2 * Math.PI);
    context.stroke();
  };

  /** @param {Points} a @param {Points} b @param {number} part @param {number} width @param {number} height */
  const place = (a, b, part, width, height) => {
    const side = Math.min(width, height) - 2 * MARGIN;
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    if (screen.length !== a.positions.length) screen = new Float32Array(a.positions.length);
    for (let i = 0; i < screen.length; i += 2) {
      const x = (a.positions[i] + part * (b.positions[i] - a.positions[i])) / 65535;
      const y = (a.positions[i + 1] + part * (b.positions[i + 1] - a.positions[i + 1])) / 65535;
      screen[i] = (left + x * side) * view.scale + view.x;
      screen[i + 1] = (top + (1 - y) * side) * view.scale + view.y;
    }
  };

  /** @param {Points} now @param {number} i */
  const colourOf = (now, i) => {
    switch (current().colour) {
      case "cluster":
        return classColour(page, now.cluster[i]);
      case "outlier":
        return css(viridis(now.outlier[i] / 255));
      case "preservation":
        return css(viridis(now.preservation[i] / 255));
      default:
        return classColour(page, run().labels[i]);
    }
  };

  /** @param {import("./types.js").LayerMap} map @param {number} index */
  const drawFacts = (map, index) => {
    slider.max = String(run().times.length - 1);
    slider.value = String(current().step);
    const step = map.steps[index];
    const where = `step ${step} of ${run().times.length - 1}, ${run().symbol} = ${Number(run().times[step].toPrecision(3))}`;
    slider.setAttribute("aria-valuetext", where);
    byId("map-where").textContent = where;
    byId("map-where-short").textContent = where;
    byId("map-trust").textContent = map.trustworthiness[index].toFixed(3);
    byId("map-preservation").textContent = `${Math.round(100 * map.preservation[index])} %`;
    byId("map-engine").textContent = `${map.engine}, fitted on ${map.fit} samples`;
    canvas.setAttribute("aria-label", `Map of ${run().count} samples by layer ${map.name} at ${where}`);
  };

  /** @param {number} x @param {number} y */
  const nearest = (x, y) => {
    let best = -1;
    let least = REACH ** 2;
    const hidden = hiddenClasses();
    for (let i = 0; i < run().count; i++) {
      const gap = (screen[2 * i] - x) ** 2 + (screen[2 * i + 1] - y) ** 2;
      if (gap < least && !hidden.has(run().labels[i])) [best, least] = [i, gap];
    }
    return best;
  };

  /** @param {number} i */
  const showTip = async (i) => {
    hovered = i;
    tip.hidden = i < 0;
    draw();
    if (i < 0) return;
    const now = points(indexOf(current().step));
    byId("map-tip-text").textContent = nameOf(run(), i);
    const facts = [
      `cluster ${now.cluster[i] < 0 ? "none" : now.cluster[i]}`,
      `${Math.round((100 * now.preservation[i]) / 255)} % of its neighbours are true`,
    ];
    byId("map-tip-facts").textContent = facts.join(" · ");
    const box = canvas.getBoundingClientRect();
    tip.style.left = `${Math.min(screen[2 * i] + 14, box.width - TIP - 60)}px`;
    tip.style.top = `${Math.max(4, Math.min(screen[2 * i + 1] - 40, box.height - TIP - 70))}px`;
    await drawTip(i);
  };

  /** The sample's picture at this step where the page has it, else its result. @param {number} i */
  const drawTip = async (i) => {
    const { thumbs, picture: cell } = run();
    const strip = run().state;
    const known = i < run().players;
    const image = known
      ? await picture(strip.block, strip.offsets, i)
      : await picture(thumbs.block, thumbs.offsets, Math.floor(i / thumbs.perSheet));
    if (hovered !== i) return;
    const { context, width, height } = sharpContext(tipCanvas);
    const half = known ? width / 2 - 2 : width;
    const side = Math.min(half, height);
    if (known) {
      drawCell(context, image, cell, current().step, strip.columns, [0, 0, side, side]);
      drawCell(context, image, cell, run().times.length - 1, strip.columns, [half + 4, 0, side, side]);
    } else {
      drawCell(context, image, cell, i % thumbs.perSheet, thumbs.columns, [0, 0, side, side]);
    }
  };

  const drawLegend = () => {
    const legend = byId("map-legend");
    const continuous = ["outlier", "preservation"].includes(current().colour);
    byId("map-scale").hidden = !continuous;
    legend.hidden = current().colour !== "class" || run().classes.length > page.colours.length;
    if (continuous) {
      const range = run().maps?.outlierRange ?? [0, 1];
      const [low, high] = current().colour === "outlier" ? range.map((v) => v.toFixed(1)) : ["0 %", "100 %"];
      byId("map-scale-low").textContent = low;
      byId("map-scale-high").textContent = high;
    }
    const hidden = hiddenClasses();
    legend.replaceChildren(
      ...run().classes.map((name, index) => {
        const dot = make("i", { "aria-hidden": "true" });
        dot.style.background = classColour(page, index);
        const button = make("button", { type: "button", class: "chip", "aria-pressed": String(!hidden.has(index)) }, dot, name);
        button.addEventListener("click", () => {
          const left = hiddenClasses();
          if (!left.delete(index)) left.add(index);
          set({ hidden: [...left].sort((a, b) => a - b).join(",") });
        });
        return button;
      }),
    );
  };

  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons === 1) {
      view.x += event.movementX;
      view.y += event.movementY;
      draw();
      return;
    }
    const found = nearest(event.offsetX, event.offsetY);
    if (found !== hovered) showTip(found);
  });
  canvas.addEventListener("pointerleave", () => showTip(-1));
  let pressed = [0, 0];
  canvas.addEventListener("pointerdown", (event) => {
    pressed = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("click", (event) => {
    if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return; // that was a drag
    const found = nearest(event.offsetX, event.offsetY);
    if (found >= 0) set({ sample: found });
  });
  canvas.addEventListener("dblclick", () => current().sample < run().players && set({ view: "player" }));
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY / 400);
      const scale = Math.min(40, Math.max(1, view.scale * factor));
      view.x = event.offsetX - ((event.offsetX - view.x) * scale) / view.scale;
      view.y = event.offsetY - ((event.offsetY - view.y) * scale) / view.scale;
      view.scale = scale;
      draw();
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") set({ view: "player" });
    if (event.key === "Escape") showTip(-1);
    const move = { ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const all = [...run().labels.keys()];
    const order = all.sort((a, b) => screen[2 * a + 1] - screen[2 * b + 1]);
    const place = order.indexOf(current().sample) + move[1];
    set({ sample: order[Math.min(order.length - 1, Math.max(0, place))] });
    showTip(current().sample);
  });
  byId("map-fit").addEventListener("click", () => {
    Object.assign(view, { scale: 1, x: 0, y: 0 });
    draw();
  });
  byId("map-play").addEventListener("click", clock.toggle);
  byId("map-replay").addEventListener("click", clock.replay);
  byId("map-open").addEventListener("click", () => set({ view: "player" }));
  slider.addEventListener("input", () => clock.go(Number(slider.value)));
  layerSelect.addEventListener("change", () => set({ layer: layerSelect.selectedIndex }));
  colourSelect.addEventListener("change", () => set({ colour: colourSelect.value }));
  new ResizeObserver(draw).observe(canvas);
  clock.onTick((_, playing) => {
    byId("map-play").textContent = playing ? "Pause" : "Play";
    byId("map-play").setAttribute("aria-pressed", String(playing));
    draw();
  });
  document.addEventListener("themechange", draw);
  subscribe((state, changed) => {
    if (changed.has("run")) {
      byId("map-none").hidden = Boolean(run().maps);
      byId("map-body").hidden = !run().maps;
      layerSelect.replaceChildren(...(run().maps?.layers ?? []).map(({ name }) => make("option", {}, name)));
      cache.clear();
    }
    if (!run().maps) return;
    if (state.layer >= layerSelect.options.length) return set({ layer: 0 });
    layerSelect.selectedIndex = state.layer;
    colourSelect.value = state.colour;
    byId("map-chosen").textContent = nameOf(run(), Math.min(state.sample, run().count - 1));
    control("map-open", HTMLButtonElement).disabled = state.sample >= run().players;
    if (["run", "colour", "hidden"].some((key) => changed.has(key))) drawLegend();
    if (state.view === "map") {
      if (changed.has("view") || changed.has("layer")) showTip(-1);
      draw();
    }
  });
}
