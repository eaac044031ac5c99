/**
 * The player: one sample's way from noise to picture, step by step.
 */
import { byId, control, ink, make, pen, sharpContext } from "./dom.js";
import { numbers } from "./blocks.js";
import { drawCell, picture } from "./pictures.js";
import { viridis } from "./colours.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";

/** What the recorded scalars mean. @type {Record<string, string>} */
const MEANING = {
  state_rms: "size of the state (root mean square)",
  x0_rms: "size of the prediction (root mean square)",
  x0_change: "change of the prediction since the step before",
};

/** @param {import("./samples.js").Samples[]} all samples of every run */
export function mountPlayer(all) {
  const slider = control("player-step", HTMLInputElement);
  const sampleInput = control("player-sample", HTMLInputElement);
  const film = byId("player-film");

  const run = () => all[current().run].run;
  const sample = () => Math.min(current().sample, run().players - 1);

  slider.addEventListener("input", () => clock.go(Number(slider.value)));
  sampleInput.addEventListener("change", () => set({ sample: clamp(Number(sampleInput.value), run().players) }));
  byId("player-previous").addEventListener("click", () => set({ sample: clamp(sample() - 1, run().players) }));
  byId("player-next").addEventListener("click", () => set({ sample: clamp(sample() + 1, run().players) }));
  byId("player-play").addEventListener("click", clock.toggle);
  byId("player-replay").addEventListener("click", clock.replay);
  const speed = control("player-speed", HTMLSelectElement);
  speed.addEventListener("change", () => clock.setSpeed(Number(speed.value)));

  /** @type {ImageBitmap[]} */
  let strips = [];
  /** @type {Uint8Array[]} attention of every layer, all samples */
  let attention = [];
  let scalars = new Float32Array();

  const load = async () => {
    const wanted = [current().run, sample()];
    const shown = run();
    const found = await Promise.all([shown.state, shown.x0].map((kind) => picture(kind.block, kind.offsets, sample())));
    const maps = await Promise.all(shown.attention.map((layer) => numbers(Uint8Array, layer.block)));
    const values = await numbers(Float32Array, shown.scalars.block);
    if (wanted[0] !== current().run || wanted[1] !== sample()) return; // another sample was chosen meanwhile
    [strips, attention, scalars] = [found, maps, values];
    drawFilm();
    drawStep();
  };

  /** @param {HTMLCanvasElement} canvas @param {"state" | "x0"} kind @param {number} step */
  const drawAt = (canvas, kind, step) => {
    const { height, width } = run().picture;
    const strip = run()[kind];
    const index = strip.steps.indexOf(step);
    // The last step is the result: it has no prediction of its own.
    const source = index < 0 ? run().state : strip;
    const image = strips[index < 0 || kind === "state" ? 0 : 1];
    canvas.width = width;
    canvas.height = height;
    drawCell(pen(canvas), image, run().picture, index < 0 ? step : index, source.columns, [0, 0, width, height]);
  };

  const drawStep = () => {
    const { step } = current();
    const last = run().times.length - 1;
    if (strips.length) {
      drawAt(control("player-state", HTMLCanvasElement), "state", step);
      drawAt(control("player-x0", HTMLCanvasElement), "x0", step);
    }
    slider.max = String(last);
    slider.value = String(step);
    const where = `step ${step} of ${last}, ${run().symbol} = ${Number(run().times[step].toPrecision(3))}`;
    slider.setAttribute("aria-valuetext", where);
    byId("player-where").textContent = where;
    for (const [index, frame] of [...film.children].entries()) frame.toggleAttribute("data-current", index === step);
    drawCharts();
    drawAttention();
  };

  const attentionSelect = control("player-attention", HTMLSelectElement);
  attentionSelect.addEventListener("change", () => drawAttention());

  const drawAttention = () => {
    const layer = run().attention[attentionSelect.selectedIndex];
    byId("player-attention-figure").hidden = !layer;
    if (!layer || !attention.length) return;
    const canvas = control("player-attention-canvas", HTMLCanvasElement);
    const values = attentionOf(layer, attention[attentionSelect.selectedIndex], sample(), current().step);
    canvas.width = canvas.height = layer.side;
    const image = pen(canvas).createImageData(layer.side, layer.side);
    values?.forEach((value, i) => image.data.set([...viridis(value / 255), 255], 4 * i));
    pen(canvas).putImageData(image, 0, 0);
    const most = values ? (Math.max(...values) / 255) * layer.most : 0;
    const text = values ? `at most ${most.toFixed(1)} times an even share` : "not recorded at this step";
    byId("player-attention-most").textContent = text;
    canvas.setAttribute("aria-label", `attention that each position receives in ${layer.name}: ${text}`);
  };

  const drawFilm = () => {
    const frames = run().times.map((_, step) => {
      const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { "aria-hidden": "true" }));
      drawAt(canvas, "state", step);
      const label = make("span", {}, String(step));
      const button = make("button", { type: "button", class: "frame", "aria-label": `go to step ${step}` }, canvas, label);
      button.addEventListener("click", () => clock.go(step));
      return button;
    });
    film.replaceChildren(...frames);
  };

  const drawCharts = () => {
    const known = scalarsOf(run(), scalars, sample());
    const holder = byId("player-charts");
    if (holder.children.length !== known.length) {
      holder.replaceChildren(
        ...known.map(() =>
          make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" })),
        ),
      );
    }
    for (const [index, { name, values }] of known.entries()) {
      const canvas = /** @type {HTMLCanvasElement} */ (holder.children[index].querySelector("canvas"));
      drawChart(canvas, values, current().step);
      const value = values[current().step];
      const text = Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "none";
      const caption = /** @type {HTMLElement} */ (holder.children[index].querySelector("figcaption"));
      caption.replaceChildren(`${MEANING[name] || name}: `, make("b", {}, text));
      canvas.setAttribute("aria-label", `${MEANING[name] || name} over the steps; at this step ${text}`);
    }
  };

  clock.onTick(() => {
    byId("player-play").textContent = clock.isPlaying() ? "Pause" : "Play";
    byId("player-play").setAttribute("aria-pressed", String(clock.isPlaying()));
  });
  addEventListener("resize", () => current().view === "player" && strips.length && drawCharts());
  document.addEventListener("themechange", () => current().view === "player" && strips.length && drawCharts());
  subscribe((state, changed) => {
    if (changed.has("run")) {
      byId("player-none").hidden = run().players > 0;
      byId("player-body").hidden = run().players === 0;
      attentionSelect.replaceChildren(...run().attention.map(({ name }) => make("option", {}, name)));
    }
    if (state.view !== "player") [strips, attention, scalars] = [[], [], new Float32Array()];
    if (state.view !== "player" || run().players === 0) return;
    sampleInput.max = String(run().players - 1);
    sampleInput.value = String(sample());
    byId("player-title").textContent = all[current().run].nameOf(sample());
    byId("player-limit").hidden = run().players >= run().count;
    byId("player-limit").textContent = `The page holds the steps of the first ${run().players} of ${run().count} samples.`;
    if (changed.has("run") || changed.has("sample") || changed.has("view")) load();
    else if (changed.has("step") && strips.length) drawStep();
  });
}

/** @param {number} value @param {number} count */
const clamp = (value, count) => Math.min(count - 1, Math.max(0, Math.round(value) || 0));

/**
 * A line over the steps with a mark at the present one.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} values
 * @param {number} step
 */
function drawChart(canvas, values, step) {
  const { context, width, height } = sharpContext(canvas);
  const finite = [...values].filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(...finite, low + 1e-9);
  const gap = 6;
  const x = (/** @type {number} */ i) => gap + (i / Math.max(1, values.length - 1)) * (width - 2 * gap);
  const y = (/** @type {number} */ v) => height - gap - ((v - low) / (high - low)) * (height - 2 * gap);
  context.strokeStyle = ink("--line");
  context.beginPath();
  context.moveTo(gap, y(low));
  context.lineTo(width - gap, y(low));
  context.moveTo(x(step), gap);
  context.lineTo(x(step), height - gap);
  context.stroke();
  context.strokeStyle = ink("--accent");
  context.lineWidth = 1.5;
  context.beginPath();
  values.forEach((value, i) => Number.isFinite(value) && context.lineTo(x(i), y(value)));
  context.stroke();
  if (Number.isFinite(values[step])) {
    context.fillStyle = ink("--accent");
    context.beginPath();
    context.arc(x(step), y(values[step]), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * The scalars of a sample: for every name one value a step (NaN where there is none).
 * @param {import("./types.js").RunData} run @param {Float32Array} all @param {number} sample
 */
function scalarsOf({ scalars: { names, steps } }, all, sample) {
  const first = sample * names.length * steps;
  return names.map((name, at) => ({ name, values: all.subarray(first + at * steps, first + (at + 1) * steps) }));
}

/**
 * The attention that each position receives in a layer, as shares of `most`; none where the step was not recorded.
 * @param {import("./types.js").AttentionMaps} layer @param {Uint8Array} all @param {number} sample @param {number} step
 */
function attentionOf({ side, steps }, all, sample, step) {
  const at = steps.indexOf(step);
  const first = (sample * steps.length + at) * side ** 2;
  return at < 0 ? null : all.subarray(first, first + side ** 2);
}
