/**
 * Starts the page: views over one store and one clock.
 */
import { byId } from "./dom.js";
import { page } from "./blocks.js";
import { Samples } from "./samples.js";
import { linkAddress, set, subscribe } from "./store.js";
import { mountKeys } from "./keys.js";
import { mountLimits } from "./limits.js";
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
      const there = tabs.filter((other) => !other.hidden);
      const next = there[(there.indexOf(tab) + move + there.length) % there.length];
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
      tab.hidden = !page.runs[state.run].views.includes(String(tab.dataset.view));
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

async function start() {
  const all = await Promise.all(page.runs.map((run) => Samples.open(run)));
  mountLimits(views);
  mountTheme();
  mountGallery(all);
  mountPlayer(all);
  new Atlas(all);
  mountCharts();
  mountSimilarity(page);
  mountFigures(page);
  mountTabs();
  mountKeys(tabs);
  linkAddress();
  document.documentElement.dataset.ready = "true";
}

addEventListener("unhandledrejection", ({ reason }) => {
  const notice = byId("failure");
  notice.hidden = false;
  notice.textContent = `This cannot be shown: ${reason instanceof Error ? reason.message : reason}`;
});
start();
