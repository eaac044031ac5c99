/**
 * What the chosen token attended to.
 */
import { byId, control, make } from "../dom.js";
import { current, set } from "../store.js";
import { percent } from "../words.js";
import { bar } from "./bars.js";
import { HIDDEN } from "./tokens.js";

const SHOWN = 8;

/** @typedef {Map<number, number>} Looks how much a position is attended to, 1 for the most */

export function mountLayers() {
  const layers = control("text-layer", HTMLSelectElement);
  layers.addEventListener("change", () => set({ looks: layers.selectedIndex }));
}

/**
 * List what a token attended to in the chosen layer.
 * @param {import("./text.js").Text} text @param {number} position @param {number} step
 * @param {(position: number) => void} choose
 */
export function listLooks(text, position, step, choose) {
  const { attention } = text;
  byId("text-attention").hidden = !text.data.attention;
  byId("text-layers").hidden = !attention;
  const looks = looksOf(text, position, step);
  byId("text-attention-note").textContent = note(text, looks);
  const layers = control("text-layer", HTMLSelectElement);
  const names = attention?.data.layers ?? [];
  if (layers.options.length !== names.length || names.some((name, at) => layers.options[at].text !== name)) {
    layers.replaceChildren(...names.map((name) => make("option", {}, name)));
  }
  layers.selectedIndex = layer(text);
  const pieces = text.pieces(step);
  byId("text-looks").replaceChildren(
    ...(looks ?? []).slice(0, SHOWN).map(({ share, position: at }) => {
      const hidden = at >= 0 && text.masked(at, step);
      const name = at < 0 ? "start of the text" : hidden ? HIDDEN : text.vocabulary.name(text.code(at, step)) || pieces[at];
      const [most] = looks ?? [];
      return bar(name, percent(share), share / most.share, at < 0 ? null : { label: `token ${at}`, go: () => choose(at) });
    }),
  );
}

/** How strongly positions are marked: those that got more than an even share. @param {import("./text.js").Text} text @param {number} position @param {number} step @returns {Looks | null} */
export function marks(text, position, step) {
  const looks = looksOf(text, position, step);
  if (!looks?.length) return null;
  const even = 1 / looks.length;
  const most = looks[0].share - even;
  return new Map(looks.filter(({ share }) => share > even).map(({ share, position: at }) => [at, (share - even) / most]));
}

/** @param {import("./text.js").Text} text */
const layer = ({ data }) => Math.min(current().looks, (data.attention?.layers.length ?? 1) - 1);

/** @param {import("./text.js").Text} text @param {number} position @param {number} step */
const looksOf = (text, position, step) => text.looks(layer(text), position, step);

/** @param {import("./text.js").Text} text @param {import("./text.js").Look[] | null} looks */
function note(text, looks) {
  const { attention } = text;
  const held = text.data.attention?.shares.samples ?? 0;
  if (!attention) return held ? `The page holds the attention of the first ${held} samples only.` : "Attention takes more room than a page has: it is in the trace.";
  if (!looks) return "Not recorded at this step.";
  return attention.data.each ? "Averaged over heads." : "Averaged over heads and over all tokens: what the whole text attended to.";
}
