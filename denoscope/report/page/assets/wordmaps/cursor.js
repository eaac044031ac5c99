/**
 * The cell of the maps that a reader points at, or walks to with Shift and the arrows.
 */
const MOVES = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });

/** @typedef {{height: number, width: number}} Grid */

export class Cursor {
  /** @param {HTMLCanvasElement[]} canvases @param {() => Grid | null} grid @param {() => void} moved */
  constructor(canvases, grid, moved) {
    this.cell = -1;
    this.grid = grid;
    this.moved = moved;
    for (const canvas of canvases) {
      canvas.addEventListener("pointermove", (event) => this.#point(canvas, event));
      canvas.addEventListener("pointerdown", (event) => this.#point(canvas, event));
      canvas.addEventListener("pointerleave", () => this.#go(-1));
      canvas.addEventListener("blur", () => this.#go(-1));
      canvas.addEventListener("keydown", (event) => this.#walk(event));
    }
  }

  /** @param {number} cell */
  #go(cell) {
    if (cell === this.cell) return;
    this.cell = cell;
    this.moved();
  }

  /** The picture lies in the middle of its canvas. @param {HTMLCanvasElement} canvas @param {PointerEvent} event */
  #point(canvas, { clientX, clientY }) {
    const grid = this.grid();
    if (!grid) return;
    const box = canvas.getBoundingClientRect();
    const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
    const part = (/** @type {number} */ at, /** @type {number} */ middle, /** @type {number} */ pixels) => (at - middle) / (pixels * scale) + 0.5;
    const x = Math.floor(part(clientX, box.x + box.width / 2, canvas.width) * grid.width);
    const y = Math.floor(part(clientY, box.y + box.height / 2, canvas.height) * grid.height);
    this.#go(x >= 0 && y >= 0 && x < grid.width && y < grid.height ? y * grid.width + x : -1);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const [move, grid] = [MOVES[event.key], this.grid()];
    if (!move || !event.shiftKey || !grid) return;
    event.preventDefault();
    const at = this.cell < 0 ? Math.floor(grid.height / 2) * grid.width + Math.floor(grid.width / 2) : this.cell;
    const x = Math.min(grid.width - 1, Math.max(0, (at % grid.width) + move[0]));
    const y = Math.min(grid.height - 1, Math.max(0, Math.floor(at / grid.width) + move[1]));
    this.#go(y * grid.width + x);
  }
}
