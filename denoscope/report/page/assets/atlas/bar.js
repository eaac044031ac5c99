/**
 * The bar above the plots: colour, search, tools, side by side, export.
 */
import { byId, control, make } from "../dom.js";
import { current, set } from "../store.js";
import { choices } from "./colouring.js";
import { WHOLE } from "./camera.js";
import { contactSheet, csv, download, exported, plotDrawing, plotPicture, records } from "./exporting.js";
import { pick } from "./selection.js";

const MOST_PICTURES = 1024;

/** @typedef {import("./panel.js").Panel} Panel */

/**
 * @param {Panel[]} panels
 * @returns {() => void} shows what the state says
 */
export function mountBar(panels) {
  const [main] = panels;
  const colour = control("atlas-colour", HTMLSelectElement);
  const find = control("atlas-find", HTMLInputElement);
  const linked = control("atlas-linked", HTMLInputElement);
  colour.addEventListener("change", () => set({ colour: colour.value, hidden: "" }));
  find.addEventListener("input", () => set({ find: find.value }));
  linked.addEventListener("change", () => set({ linked: Number(linked.checked) }));
  byId("atlas-compare").addEventListener("click", () => set(current().compare ? { compare: 0 } : besides(main)));
  const views = () => (current().compare && !current().linked ? panels : [main]);
  byId("atlas-fit").addEventListener("click", () => views().forEach((panel) => panel.fit()));
  byId("atlas-whole").addEventListener("click", () => views().forEach((panel) => panel.look({ ...WHOLE })));
  byId("atlas-legend-all").addEventListener("click", () => set({ hidden: "" }));
  byId("atlas-pick-shown").addEventListener("click", () => pick(main.shown()));
  byId("atlas-pick-none").addEventListener("click", () => set({ picked: "" }));
  mountTools(panels);
  mountExports(main);
  return () => {
    const found = choices(main.samples);
    colour.replaceChildren(...found.map(({ id, name }) => make("option", { value: id }, name)));
    colour.value = current().colour;
    if (document.activeElement !== find) find.value = current().find;
    const two = Boolean(current().compare);
    byId("panel-1").hidden = !two;
    byId("atlas-plots").toggleAttribute("data-two", two);
    byId("atlas-compare").setAttribute("aria-pressed", String(two));
    byId("atlas-linked-label").hidden = !two;
    byId("atlas-export-sheet").hidden = !main.samples.run.thumbs;
    linked.checked = Boolean(current().linked);
  };
}

/** A second plot of the same run that shows another layer, where there is one. @param {Panel} main */
function besides({ samples }) {
  const { run, layer, layer2, run2 } = current();
  const other = (layer + 1) % (samples.run.maps?.layers.length ?? 1);
  const same = run2 !== run || layer2 === layer;
  return { compare: 1, run2: run, ...(same ? { layer2: other, setting2: 0, live2: "" } : {}) };
}

/** @param {Panel[]} panels */
function mountTools(panels) {
  const tools = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-tool]")]);
  for (const button of tools) {
    button.addEventListener("click", () => {
      for (const other of tools) other.setAttribute("aria-pressed", String(other === button));
      for (const panel of panels) panel.overlay.dataset.using = button.dataset.tool;
    });
  }
}

/** @param {Panel} main */
function mountExports(main) {
  const name = () => `${main.samples.run.name}-${main.map.name}-step${main.map.steps[main.index]}`.replace(/[^\w.-]+/g, "_");
  /** @type {Record<string, () => Promise<void>>} */
  const kinds = {
    csv: async () => download(csv(await records(main, exported(main))), `${name()}.csv`, "text/csv"),
    json: async () => download(JSON.stringify(await records(main, exported(main)), null, 1), `${name()}.json`, "application/json"),
    sheet: async () => download(await contactSheet(main, exported(main).slice(0, MOST_PICTURES)), `${name()}-sheet.png`, "image/png"),
    png: async () => download(await plotPicture(main), `${name()}.png`, "image/png"),
    svg: async () => download(await plotDrawing(main), `${name()}.svg`, "image/svg+xml"),
  };
  const menu = control("atlas-export", HTMLDetailsElement);
  for (const [kind, run] of Object.entries(kinds)) {
    byId(`atlas-export-${kind}`).addEventListener("click", async () => {
      await run();
      menu.open = false;
    });
  }
  addEventListener("pointerdown", (event) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menu.open = false;
  });
}
