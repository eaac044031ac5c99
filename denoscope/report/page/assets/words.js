/**
 * Words that several views say.
 */

/** Which step, of how many, at which time. @param {import("./types.js").RunData} run @param {number} step */
export const where = (run, step) => `step ${step} of ${run.times.length - 1}, ${run.symbol} = ${Number(run.times[step].toPrecision(3))}`;

/** A share as a percentage with two digits that say something. @param {number} share */
export function percent(share) {
  const value = 100 * share;
  return `${value >= 9.95 || value === 0 ? Math.round(value) : value >= 0.995 ? value.toFixed(1) : Number(value.toPrecision(1))} %`;
}
