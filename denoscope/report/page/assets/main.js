/**
 * Starts the page: views over one store and one clock.
 */
import { byId } from "./dom.js";
import { page } from "./blocks.js";
import { Samples } from "./samples.js";
import { current, limitTo, linkAddress, set, subscribe } from "./store.js";
import * as clock from "./clock.js";
import { mountTheme } from "./theme.js";
import { mountGallery } from "./gallery.js";
import { mountPlayer } from "./player.js";
import { Atlas } from "./atlas/atlas.js";
import { mountCharts } from "./charts.js";
import { mountSimilarity } from "./similarity.js";
import { mountFigures } from "./figures.js";

const tabs = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[role=tab][data-view]")]);
const views = tabs.map((tab) => String(tab.dataset.view));

function mountTabs() {
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", (event) => {
      set({ view: views[index] });
      // After a click with the pointer, arrow keys belong to the view; on the focused tab they choose another view.
      if (event.detail) byId(`view-${views[index]}`).focus({ preventScroll: true });
    });
    tab.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      const next = tabs[(index + move + tabs.length) % tabs.length];
      next.focus();
      next.click();
    });
  }
  for (const button of document.querySelectorAll("[data-run]")) {
    button.addEventListener("click", () => set({ run: Number(/** @type {HTMLElement} */ (button).dataset.run) }));
  }
  subscribe((state, changed) => {
    for (const tab of tabs) {
      const chosen = tab.dataset.view === state.view;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      byId(`view-${tab.dataset.view}`).hidden = !chosen;
    }
    for (const part of document.querySelectorAll("[data-run-only]")) {
      /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.runOnly !== String(state.run);
    }
    for (const button of document.querySelectorAll("[data-run]")) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.run === String(state.run)));
    }
    if (changed.has("run")) clock.setSteps(page.runs[state.run].times.length);
  });
}

function mountKeys() {
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

/** An address may come from another report, or from a longer run. */
function mountLimits() {
  limitTo((state) => {
    const index = state.run >= 0 && state.run < page.runs.length ? state.run : 0;
    const other = page.runs[state.run2]?.maps ? state.run2 : index;
    const run = page.runs[index];
    const [layers, layers2] = [run, page.runs[other]].map(({ maps }) => maps?.layers ?? []);
    const [layer, layer2] = [within(state.layer, layers.length), within(state.layer2, layers2.length)];
    return {
      run: index,
      run2: other,
      view: views.includes(state.view) ? state.view : "overview",
      sample: within(state.sample, run.count),
      step: within(state.step, run.times.length),
      layer,
      layer2,
      setting: within(state.setting, layers[layer]?.settings.length ?? 1),
      setting2: within(state.setting2, layers2[layer2]?.settings.length ?? 1),
      step2: layers2[layer2]?.steps.includes(state.step2) ? state.step2 : -1,
      k: Math.min(20, Math.max(1, state.k)),
      chosen: state.chosen < run.count ? Math.max(-1, state.chosen) : -1,
    };
  });
}

/** @param {number} index @param {number} count */
const within = (index, count) => Math.max(0, Math.min(index, count - 1));

async function start() {
  const all = await Promise.all(page.runs.map((run) => Samples.open(run)));
  mountLimits();
  mountTheme();
  mountGallery(all);
  mountPlayer(all);
  new Atlas(all);
  mountCharts();
  mountSimilarity(page);
  mountFigures(page);
  mountTabs();
  mountKeys();
  linkAddress();
  document.documentElement.dataset.ready = "true";
}

addEventListener("unhandledrejection", ({ reason }) => {
  const notice = byId("failure");
  notice.hidden = false;
  notice.textContent = `This cannot be shown: ${reason instanceof Error ? reason.message : reason}`;
});
start();
