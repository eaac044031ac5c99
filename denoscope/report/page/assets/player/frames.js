/**
 * The frames of a film: which is shown, and playing them again and again, also while the steps play.
 */
import { byId, control } from "../dom.js";
import { current, set } from "../store.js";

const PER_SECOND = 8;

let count = 1;
let timer = 0;

/** Play the frames, or stop where they are. */
export function toggleFrames() {
  clearInterval(timer);
  timer = timer || count < 2 ? 0 : setInterval(next, 1000 / PER_SECOND);
  byId("player-frame-play").textContent = timer ? "Pause film" : "Play film";
  byId("player-frame-play").setAttribute("aria-pressed", String(Boolean(timer)));
}

export function mountFrames() {
  const slider = control("player-frame", HTMLInputElement);
  slider.addEventListener("input", () => set({ frame: Number(slider.value) }));
  byId("player-frame-play").addEventListener("click", toggleFrames);
}

/** @param {import("../types.js").RunData} run */
export function showFrames({ picture, state }) {
  const { frame } = current();
  const frames = state?.frames ?? [0];
  count = frames.length;
  for (const part of ["player-frame-bar", "player-frame-keys"]) byId(part).hidden = count < 2;
  const slider = control("player-frame", HTMLInputElement);
  slider.max = String(count - 1);
  slider.value = String(frame);
  const where = `frame ${frames[frame]} / ${(picture?.frames ?? 1) - 1}`;
  slider.setAttribute("aria-valuetext", where);
  byId("player-frame-where").textContent = where;
}

/** Stop: nothing with frames is shown. */
export function closeFrames() {
  count = 1;
  if (timer) toggleFrames();
}

const next = () => set({ frame: (current().frame + 1) % count });
