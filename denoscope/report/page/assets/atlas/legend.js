/**
 * The legend: values with their colours, each of which can be greyed; or a scale.
 */
import { byId, make } from "../dom.js";
import { set } from "../store.js";
import { hiddenValues } from "./flags.js";

const MOST = 60;

/**
 * @param {import("./colouring.js").Colouring} colours of the first map
 * @param {boolean} two whether there is a second
 */
export function drawLegend({ name, entries, low, high }, two) {
  byId("atlas-legend-title").textContent = name;
  byId("atlas-scale").hidden = entries.length > 0;
  byId("atlas-scale-low").textContent = low;
  byId("atlas-scale-high").textContent = high;
  const hidden = hiddenValues();
  const shown = new Set([...entries].sort((a, b) => b.count - a.count).slice(0, MOST));
  const list = byId("atlas-legend");
  const focused = [...list.children].indexOf(/** @type {Element} */ (document.activeElement));
  list.replaceChildren(...entries.filter((entry) => shown.has(entry)).map((entry) => chip(entry, hidden, entries)));
  /** @type {HTMLElement | undefined} */ (list.children[focused])?.focus();
  const left = entries.length - shown.size;
  const notes = [
    left > 0 ? `and ${left} rarer ones: find them by name. Colours repeat.` : "",
    two && name === "cluster" ? "The second map's clusters have numbers of their own." : "",
  ];
  byId("atlas-legend-more").textContent = notes.filter(Boolean).join(" ");
  byId("atlas-legend-all").hidden = !entries.length || !hidden.size;
}

/** @param {import("./colouring.js").Entry} entry @param {Set<number>} hidden @param {import("./colouring.js").Entry[]} all */
function chip({ value, name, colour, count }, hidden, all) {
  const dot = make("i", { "aria-hidden": "true" });
  dot.style.background = colour;
  const title = `${count} samples; with Shift: only these`;
  const button = make("button", { type: "button", class: "chip", "aria-pressed": String(!hidden.has(value)), title }, dot, name);
  button.addEventListener("click", (event) => {
    const left = event.shiftKey ? new Set(all.map((entry) => entry.value)) : hiddenValues();
    if (!left.delete(value)) left.add(value);
    set({ hidden: [...left].sort((a, b) => a - b).join(",") });
  });
  return button;
}
