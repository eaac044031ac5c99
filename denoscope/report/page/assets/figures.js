/**
 * Figures and animations, shown and offered for download.
 */
import { byId, make } from "./dom.js";
import { bytes } from "./data.js";
import { current, subscribe } from "./store.js";

/** @type {Record<string, string>} */
const TYPES = { png: "image/png", pdf: "application/pdf", svg: "image/svg+xml", mp4: "video/mp4", gif: "image/gif" };

/** @param {import("./types.js").PageData} page */
export function mountFigures(page) {
  /** @type {Map<string, string>} addresses by block: a video that still loads must not lose its own */
  const made = new Map();

  /** @param {string} block @param {string} kind */
  const address = (block, kind) => {
    const known = made.get(block);
    if (known) return known;
    const url = URL.createObjectURL(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes(block))], { type: TYPES[kind] }));
    made.set(block, url);
    return url;
  };

  /** @param {string} href @param {string} name @param {string} kind */
  const link = (href, name, kind) => make("a", { href, download: `${name}.${kind}`, class: "chip" }, kind.toUpperCase());

  const draw = () => {
    const run = page.runs[current().run];
    const figures = run.figures.map((figure) => {
      const urls = { png: address(figure.png, "png"), pdf: address(figure.pdf, "pdf"), svg: address(figure.svg, "svg") };
      const links = Object.entries(urls).map(([kind, url]) => link(url, `${run.name}-${figure.name}`, kind));
      return make(
        "figure",
        { class: "card" },
        make("img", { src: urls.png, alt: figure.caption }),
        make("figcaption", {}, make("b", {}, figure.title), " ", figure.caption, make("span", { class: "links" }, ...links)),
      );
    });
    const videos = run.media.map((entry) => {
      const mp4 = entry.embedded ? address(entry.mp4, "mp4") : entry.mp4;
      const gif = entry.embedded ? address(entry.gif, "gif") : entry.gif;
      const name = `${run.name}-${entry.title.replace(/[^\w]+/g, "-")}`;
      return make(
        "figure",
        { class: "card" },
        ...(entry.embedded ? [make("video", { src: mp4, controls: "", loop: "", muted: "", "aria-label": entry.title })] : []),
        make(
          "figcaption",
          {},
          entry.title,
          ...(entry.embedded ? [] : [" (beside this page, in the results folder)"]),
          make("span", { class: "links" }, link(mp4, name, "mp4"), link(gif, name, "gif")),
        ),
      );
    });
    byId("figures-list").replaceChildren(...figures);
    byId("media-list").replaceChildren(...videos);
  };

  for (const [index, run] of page.runs.entries()) {
    const grid = run.media[0];
    if (!grid.embedded) continue;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const video = make("video", { src: address(grid.mp4, "mp4"), controls: "", loop: "", "aria-label": grid.title });
    const movie = /** @type {HTMLVideoElement} */ (video);
    movie.muted = true;
    movie.autoplay = !still;
    const words = `${run.count} samples, from noise to picture in ${run.times.length - 1} steps.`;
    const guide = [
      "Gallery: every result.",
      "Player: every step of a sample, with what the network predicts and where its attention lies.",
      "Map: a layer's activations, a point a sample, moving from step to step.",
      "Similarity: which layers and steps compute the same.",
      "Figures: the same for paper, and animations.",
    ];
    const lines = guide.map((text) => make("p", {}, make("b", {}, text.split(":")[0]), text.slice(text.indexOf(":"))));
    const hero = byId(`hero-${index}`);
    hero.replaceChildren(video, make("figcaption", {}, make("p", {}, words), ...lines));
    hero.hidden = false;
  }

  subscribe((state, changed) => {
    if (state.view === "figures" && (changed.has("view") || changed.has("run"))) draw();
  });
}
