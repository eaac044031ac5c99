/**
 * The state that all views share, kept in the address so that a view can be linked to.
 *
 * @typedef {{
 *   run: number, view: string, sample: number, step: number, frames: number,
 *   words: string, wordLayer: number, wordHead: number, wordSteps: number, wordOwn: number, wordScale: number,
 *   wordRamp: string, wordCells: number, wordOpacity: number, wordGrey: number, frame: number,
 *   heat: string, token: number, side: number, looks: number, beside: number, sample2: number,
 *   layer: number, setting: number, live: string,
 *   compare: number, run2: number, layer2: number, setting2: number, live2: string, step2: number, linked: number,
 *   colour: string, hidden: string, find: string, at: string,
 *   chosen: number, k: number, space: string, manual: string, without: string, picked: string
 * }} State
 *   `live` is a UMAP setting outside the grid, "n_neighbors,min_dist". `step2` is -1 for the first panel's step. `hidden`
 *   lists values of the coloured column that are greyed, `manual` and `without` samples added to and taken from the
 *   neighbours of `chosen` (-1 for none), `picked` the selection as ranges, `at` the camera: scale, x, y. `token` is the
 *   position of the chosen token (-1 for none) in the first text or, if `side` is 1, in the second: that of `sample2` of
 *   run `beside` (-1 for none). `heat` names what tokens are coloured by, `looks` is a layer that attends. `words`
 *   lists the words whose attention lies over the picture ("" as many as have colours), of layer `wordLayer` and head
 *   `wordHead` (-1 for their mean); `wordSteps`, `wordOwn`, `wordCells` and `wordGrey` are 1 for the mean of all
 *   steps, shares of the prompt's own tokens, exact cells and a grey picture; `wordScale` is 1 for a scale for each word,
 *   2 for each map; `wordOpacity` is a percentage. `frame` is a place among the frames that the page holds of a film.
 * @typedef {(state: State, changed: Set<string>) => void} Listener
 */

/** @type {State} */
const START = {
  run: 0,
  view: "overview",
  sample: 0,
  step: 0,
  frames: 0,
  words: "",
  wordLayer: 0,
  wordHead: -1,
  wordSteps: 0,
  wordOwn: 0,
  wordScale: 0,
  wordRamp: "",
  wordCells: 0,
  wordOpacity: 75,
  wordGrey: 1,
  frame: 0,
  heat: "",
  token: -1,
  side: 0,
  looks: 0,
  beside: -1,
  sample2: 0,
  layer: 0,
  setting: 0,
  live: "",
  compare: 0,
  run2: 0,
  layer2: 0,
  setting2: 0,
  live2: "",
  step2: -1,
  linked: 1,
  colour: "",
  hidden: "",
  find: "",
  at: "",
  chosen: -1,
  k: 10,
  space: "activations",
  manual: "",
  without: "",
  picked: "",
};

const state = { ...START };

/** @type {Listener[]} */
const listeners = [];

/** @type {(wanted: State) => Partial<State>} */
let limits = () => ({});

/**
 * Say what may be: an address may come from another report, or from a longer run.
 * @param {(wanted: State) => Partial<State>} found gives those parts of a wanted state that must be otherwise
 */
export function limitTo(found) {
  limits = found;
}

/** The current state. */
export const current = () => state;

/**
 * Change parts of the state and tell every view what changed.
 * @param {Partial<State>} patch
 */
export function set(patch) {
  const wanted = { ...state, ...patch };
  Object.assign(wanted, limits(wanted));
  const changed = new Set(
    Object.entries(wanted)
      .filter(([key, value]) => state[/** @type {keyof State} */ (key)] !== value)
      .map(([key]) => key),
  );
  if (!changed.size) return;
  Object.assign(state, wanted);
  for (const listener of listeners) listener(state, changed);
}

/**
 * Be told of every change, and of the present state at once.
 * @param {Listener} listener
 */
export function subscribe(listener) {
  listeners.push(listener);
  listener(state, new Set(Object.keys(state)));
}

const LONGEST = 6000;

/** Take the state from the address, and keep the address up to date. */
export function linkAddress() {
  let seen = "";
  const read = () => {
    seen = location.hash;
    /** @type {Record<string, string | number>} what an address does not say is as at the start */
    const patch = { ...START };
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
      const known = state[/** @type {keyof State} */ (key)];
      if (typeof known === "number" && /^-?\d+$/.test(value)) patch[key] = Number(value);
      if (typeof known === "string") patch[key] = value;
    }
    set(patch);
  };
  read();
  addEventListener("hashchange", read);
  let waiting = 0;
  subscribe(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (location.hash !== seen) return; // another address was asked for, and is about to be read
      history.replaceState(null, "", `#${address()}`);
      seen = location.hash;
    }, 200);
  });
}

/** What differs from the start, as an address; a part that would make it too long is left out. */
function address() {
  const parts = Object.entries(state).filter(
    ([key, value]) => value !== START[/** @type {keyof State} */ (key)] && String(value).length < LONGEST,
  );
  return new URLSearchParams(parts.map(([key, value]) => [key, String(value)])).toString();
}
