/**
 * The player: one sample's way from noise to picture, step by step.
 */
import { byId, control, ink, make, pen, sharpContext } from "./dom.js";
import { attentionOf, drawCell, picture, scalarsOf } from "./data.js";
import { viridis } from "./colours.js";
import { nameOf } from "./gallery.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";

/** What the recorded scalars mean. @type {Record<string, string>} */
const MEANING = {
  state_rms: "size of the state (root mean square)",
  x0_rms: "size of the prediction (root mean square)",
  x0_change: "change of the prediction since the step before",
};

/** @param {import("./types.js").PageData} page */
export function mountPlayer(page) {
  const slider = control("player-step", HTMLInputElement);
  const sampleInput = control("player-sample", HTMLInputElement);
  const film = byId("player-film");

  const run = () => page.runs[current().run];
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

  const load = async () => {
    const wanted = [current().run, sample()];
    const { state, x0 } = run();
    const found = await Promise.all([state, x0].map((kind) => picture(kind.block, kind.offsets, sample())));
    if (wanted[0] !== current().run || wanted[1] !== sample()) return; // another sample was chosen meanwhile
    strips = found;
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
    if (!layer) return;
    const canvas = control("player-attention-canvas", HTMLCanvasElement);
    const values = attentionOf(layer, sample(), current().step);
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
    const scalars = scalarsOf(run(), sample());
    const holder = byId("player-charts");
    if (holder.children.length !== scalars.length) {
      holder.replaceChildren(
        ...scalars.map(() =>
          make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" })),
        ),
      );
    }
    for (const [index, { name, values }] of scalars.entries()) {
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
      strips = [];
      attentionSelect.replaceChildren(...run().attention.map(({ name }) => make("option", {}, name)));
    }
    if (state.view !== "player" || run().players === 0) return;
    sampleInput.max = String(run().players - 1);
    sampleInput.value = String(sample());
    byId("player-title").textContent = nameOf(run(), sample());
    byId("player-limit").hidden = run().players >= run().count;
    byId("player-limit").textContent = `The page holds the steps of the first ${run().players} of ${run().count} samples.`;
    if (changed.has("run") || changed.has("sample") || changed.has("view")) load();
    else if (changed.has("step")) drawStep();
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
