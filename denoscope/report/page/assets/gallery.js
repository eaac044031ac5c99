/**
 * The gallery: the result of every sample; a click opens its player.
 */
import { byId, make, pen } from "./dom.js";
import { drawCell, picture } from "./data.js";
import { current, set, subscribe } from "./store.js";

const PAGE = 400;

/** @param {import("./types.js").PageData} page */
export function mountGallery(page) {
  const list = byId("gallery-list");
  const filter = byId("gallery-filter");
  const more = byId("gallery-more");
  const count = byId("gallery-count");
  let shown = PAGE;
  let chosen = -1;

  const draw = () => {
    const run = page.runs[current().run];
    const wanted = [...run.labels.keys()].filter((sample) => chosen < 0 || run.labels[sample] === chosen);
    list.replaceChildren(...wanted.slice(0, shown).map((sample) => tile(run, sample)));
    more.hidden = wanted.length <= shown;
    count.textContent = `${Math.min(shown, wanted.length)} of ${wanted.length} samples`;
  };

  const drawFilter = () => {
    const run = page.runs[current().run];
    const buttons = ["all", ...run.classes].map((name, index) => {
      const button = make("button", { type: "button", class: "chip", "aria-pressed": String(index - 1 === chosen) }, name);
      button.addEventListener("click", () => {
        chosen = index - 1;
        shown = PAGE;
        drawFilter();
        draw();
      });
      return button;
    });
    filter.replaceChildren(...(run.classes.length > 1 && run.classes.length <= 50 ? buttons : []));
  };

  more.addEventListener("click", () => {
    shown += PAGE;
    draw();
  });
  subscribe((state, changed) => {
    if (changed.has("run")) {
      chosen = -1;
      drawFilter();
    }
    if (state.view === "gallery" && (changed.has("run") || changed.has("view"))) draw();
  });
}

/**
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 */
function tile(run, sample) {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { "aria-hidden": "true" }));
  drawThumb(canvas, run, sample);
  const name = nameOf(run, sample);
  const button = make("button", { type: "button", class: "tile", title: name, "aria-label": `${name}: open its steps` }, canvas);
  button.addEventListener("click", () => set({ view: "player", sample }));
  return button;
}

/**
 * What to call a sample.
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 */
export function nameOf(run, sample) {
  return run.classes.length ? `sample ${sample}, class ${run.classes[run.labels[sample]]}` : `sample ${sample}`;
}

/**
 * Draw a sample's result on a canvas of its own size.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./types.js").RunData} run
 * @param {number} sample
 */
export async function drawThumb(canvas, run, sample) {
  const { block, offsets, columns, perSheet } = run.thumbs;
  const { height, width } = run.picture;
  canvas.width = width;
  canvas.height = height;
  const image = await picture(block, offsets, Math.floor(sample / perSheet));
  drawCell(pen(canvas), image, run.picture, sample % perSheet, columns, [0, 0, width, height]);
}
