/**
 * The gallery: the result of every sample; a click opens its player.
 */
import { byId, make } from "./dom.js";
import { drawThumb } from "./pictures.js";
import { current, set, subscribe } from "./store.js";

const PAGE = 400;

/** @param {import("./samples.js").Samples[]} all samples of every run */
export function mountGallery(all) {
  const list = byId("gallery-list");
  const filter = byId("gallery-filter");
  const more = byId("gallery-more");
  const count = byId("gallery-count");
  let shown = PAGE;
  let chosen = -1;

  const draw = () => {
    const samples = all[current().run];
    const wanted = [...samples.labels.keys()].filter((sample) => chosen < 0 || samples.labels[sample] === chosen);
    list.replaceChildren(...wanted.slice(0, shown).map((sample) => tile(samples, sample)));
    more.hidden = wanted.length <= shown;
    count.textContent = `${Math.min(shown, wanted.length)} of ${wanted.length} samples`;
  };

  const drawFilter = () => {
    const { classes } = all[current().run];
    const buttons = ["all", ...classes].map((name, index) => {
      const button = make("button", { type: "button", class: "chip", "aria-pressed": String(index - 1 === chosen) }, name);
      button.addEventListener("click", () => {
        chosen = index - 1;
        shown = PAGE;
        drawFilter();
        draw();
      });
      return button;
    });
    filter.replaceChildren(...(classes.length > 1 && classes.length <= 50 ? buttons : []));
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
 * @param {import("./samples.js").Samples} samples
 * @param {number} sample
 */
function tile(samples, sample) {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { "aria-hidden": "true" }));
  drawThumb(canvas, samples.run, sample);
  const name = samples.nameOf(sample);
  const button = /** @type {HTMLButtonElement} */ (make("button", { type: "button", class: "tile", title: name }, canvas));
  // The page holds every step of the first samples only.
  const played = sample < samples.run.players;
  button.setAttribute("aria-label", `${name}: ${played ? "open its steps" : "show it in the atlas"}`);
  button.disabled = !played && !samples.run.maps;
  button.addEventListener("click", () => set(played ? { view: "player", sample } : { view: "atlas", chosen: sample }));
  return button;
}
