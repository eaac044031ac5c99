/**
 * The one clock: it moves the step that all views show.
 */
import { current, set } from "./store.js";

let steps = 1;
let speed = 6;
let playing = false;
let position = 0;
let before = 0;
let frame = 0;

/** @type {((position: number, playing: boolean) => void)[]} */
const listeners = [];

/** How far between two steps the clock stands; views that can draw between steps use it. */
export const now = () => (playing ? position : current().step);
export const isPlaying = () => playing;

/**
 * Set how many steps there are.
 * @param {number} count
 */
export function setSteps(count) {
  steps = Math.max(1, count);
  go(Math.min(current().step, steps - 1));
}

/**
 * Set the speed.
 * @param {number} perSecond steps per second
 */
export function setSpeed(perSecond) {
  speed = perSecond;
}

/**
 * Be told whenever the clock moves, starts or stops.
 * @param {(position: number, playing: boolean) => void} listener
 */
export function onTick(listener) {
  listeners.push(listener);
}

/**
 * Go to a step and stop there.
 * @param {number} step
 */
export function go(step) {
  playing = false;
  position = Math.min(steps - 1, Math.max(0, step));
  set({ step: position });
  tell();
}

/** Play from here, or from the start when at the end. */
export function play() {
  if (steps < 2) return;
  position = current().step >= steps - 1 ? 0 : current().step;
  playing = true;
  before = performance.now();
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(tick);
  tell();
}

export const replay = () => {
  go(0);
  play();
};
export const toggle = () => (playing ? go(Math.floor(position)) : play());

/** @param {number} time */
function tick(time) {
  if (!playing) return;
  position = Math.min(steps - 1, position + (Math.max(0, time - before) / 1000) * speed);
  before = time;
  if (position >= steps - 1) playing = false;
  set({ step: Math.floor(position + 1e-6) });
  tell();
  if (playing) frame = requestAnimationFrame(tick);
}

function tell() {
  for (const listener of listeners) listener(now(), playing);
}
