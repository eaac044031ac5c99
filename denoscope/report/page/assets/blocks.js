/**
 * The bytes of the page's data blocks: in elements of the page, or in scripts beside it, packed or not.
 */
import { byId } from "./dom.js";

const HELD_BYTES = 256e6;

/** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} the most recently used last */
const held = new Map();
/** @type {Map<string, number>} */
const sizes = new Map();
/** @type {Map<string, (text: string) => void>} scripts that are being loaded, by the hash that they give */
const waiting = new Map();

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

/** Forget all decoded blocks; they are decoded again when asked for. */
export function releaseBlocks() {
  held.clear();
  sizes.clear();
}

/** Decoded bytes that are held. */
export const heldBytes = () => [...sizes.values()].reduce((sum, size) => sum + size, 0);

/** @param {string} name */
async function open(name) {
  const coded = fromBase64(page.beside[name] ? await besideText(name) : byId(name).textContent || "");
  const found = packed.has(name) ? await unpacked(coded) : coded;
  sizes.set(name, found.length);
  for (const oldest of held.keys()) {
    if (heldBytes() <= HELD_BYTES || oldest === name) break;
    held.delete(oldest);
    sizes.delete(oldest);
  }
  return found;
}

/** The text of a script beside the page: it calls `denoscopeBlock` with it. @param {string} name */
function besideText(name) {
  const { key, file } = page.beside[name];
  return new Promise((/** @type {(text: string) => void} */ resolve, reject) => {
    const script = document.createElement("script");
    script.src = file;
    script.onerror = () => reject(new Error(`${file} is missing: keep the folder beside this page, or build it again`));
    waiting.set(key, (text) => {
      script.remove();
      resolve(text);
    });
    document.head.append(script);
  });
}

/** @type {any} */ (window).denoscopeBlock = (/** @type {string} */ key, /** @type {string} */ text) => {
  waiting.get(key)?.(text);
  waiting.delete(key);
};

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
