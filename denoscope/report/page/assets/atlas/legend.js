/**
 * The legend: values with their colours, each of which can be greyed; or a scale.
 */
import { byId, make } from "../dom.js";
import { set } from "../store.js";
import { hiddenValues } from "./flags.js";

const MOST = 60;

/** @param {import("./colouring.js").Colouring[]} colours of the maps shown: clusters of one may not be there in the other */
export function drawLegend(colours) {
  const [{ name, low, high }] = colours;
  const every = new Map(colours.flatMap(({ entries }) => entries).map((entry) => [entry.value, entry]));
  for (const entry of colours[0].entries) every.set(entry.value, entry);
  const entries = [...every.values()].sort((a, b) => a.value - b.value);
  byId("atlas-legend-title").textContent = name;
  byId("atlas-scale").hidden = entries.length > 0;
  byId("atlas-scale-low").textContent = low;
  byId("atlas-scale-high").textContent = high;
  const hidden = hiddenValues();
  const shown = [...entries].sort((a, b) => b.count - a.count).slice(0, MOST);
  const kept = entries.filter((entry) => shown.includes(entry));
  byId("atlas-legend").replaceChildren(...kept.map((entry) => chip(entry, hidden, entries)));
  const left = entries.length - kept.length;
  byId("atlas-legend-more").textContent = left ? `and ${left} rarer ones: find them by name. Colours repeat.` : "";
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
