/**
 * The gallery: the result of every sample; a click opens its player.
 */
import { contactSheet } from "./contact.js";
import { byId, make } from "./dom.js";
import { drawThumb } from "./pictures.js";
import { current, set, subscribe } from "./store.js";
import { snippet } from "./text/cards.js";

const PAGE = 400;
const LONGEST = 60;

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
    const labels = samples.codes.get(groups(samples).column) ?? new Uint8Array(samples.count);
    const wanted = [...labels.keys()].filter((sample) => chosen < 0 || labels[sample] === chosen);
    list.toggleAttribute("data-texts", Boolean(samples.run.texts));
    const some = wanted.slice(0, shown);
    list.replaceChildren(...(byPrompt(samples) ? contactSheet(samples, some, tile) : some.map((sample) => tile(samples, sample))));
    more.hidden = wanted.length <= shown;
    count.textContent = `${Math.min(shown, wanted.length)} of ${wanted.length} samples`;
  };

  const drawFilter = () => {
    const { column, names } = groups(all[current().run]);
    filter.setAttribute("aria-label", `Show ${column}`);
    const buttons = ["all", ...names].map((name, index) => {
      const button = make("button", { type: "button", class: "chip", "aria-pressed": String(index - 1 === chosen), title: name }, name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name || "no prompt");
      button.addEventListener("click", () => {
        chosen = index - 1;
        shown = PAGE;
        drawFilter();
        draw();
      });
      return button;
    });
    filter.replaceChildren(...(names.length > 1 && names.length <= 50 ? buttons : []));
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

/** Whether pictures are of prompts. @param {import("./samples.js").Samples} samples */
const byPrompt = ({ run, classes, codes }) => Boolean(run.picture && !classes.length && codes.has("prompt"));

/** What samples are told apart by: their class or their prompt. @param {import("./samples.js").Samples} samples */
function groups(samples) {
  const { run, categories } = samples;
  const column = run.texts || byPrompt(samples) ? "prompt" : "class";
  return { column, names: categories.find(({ name }) => name === column)?.values ?? [] };
}

/**
 * @param {import("./samples.js").Samples} samples
 * @param {number} sample
 */
function tile(samples, sample) {
  const { run } = samples;
  const name = samples.nameOf(sample);
  const content = run.texts ? [make("span", { class: "quiet" }, `sample ${sample}`), snippet(samples, sample)] : [thumb(run, sample)];
  const button = /** @type {HTMLButtonElement} */ (make("button", { type: "button", class: "tile", title: name }, ...content));
  // The page holds every step of the first samples only.
  const played = sample < run.players;
  button.setAttribute("aria-label", `${name}: ${played ? "open its steps" : "show it in the atlas"}`);
  button.disabled = !played && !run.maps;
  button.addEventListener("click", () => set(played ? { view: "player", sample } : { view: "atlas", chosen: sample }));
  return button;
}

/** @param {import("./types.js").RunData} run @param {number} sample */
function thumb(run, sample) {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { "aria-hidden": "true" }));
  drawThumb(canvas, run, sample);
  return canvas;
}
