/**
 * Pointer and keyboard on a plot: pan, zoom, hover, click, lasso, rectangle, a cursor that walks over the points.
 *
 * @typedef {{
 *   tool(): string, pan(dx: number, dy: number): void, zoom(factor: number, x: number, y: number): void,
 *   hover(x: number, y: number): void, leave(): void, click(x: number, y: number): void,
 *   open(x: number, y: number): void, outline(polygon: [number, number][], finished: boolean): void,
 *   key(event: KeyboardEvent): boolean
 * }} Actions
 */
const DRAG = 4;

/**
 * @param {HTMLElement} area
 * @param {Actions} actions
 */
export function listen(area, actions) {
  /** @type {Map<number, [number, number]>} fingers or pointer that are down */
  const down = new Map();
  /** @type {[number, number][]} */
  let drawn = [];
  let dragged = 0;

  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    area.setPointerCapture(event.pointerId);
    down.set(event.pointerId, [event.offsetX, event.offsetY]);
    dragged = 0;
    drawn = drawing(event, actions) ? [[event.offsetX, event.offsetY]] : [];
  });
  area.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return actions.hover(event.offsetX, event.offsetY);
    const [dx, dy] = [event.offsetX - before[0], event.offsetY - before[1]];
    dragged += Math.hypot(dx, dy);
    if (down.size === 2) pinch(down, event, actions);
    else if (drawn.length) {
      drawn = outline(drawn, [event.offsetX, event.offsetY], actions.tool());
      actions.outline(drawn, false);
    } else if (dragged > DRAG) actions.pan(dx, dy);
    down.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  const up = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId)) return;
    if (drawn.length) actions.outline([], false);
    if (drawn.length > 2 && dragged > DRAG) actions.outline(drawn, true);
    else if (dragged <= DRAG && event.type === "pointerup") actions.click(event.offsetX, event.offsetY);
    drawn = [];
  };
  area.addEventListener("pointerup", up);
  area.addEventListener("pointercancel", up);
  area.addEventListener("pointerleave", () => actions.leave());
  area.addEventListener("dblclick", (event) => actions.open(event.offsetX, event.offsetY));
  area.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      actions.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !actions.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** With Shift every drag draws a lasso. @param {PointerEvent} event @param {Actions} actions */
const drawing = (event, actions) => event.shiftKey || actions.tool() !== "pan";

/** @param {[number, number][]} drawn @param {[number, number]} place @param {string} tool @returns {[number, number][]} */
function outline(drawn, place, tool) {
  if (tool !== "rectangle") return [...drawn, place];
  const [from] = drawn;
  return [from, [place[0], from[1]], place, [from[0], place[1]]];
}

/** @param {Map<number, [number, number]>} down @param {PointerEvent} event @param {Actions} actions */
function pinch(down, event, actions) {
  const other = [...down.entries()].find(([id]) => id !== event.pointerId);
  const before = down.get(event.pointerId);
  if (!other || !before) return;
  const gap = (/** @type {[number, number]} */ [x, y]) => Math.max(8, Math.hypot(x - other[1][0], y - other[1][1]));
  const here = /** @type {[number, number]} */ ([event.offsetX, event.offsetY]);
  actions.zoom(gap(here) / gap(before), (here[0] + other[1][0]) / 2, (here[1] + other[1][1]) / 2);
}
