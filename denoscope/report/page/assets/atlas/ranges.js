/**
 * Lists of sample numbers as short text: "3-10.15.18-20".
 */

/** @param {Iterable<number>} numbers ascending */
export function toRanges(numbers) {
  /** @type {[number, number][]} */
  const found = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(".");
}

/** The numbers with one more, or less if it was among them, ascending. @param {number[]} numbers @param {number} number */
export const toggled = (numbers, number) =>
  (numbers.includes(number) ? numbers.filter((known) => known !== number) : [...numbers, number]).sort((a, b) => a - b);

/** @param {string} text @param {number} count numbers from here on are left out @returns {number[]} */
export function fromRanges(text, count) {
  /** @type {number[]} */
  const found = [];
  for (const part of text.split(".").filter((range) => /^\d+(-\d+)?$/.test(range))) {
    const [from, to = from] = part.split("-").map(Number);
    for (let number = from; number <= Math.min(to, count - 1); number++) found.push(number);
  }
  return found;
}
