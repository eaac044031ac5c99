/**
 * The player: one sample's way from noise to picture or text, step by step.
 */
import { byId, control } from "./dom.js";
import { current, set, subscribe } from "./store.js";
import * as clock from "./clock.js";
import { mountFrames } from "./player/frames.js";
import { PictureStage } from "./player/stage.js";
import { TextStage } from "./text/stage.js";
import { where } from "./words.js";

/** @param {import("./samples.js").Samples[]} all samples of every run */
export function mountPlayer(all) {
  const run = () => all[current().run].run;
  const sample = () => Math.min(current().sample, run().players - 1);
  const stages = [new PictureStage(run, sample), new TextStage(all.map((samples) => samples.run), run, sample)];
  const stage = () => stages[run().texts ? 1 : 0];
  const open = () => current().view === "player" && run().players > 0;

  mountSampleChoice(() => run().players, sample);
  mountTransport();
  mountFrames();
  const redraw = () => open() && stage().redraw();
  addEventListener("resize", redraw);
  document.addEventListener("themechange", redraw);
  subscribe((state, changed) => {
    if (changed.has("run")) {
      byId("player-none").hidden = run().players > 0;
      byId("player-body").hidden = run().players === 0;
      for (const part of document.querySelectorAll("[data-kind]")) {
        /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.kind !== (run().texts ? "text" : "picture");
      }
    }
    for (const other of stages) if (!open() || other !== stage()) other.close();
    if (!open()) return;
    byId("player-title").textContent = all[state.run].nameOf(sample());
    showTransport(run(), state.step);
    stage().show(changed);
  });

  /** @param {import("./types.js").RunData} shown @param {number} step */
  function showTransport(shown, step) {
    const slider = control("player-step", HTMLInputElement);
    const input = control("player-sample", HTMLInputElement);
    slider.max = String(shown.times.length - 1);
    slider.value = String(step);
    slider.setAttribute("aria-valuetext", where(shown, step));
    byId("player-where").textContent = where(shown, step);
    byId("player-frames").setAttribute("aria-pressed", String(Boolean(current().frames)));
    input.max = String(shown.players - 1);
    input.value = String(sample());
    byId("player-limit").hidden = shown.players >= shown.count;
    byId("player-limit").textContent = `The page holds the steps of the first ${shown.players} of ${shown.count} samples.`;
  }
}

/** @param {() => number} players how many there are @param {() => number} sample the one shown */
function mountSampleChoice(players, sample) {
  const input = control("player-sample", HTMLInputElement);
  const go = (/** @type {number} */ value) => set({ sample: Math.min(players() - 1, Math.max(0, Math.round(value) || 0)) });
  input.addEventListener("change", () => {
    go(Number(input.value));
    input.value = String(sample()); // of a number that is none of them, too
  });
  byId("player-previous").addEventListener("click", () => go(sample() - 1));
  byId("player-next").addEventListener("click", () => go(sample() + 1));
}

function mountTransport() {
  const slider = control("player-step", HTMLInputElement);
  const speed = control("player-speed", HTMLSelectElement);
  slider.addEventListener("input", () => clock.go(Number(slider.value)));
  speed.addEventListener("change", () => clock.setSpeed(Number(speed.value)));
  byId("player-play").addEventListener("click", clock.toggle);
  byId("player-replay").addEventListener("click", clock.replay);
  byId("player-frames").addEventListener("click", () => set({ frames: 1 - current().frames }));
  clock.onTick((_, playing) => {
    byId("player-play").textContent = playing ? "Pause" : "Play";
    byId("player-play").setAttribute("aria-pressed", String(playing));
  });
}
