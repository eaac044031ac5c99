/**
 * What the state may be on this page.
 */
import { page } from "./blocks.js";
import { RAMPS } from "./colours.js";
import { limitTo } from "./store.js";

/** An address may come from another report, or from a longer run. @param {string[]} views */
export function mountLimits(views) {
  limitTo((state) => {
    const index = state.run >= 0 && state.run < page.runs.length ? state.run : 0;
    const other = page.runs[state.run2]?.maps ? state.run2 : index;
    const run = page.runs[index];
    const [layers, layers2] = [run, page.runs[other]].map(({ maps }) => maps?.layers ?? []);
    const [layer, layer2] = [within(state.layer, layers.length), within(state.layer2, layers2.length)];
    return {
      run: index,
      run2: other,
      view: run.views.includes(state.view) ? state.view : views.includes(state.view) ? "atlas" : "overview",
      sample: within(state.sample, run.count),
      step: within(state.step, run.times.length),
      layer,
      layer2,
      setting: within(state.setting, layers[layer]?.settings.length ?? 1),
      setting2: within(state.setting2, layers2[layer2]?.settings.length ?? 1),
      step2: layers2[layer2]?.steps.includes(state.step2) ? state.step2 : -1,
      k: Math.min(20, Math.max(1, state.k)),
      ...ofTexts(state, run),
      ...ofWords(state, run),
      frame: within(state.frame, run.state?.frames.length ?? 1),
      chosen: state.chosen < run.count ? Math.max(-1, state.chosen) : -1,
    };
  });
}

/** What of the texts may be shown. @param {import("./store.js").State} state @param {import("./types.js").RunData} run */
function ofTexts({ beside, sample2, side, token, heat, looks, frames }, run) {
  const second = run.texts && page.runs[beside]?.texts && page.runs[beside].players ? page.runs[beside] : null;
  const there = side ? second?.texts : run.texts;
  return {
    beside: second ? beside : -1,
    sample2: second ? within(sample2, second.players) : 0,
    side: second && side ? 1 : 0,
    token: there && token < there.length ? Math.max(-1, token) : -1,
    heat: [run, second].some((shown) => shown?.texts?.scores.some(({ name }) => name === heat)) ? heat : "",
    looks: Math.max(0, looks),
    frames: frames ? 1 : 0,
  };
}

/** What of words' attention may be shown. @param {import("./store.js").State} state @param {import("./types.js").RunData} run */
function ofWords({ words, wordLayer, wordHead, wordSteps, wordOwn, wordScale, wordRamp, wordCells, wordOpacity, wordGrey }, { words: data }) {
  const layer = within(wordLayer, data?.sources.length ?? 0);
  const source = data?.sources[layer];
  return {
    words: /^(none|\d+(\.\d+)*)$/.test(words) ? words : "",
    wordLayer: layer,
    wordHead: wordHead < (source?.heads ?? 0) ? Math.max(-1, wordHead) : -1,
    wordSteps: wordSteps ? 1 : 0,
    wordOwn: wordOwn ? 1 : 0,
    wordScale: within(wordScale, 3),
    wordRamp: wordRamp in RAMPS ? wordRamp : "",
    wordCells: wordCells ? 1 : 0,
    wordGrey: wordGrey ? 1 : 0,
    wordOpacity: within(wordOpacity, 101),
  };
}

/** @param {number} index @param {number} count */
export const within = (index, count) => Math.max(0, Math.min(index, count - 1));
