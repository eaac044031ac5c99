/**
 * The bytes of the page's data blocks: in elements of the page, or in scripts beside it, packed or not.
 */
import { byId } from "./dom.js";

const HELD_BYTES = 256e6;

/** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} the most recently used last */
const held = new Map();
/** @type {Map<string, number>} */
const sizes = new Map();
/** @type {Map<string, {text: Promise<string>, give: (text: string) => void}>} scripts being loaded, by their hash */
const loading = new Map();

/** @type {import("./types.js").PageData} */
export const page = JSON.parse(byId("page-data").textContent || "{}");
const packed = new Set(page.packed);

/**
 * The bytes of a block.
 * @param {string} name
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function bytes(name) {
  const found = held.get(name) || open(name);
  held.delete(name);
  held.set(name, found);
  found.catch(() => held.delete(name)); // it may be there when asked for again
  return found;
}

/**
 * A block as numbers.
 * @template {Float32Array | Uint32Array | Uint16Array | Int16Array | Uint8Array | Int8Array} T
 * @param {new (buffer: ArrayBuffer) => T} type
 * @param {string} name
 * @returns {Promise<T>}
 */
export async function numbers(type, name) {
  return new type((await bytes(name)).buffer);
}

/**
 * What belongs to one sample of an array that has a row for each; null where the page does not hold it.
 * @template {Uint32Array | Uint16Array | Uint8Array} T
 * @param {{new (buffer: ArrayBuffer, offset: number, length: number): T, BYTES_PER_ELEMENT: number}} type
 * @param {import("./types.js").Rows} rows
 * @param {number} sample
 * @returns {Promise<T | null>}
 */
export async function row(type, { samples, per, blocks }, sample) {
  if (sample >= samples) return null;
  const first = sample - (sample % per);
  const { buffer, length } = await bytes(blocks[first / per]);
  const size = length / Math.min(per, samples - first);
  return new type(buffer, (sample - first) * size, size / type.BYTES_PER_ELEMENT);
}

/** Forget all decoded blocks; they are decoded again when asked for. */
export function releaseBlocks() {
  held.clear();
  sizes.clear();
}

/** @param {string} name */
async function open(name) {
  const coded = fromBase64(page.beside[name] ? await besideText(name) : byId(name).textContent || "");
  const found = packed.has(name) ? await unpacked(coded) : coded;
  sizes.set(name, found.length);
  let sum = [...sizes.values()].reduce((total, size) => total + size, 0);
  for (const oldest of held.keys()) {
    if (sum <= HELD_BYTES || oldest === name) break;
    sum -= sizes.get(oldest) ?? 0;
    held.delete(oldest);
    sizes.delete(oldest);
  }
  return found;
}

/** The text of a script beside the page: it calls `denoscopeBlock` with it. Equal blocks share one. @param {string} name */
function besideText(name) {
  const { key, file } = page.beside[name];
  const known = loading.get(key);
  if (known) return known.text;
  const script = document.createElement("script");
  script.src = file;
  let give = (/** @type {string} */ _text) => {};
  const text = new Promise((/** @type {(text: string) => void} */ resolve, reject) => {
    give = resolve;
    script.onerror = () => reject(new Error(`${file} is missing: keep the folder beside this page, or build it again`));
  });
  loading.set(key, { text, give });
  const end = () => {
    loading.delete(key);
    script.remove();
  };
  text.then(end, end);
  document.head.append(script);
  return text;
}

/** @type {any} */ (window).denoscopeBlock = (/** @type {string} */ key, /** @type {string} */ text) => loading.get(key)?.give(text);

/** @param {Uint8Array<ArrayBuffer>} data */
async function unpacked(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
function fromBase64(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const found = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) found[i] = binary.charCodeAt(i);
  return found;
}
