/**
 * What is chosen above a plot: run, layer, UMAP setting, step.
 */
import { byId, control, make } from "../dom.js";
import { current, set } from "../store.js";
import { textOf } from "./points.js";

/** @typedef {import("./panel.js").Panel} Panel */

const OTHER = "other";

/**
 * @param {import("./atlas.js").Atlas} atlas
 * @param {Panel} panel
 * @returns {() => void} shows what the state says
 */
export function mountControls(atlas, panel) {
  const { number, keys } = panel;
  /** @param {string} name */
  const chooser = (name) => control(`plot-${number}-${name}`, HTMLSelectElement);
  const [run, layer, setting] = [chooser("run"), chooser("layer"), chooser("setting")];
  const form = control(`plot-${number}-live`, HTMLFormElement);
  const [neighbors, distance] = [control(`plot-${number}-n`, HTMLInputElement), control(`plot-${number}-d`, HTMLInputElement)];
  const bar = byId(`plot-${number}-progress`);
  const busy = /** @type {HTMLProgressElement} */ (bar.querySelector("progress"));

  run.addEventListener("change", () => set({ [keys.run]: run.selectedIndex, [keys.live]: "" }));
  layer.addEventListener("change", () => set({ [keys.layer]: layer.selectedIndex }));
  setting.addEventListener("change", () => {
    editing = setting.value === OTHER;
    form.hidden = !editing;
    if (editing) neighbors.focus();
    else set({ [keys.setting]: setting.selectedIndex, [keys.live]: "" });
  });
  let editing = false;
  let wanted = ""; // what was asked for last: an address that asks for something else has it laid out at once
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wanted = `${Number(neighbors.value)},${Number(distance.value)}`;
    set({ [keys.live]: wanted });
    recalculate();
  });
  byId(`plot-${number}-cancel`).addEventListener("click", () => panel.cancel());
  if (number) {
    const step = chooser("step");
    step.addEventListener("change", () => set({ step2: Number(step.value) }));
  }

  const recalculate = async () => {
    const asked = current()[keys.live];
    bar.hidden = false;
    atlas.tell("Laying out");
    try {
      const done = await panel.recalculate((share, stage) => {
        busy.value = share;
        byId(`plot-${number}-stage`).textContent = stage === "layout" ? "laying out" : "searching neighbours";
      });
      if (done === null) return; // another one goes on
      atlas.tell(done ? "Laid out" : "Cancelled");
      if (done) atlas.update(new Set([keys.live]));
      else if (current()[keys.live] === asked) set({ [keys.live]: "" });
    } catch (error) {
      set({ [keys.live]: "" });
      atlas.tell(error instanceof Error ? error.message : String(error));
    } finally {
      bar.hidden = !panel.running;
    }
  };

  return () => {
    const { samples, map } = panel;
    fill(run, panel.all.map((entry) => entry.run.name), current()[keys.run]);
    for (const [at, option] of [...run.options].entries()) option.disabled = !panel.all[at].run.maps;
    const several = panel.all.length > 1 && number === 1;
    /** @type {HTMLElement} */ (run.closest("label")).hidden = !several;
    fill(layer, (samples.run.maps?.layers ?? []).map(({ name }) => name), current()[keys.layer]);
    const texts = map.settings.map(({ n_neighbors, min_dist }) => textOf(n_neighbors, min_dist));
    const asked = panel.asks;
    fill(setting, map.features ? [...texts, "other …"] : texts, asked || editing ? texts.length : current()[keys.setting]);
    if (map.features) setting.options[texts.length].value = OTHER;
    form.hidden = !map.features || !(asked || editing);
    if (asked) [neighbors.value, distance.value] = [String(asked.nNeighbors), String(asked.minDist)];
    neighbors.max = String(Math.min(200, samples.count));
    if (asked && wanted !== current()[keys.live]) recalculate();
    wanted = current()[keys.live];
    if (!number) return;
    const step = chooser("step");
    fill(step, ["same step", ...map.steps.map((at) => `step ${at}`)], map.steps.indexOf(current().step2) + 1);
    for (const [at, option] of [...step.options].entries()) option.value = String(at ? map.steps[at - 1] : -1);
  };
}

/** @param {HTMLSelectElement} select @param {string[]} names @param {number} chosen */
function fill(select, names, chosen) {
  const same = select.options.length === names.length && names.every((name, at) => select.options[at].text === name);
  if (!same) select.replaceChildren(...names.map((name) => make("option", {}, name)));
  select.selectedIndex = Math.min(chosen, names.length - 1);
}
