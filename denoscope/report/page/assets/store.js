/**
 * The state that all views share, kept in the address so that a view can be linked to.
 *
 * @typedef {{run: number, view: string, sample: number, step: number, layer: number, colour: string, hidden: string}} State
 *   `hidden` lists the hidden classes by number, separated by commas.
 * @typedef {(state: State, changed: Set<string>) => void} Listener
 */

/** @type {State} */
const state = { run: 0, view: "overview", sample: 0, step: 0, layer: 0, colour: "class", hidden: "" };

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

/** Take the state from the address, and keep the address up to date. */
export function linkAddress() {
  const read = () => {
    /** @type {Record<string, string | number>} */
    const patch = {};
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
      const known = state[/** @type {keyof State} */ (key)];
      if (typeof known === "number" && /^\d+$/.test(value)) patch[key] = Number(value);
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
      const text = new URLSearchParams(Object.entries(state).map(([key, value]) => [key, String(value)]));
      history.replaceState(null, "", `#${text}`);
    }, 200);
  });
}
