/**
 * What is known of a run's samples: the columns of its table.
 */
import { bytes } from "./blocks.js";

/** @type {Record<number, new (buffer: ArrayBuffer) => Codes>} */
const WIDTHS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
const WORDS = 48;

/** @typedef {Uint8Array | Uint16Array | Uint32Array} Codes */

/** The columns of a run, decoded when they are needed; those of categories before anything is shown. */
export class Samples {
  /** @param {import("./types.js").RunData} run @param {Map<string, Codes>} codes */
  constructor(run, codes) {
    this.run = run;
    this.count = run.count;
    this.codes = codes;
    this.categories = /** @type {import("./types.js").Categories[]} */ (
      run.columns.filter(({ kind }) => kind === "category")
    );
    this.classes = this.categories.find(({ name }) => name === "class")?.values ?? [];
    this.labels = codes.get("class") ?? new Uint8Array(run.count);
  }

  /** @param {import("./types.js").RunData} run */
  static async open(run) {
    /** @type {Map<string, Codes>} */
    const codes = new Map();
    for (const column of run.columns) {
      if (column.kind === "category") codes.set(column.name, new WIDTHS[column.width]((await bytes(column.block)).buffer));
    }
    return new Samples(run, codes);
  }

  /** The value of a category column. @param {string} column @param {number} sample */
  value(column, sample) {
    const found = this.categories.find(({ name }) => name === column);
    const codes = this.codes.get(column);
    return found && codes ? found.values[codes[sample]] : "";
  }

  /** What to call a sample. @param {number} sample */
  nameOf(sample) {
    if (this.classes.length) return `sample ${sample}, class ${this.classes[this.labels[sample]]}`;
    if (this.run.of) {
      const { length } = this.run.of;
      return `token ${sample % length} of text ${Math.floor(sample / length)}: ${this.value("token", sample)}`;
    }
    const [first, second] = this.run.texts ? ["text", "prompt"] : ["prompt", "text"];
    const words = this.value(first, sample) || this.value(second, sample);
    return words ? `sample ${sample}: ${words.length > WORDS ? `${words.slice(0, WORDS)}…` : words}` : `sample ${sample}`;
  }

  /** The values of a number column. @param {string} name @returns {Promise<Float32Array | Float64Array>} */
  async numbers(name) {
    const column = this.run.columns.find((known) => known.name === name);
    if (!column || column.kind !== "number") throw new Error(`${name} is no column of numbers`);
    const { buffer } = await bytes(column.block);
    return column.width === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
  }
}
