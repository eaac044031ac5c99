/**
 * The keyboard on a plot: a cursor that walks over the points, and what can be done with the point under it.
 */
import { current, set } from "../store.js";
import * as camera from "./camera.js";
import { toggled } from "./ranges.js";
import { choose, clearOne, pick, pickedOf, stepsOf } from "./selection.js";

const PAN = 60;
const ZOOM = 1.3;
/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * @param {import("./atlas.js").Atlas} atlas
 * @param {import("./panel.js").Panel} panel
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key means something here
 */
export function plotKey(atlas, panel, { key, shiftKey }) {
  const direction = DIRECTIONS[key];
  if (direction && shiftKey) panel.look(camera.moved(panel.camera, panel.size, -PAN * direction[0], -PAN * direction[1]));
  else if (direction) atlas.point(panel, next(panel, atlas.cursor, direction));
  else if (!KEYS[key]) return false;
  else KEYS[key](atlas, panel);
  return true;
}

/** @type {Record<string, (atlas: import("./atlas.js").Atlas, panel: import("./panel.js").Panel) => void>} */
const KEYS = {
  "+": (_, panel) => zoom(panel, ZOOM),
  "-": (_, panel) => zoom(panel, 1 / ZOOM),
  0: (_, panel) => panel.look({ ...camera.WHOLE }),
  f: (_, panel) => panel.fit(),
  Enter: ({ cursor }) => cursor >= 0 && choose(cursor),
  n: (atlas, panel) => atlas.cursor >= 0 && atlas.clicked(panel, atlas.cursor),
  p: ({ cursor }, panel) => cursor >= 0 && pick(toggled(pickedOf(panel.samples.count), cursor)),
  o: (_, panel) => openPlayer(panel),
  Escape: (atlas, panel) => (atlas.hovered >= 0 ? atlas.hover(panel, -1) : clearOne()),
};

/** @param {import("./panel.js").Panel} panel @param {number} factor */
const zoom = (panel, factor) => panel.look(camera.zoomed(panel.camera, panel.size, factor, panel.size.width / 2, panel.size.height / 2));

/** @param {import("./panel.js").Panel} panel */
function openPlayer({ samples }) {
  const steps = stepsOf(samples.run, current().chosen);
  if (steps) set(steps);
}

/**
 * The next point from a point in a direction: near, and not far to the side.
 * @param {import("./panel.js").Panel} panel
 * @param {number} cursor -1 for none: then from the chosen one
 * @param {[number, number]} direction
 */
function next(panel, cursor, [dx, dy]) {
  const { positions } = panel.placed;
  const from = cursor >= 0 && cursor < panel.samples.count ? cursor : Math.max(0, current().chosen);
  const [x, y] = [positions[2 * from], positions[2 * from + 1]];
  let best = from;
  let least = Infinity;
  for (let i = 0; i < panel.samples.count; i++) {
    if (i === from || !panel.flags[i]) continue;
    const [right, down] = [positions[2 * i] - x, y - positions[2 * i + 1]]; // a map's y points up
    const along = right * dx + down * dy;
    const across = Math.abs(right * dy - down * dx);
    if (along > 0 && across <= along && along + 2 * across < least) [best, least] = [i, along + 2 * across];
  }
  return best;
}
