/**
 * Keys that work wherever no field has them.
 */
import { page } from "./blocks.js";
import * as clock from "./clock.js";
import { within } from "./limits.js";
import { toggleFrames } from "./player/frames.js";
import { current, set } from "./store.js";

/** @param {HTMLButtonElement[]} tabs of the views */
export function mountKeys(tabs) {
  addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.matches("input, select, textarea, video")) return;
    const step = current().step;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => clock.go(step - 1),
      ArrowRight: () => clock.go(step + 1),
      Home: () => clock.go(0),
      End: () => clock.go(page.runs[current().run].times.length - 1),
      r: clock.replay,
      "[": () => set({ sample: Math.max(0, current().sample - 1) }),
      "]": () => set({ sample: within(current().sample + 1, page.runs[current().run].players) }),
    };
    if (current().view === "player") Object.assign(keys, { f: () => set({ frames: 1 - current().frames }), v: toggleFrames });
    if (!target.matches("button, a, summary")) keys[" "] = clock.toggle;
    const found = keys[event.key] || keys[event.key.toLowerCase()] || (/^[1-9]$/.test(event.key) && tabs[Number(event.key) - 1]);
    if (!found || !["player", "atlas"].includes(current().view)) {
      if (found instanceof HTMLElement) found.click();
      return;
    }
    event.preventDefault();
    if (found instanceof HTMLElement) found.click();
    else found();
  });
}
