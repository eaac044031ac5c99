/**
 * Draws a line over the steps.
 */
import { ink, sharpContext } from "../dom.js";

const GAP = 6;

/**
 * A line over the steps with a mark at the present one; no line where there is no number.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number} step
 */
export function drawLine(canvas, values, step) {
  const { context, width, height } = sharpContext(canvas);
  const finite = Array.from(values).filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(...finite, low + 1e-9);
  const x = (/** @type {number} */ i) => GAP + (i / Math.max(1, values.length - 1)) * (width - 2 * GAP);
  const y = (/** @type {number} */ v) => height - GAP - ((v - low) / (high - low)) * (height - 2 * GAP);
  context.strokeStyle = ink("--line");
  context.beginPath();
  context.moveTo(GAP, y(low));
  context.lineTo(width - GAP, y(low));
  context.moveTo(x(step), GAP);
  context.lineTo(x(step), height - GAP);
  context.stroke();
  context.strokeStyle = ink("--accent");
  context.lineWidth = 1.5;
  context.beginPath();
  Array.from(values).forEach((value, i) => Number.isFinite(value) && context.lineTo(x(i), y(value)));
  context.stroke();
  if (Number.isFinite(values[step])) {
    context.fillStyle = ink("--accent");
    context.beginPath();
    context.arc(x(step), y(values[step]), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}
