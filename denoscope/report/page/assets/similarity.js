/**
 * Similarity of all layers and steps; a click shows the pair side by side in the atlas.
 */
import { byId, control, make, pen } from "./dom.js";
import { numbers } from "./blocks.js";
import { viridis } from "./colours.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";

/** @param {import("./types.js").PageData} page */
export function mountSimilarity(page) {
  const canvas = control("similarity-canvas", HTMLCanvasElement);
  const readout = byId("similarity-readout");
  const cursor = { row: 0, column: 0 };
  let matrix = new Float32Array();

  const data = () => page.runs[current().run].similarity;

  const draw = async () => {
    const found = data();
    if (!found) return;
    const values = await numbers(Float32Array, found.block);
    if (found !== data()) return;
    matrix = values;
    const side = found.layers.length * found.steps.length;
    canvas.width = canvas.height = side;
    const context = pen(canvas);
    const image = context.createImageData(side, side);
    matrix.forEach((value, i) => {
      const colour = Number.isFinite(value) ? viridis(value) : [128, 128, 128];
      image.data.set([...colour, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
    const columns = `repeat(${found.layers.length}, 1fr)`;
    for (const id of ["similarity-rows", "similarity-columns"]) {
      const axis = byId(id);
      axis.style.setProperty(id === "similarity-rows" ? "grid-template-rows" : "grid-template-columns", columns);
      axis.replaceChildren(...found.layers.map((name) => make("span", { title: name }, name.replace(/^model\./, ""))));
    }
    byId("similarity-samples").textContent = String(found.samples);
    tell();
  };

  /** @param {number} index */
  const nameOf = (index) => {
    const found = data();
    if (!found) return { layer: "", step: 0 };
    return { layer: found.layers[Math.floor(index / found.steps.length)], step: found.steps[index % found.steps.length] };
  };

  const tell = () => {
    const side = canvas.width;
    const value = matrix[cursor.row * side + cursor.column];
    const [a, b] = [nameOf(cursor.row), nameOf(cursor.column)];
    const text = Number.isFinite(value) ? value.toFixed(3) : "undefined: one of them does not vary";
    readout.textContent = `${a.layer} at step ${a.step} and ${b.layer} at step ${b.step}: ${text}`;
    const mark = byId("similarity-mark");
    mark.style.left = `${(100 * (cursor.column + 0.5)) / side}%`;
    mark.style.top = `${(100 * (cursor.row + 0.5)) / side}%`;
  };

  const open = () => {
    const maps = page.runs[current().run].maps;
    if (!data() || !maps) return;
    const [a, b] = [nameOf(cursor.row), nameOf(cursor.column)];
    const [layer, layer2] = [a, b].map(({ layer: name }) => Math.max(0, maps.layers.findIndex((map) => map.name === name)));
    set({ view: "atlas", layer, compare: 1, run2: current().run, layer2, step2: b.step });
    clock.go(a.step);
  };

  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    cursor.column = Math.min(canvas.width - 1, Math.max(0, Math.floor((event.offsetX / box.width) * canvas.width)));
    cursor.row = Math.min(canvas.height - 1, Math.max(0, Math.floor((event.offsetY / box.height) * canvas.height)));
    tell();
  });
  canvas.addEventListener("click", open);
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Enter") open();
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    cursor.row = Math.min(canvas.height - 1, Math.max(0, cursor.row + move[0]));
    cursor.column = Math.min(canvas.width - 1, Math.max(0, cursor.column + move[1]));
    tell();
  });
  subscribe((state, changed) => {
    if (changed.has("run")) Object.assign(cursor, { row: 0, column: 0 });
    byId("similarity").hidden = !data();
    if (state.view === "layers" && (changed.has("view") || changed.has("run"))) draw();
  });
}
