/**
 * Draws what lies over the points: trails, neighbours, the chosen sample, the one under the pointer, the lasso.
 *
 * @typedef {(i: number) => [number, number]} Where screen position of a sample
 * @typedef {{where: Where, chosen: number, hovered: number, neighbors: import("./neighborhood.js").Neighbor[],
 *   trails: [number, number][][], polygon: [number, number][]}} Marks
 */
import { ink, sharpContext } from "../dom.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Marks} marks
 */
export function drawMarks(canvas, { where, chosen, hovered, neighbors, trails, polygon }) {
  const { context } = sharpContext(canvas);
  for (const trail of trails) drawTrail(context, trail, ink("--quiet"));
  if (chosen >= 0) {
    context.globalAlpha = 0.35;
    for (const { sample } of neighbors) line(context, [where(chosen), where(sample)], ink("--neighbor"), 1);
    context.globalAlpha = 1;
    for (const { sample, manual } of neighbors) ring(context, where(sample), manual ? 8 : 6.5, ink("--neighbor"), manual ? 3.5 : 1.5);
    ring(context, where(chosen), 8, ink("--paper"), 5);
    ring(context, where(chosen), 8, ink("--accent"), 3);
  }
  if (hovered >= 0) ring(context, where(hovered), 6, ink("--ink"), 2);
  if (polygon.length) drawPolygon(context, polygon);
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place @param {number} radius @param {string} colour @param {number} width */
function ring(context, [x, y], radius, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {[number, number][]} places @param {string} colour @param {number} width */
function line(context, places, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  for (const place of places) context.lineTo(...place);
  context.stroke();
}

/** From pale to dark as the steps go from noise to the clean sample. */
/** @param {CanvasRenderingContext2D} context @param {[number, number][]} trail @param {string} colour */
function drawTrail(context, trail, colour) {
  for (let step = 1; step < trail.length; step++) {
    context.globalAlpha = 0.15 + (0.75 * step) / trail.length;
    line(context, [trail[step - 1], trail[step]], colour, 1.5);
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {[number, number][]} polygon */
function drawPolygon(context, polygon) {
  context.setLineDash([5, 4]);
  line(context, [...polygon, polygon[0]], ink("--accent"), 1.5);
  context.setLineDash([]);
  context.globalAlpha = 0.1;
  context.fillStyle = ink("--accent");
  context.fill();
  context.globalAlpha = 1;
}
