/**
 * Figures and animations, shown and offered for download.
 */
import { byId, make } from "./dom.js";
import { bytes } from "./blocks.js";
import { current, subscribe } from "./store.js";

/** @type {Record<string, string>} */
const TYPES = { png: "image/png", pdf: "application/pdf", svg: "image/svg+xml", mp4: "video/mp4", gif: "image/gif" };

/** Addresses of what is shown or offered. @type {Set<string>} */
const made = new Set();

/** @param {import("./types.js").PageData} page */
export function mountFigures(page) {
  const draw = async () => {
    const run = page.runs[current().run];
    const figures = await Promise.all(run.figures.map((entry) => figure(run, entry)));
    const media = await Promise.all(run.media.map((entry) => animation(run, entry)));
    if (current().view !== "figures") return close();
    if (run !== page.runs[current().run]) return;
    byId("figures-list").replaceChildren(...figures);
    byId("media-list").replaceChildren(...media);
  };
  page.runs.forEach(mountHero);
  subscribe((state, changed) => {
    if (state.view === "figures" && (changed.has("view") || changed.has("run"))) draw();
    else if (changed.has("view") && made.size) close();
  });
}

const LETS_GO = 10000;

/** Give back what the figures take, but only once whatever still loads one of them has done so. */
function close() {
  byId("figures-list").replaceChildren();
  byId("media-list").replaceChildren();
  const urls = [...made];
  made.clear();
  setTimeout(() => urls.forEach((url) => URL.revokeObjectURL(url)), LETS_GO);
}

/** @param {string} block @param {string} kind */
async function address(block, kind) {
  const url = URL.createObjectURL(new Blob([await bytes(block)], { type: TYPES[kind] }));
  made.add(url);
  return url;
}

/** @param {string} href @param {string} name @param {string} kind */
const link = (href, name, kind) => make("a", { href, download: `${name}.${kind}`, class: "chip" }, kind.toUpperCase());

/** @param {import("./types.js").RunData} run @param {import("./types.js").FigureEntry} entry */
async function figure(run, entry) {
  const urls = await Promise.all(["png", "pdf", "svg"].map((kind) => address(entry[/** @type {"png"} */ (kind)], kind)));
  const links = ["png", "pdf", "svg"].map((kind, at) => link(urls[at], `${run.name}-${entry.name}`, kind));
  const words = make("figcaption", {}, make("b", {}, entry.title), " ", entry.caption, make("span", { class: "links" }, ...links));
  return make("figure", { class: "card" }, make("img", { src: urls[0], alt: entry.caption }), words);
}

/** @param {import("./types.js").RunData} run @param {import("./types.js").MediaEntry} entry */
async function animation(run, { title, mp4, gif, embedded }) {
  const [movie, picture] = embedded ? await Promise.all([address(mp4, "mp4"), address(gif, "gif")]) : [mp4, gif];
  const name = `${run.name}-${title.replace(/[^\w]+/g, "-")}`;
  const shown = embedded ? [make("video", { src: movie, controls: "", loop: "", muted: "", "aria-label": title })] : [];
  const where = embedded ? [] : [" (beside this page, in the results folder)"];
  const links = make("span", { class: "links" }, link(movie, name, "mp4"), link(picture, name, "gif"));
  return make("figure", { class: "card" }, ...shown, make("figcaption", {}, title, ...where, links));
}

const GUIDE = [
  "Gallery: every result.",
  "Player: every step of a sample, with what the network predicts and where its attention lies.",
  "Atlas: a layer's activations, a point a sample, moving from step to step; neighbours, clusters, selections.",
  "Layers: which layer knows what at which step, and which compute the same.",
  "Figures: the same for paper, and animations.",
];

/** The run's grid, playing, at the head of its overview. @param {import("./types.js").RunData} run @param {number} index */
async function mountHero(run, index) {
  const [grid] = run.media; // of texts, the first one
  if (!grid?.embedded) return;
  const content = new Blob([await bytes(grid.mp4)], { type: TYPES.mp4 });
  const video = /** @type {HTMLVideoElement} */ (make("video", { controls: "", loop: "", "aria-label": grid.title }));
  video.muted = true;
  video.autoplay = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  video.src = URL.createObjectURL(content);
  const words = `${run.count} samples, ${run.texts ? (run.texts.autoregressive ? "written" : "from masks to text") : `from noise to ${run.picture && run.picture.frames > 1 ? "film" : "picture"}`} in ${run.times.length - 1} steps.`;
  const lines = GUIDE.map((text) => make("p", {}, make("b", {}, text.split(":")[0]), text.slice(text.indexOf(":"))));
  const hero = byId(`hero-${index}`);
  hero.replaceChildren(video, make("figcaption", {}, make("p", {}, words), ...lines));
  hero.hidden = false;
}
