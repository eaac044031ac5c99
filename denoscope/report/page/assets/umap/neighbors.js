/**
 * Exact nearest neighbours among int8 features by comparing all pairs, each once.
 *
 * Two points share a double, the second 2²⁶ times as large: one multiplication then serves two dot products, and all
 * sums stay exact integers below 2⁵³.
 */

/** Rows compared together; their features stay in the processor's nearest cache. A multiple of 4. */
const BLOCK = 64;
const SHARE = 2 ** 26;
const MOST_COMPONENTS = 2 ** 11 - 1;

/** @typedef {"euclidean" | "cosine"} Metric */
/** @typedef {{indices: Uint32Array, distances: Float32Array}} Neighbours [n * k] both, nearest first */

/**
 * What turns dot products into distances: own[i] + own[j] − 2 dot scale[i] scale[j].
 * @typedef {{own: Float64Array, scale: Float64Array}} Lengths
 */

/**
 * The `k` nearest others of every point; ties go to the lower index. Euclidean distances are in int8 units.
 * @param {Int8Array} features [n * c]
 * @param {number} n
 * @param {number} c
 * @param {number} k
 * @param {{metric?: Metric, onProgress?: (done: number) => void}} [options] `onProgress` is told what share is done
 * @returns {Neighbours}
 */
export function nearestInt8(features, n, c, k, { metric = "euclidean", onProgress = () => {} } = {}) {
  if (k >= n) throw new Error(`${n} points have no ${k} others each`);
  if (c > MOST_COMPONENTS) throw new Error(`at most ${MOST_COMPONENTS} components, not ${c}`);
  const packed = pack(features, n, c);
  const rows = new Float64Array(BLOCK * c);
  const dots = new Float64Array(BLOCK * BLOCK);
  const lists = new Lists(n, k);
  const measures = lengths(features, n, c, metric);
  const pairs = n * n;
  for (let top = 0; top < n; top += BLOCK) {
    rows.fill(0);
    rows.set(features.subarray(top * c, Math.min(n, top + BLOCK) * c));
    for (let left = top; left < n; left += BLOCK) {
      multiply(rows, packed, left, c, dots);
      offer(lists, measures, dots, top, left, n);
    }
    onProgress(1 - Math.max(0, n - top - BLOCK) ** 2 / pairs);
  }
  return lists.found(metric);
}

/**
 * Distances along a known neighbour list.
 * @param {Uint32Array} indices [n * k]
 * @param {Int8Array} features [n * c]
 * @param {number} n
 * @param {number} c
 * @param {Metric} metric
 */
export function distancesAlong(indices, features, n, c, metric) {
  const { own, scale } = lengths(features, n, c, metric);
  const k = indices.length / n;
  return Float32Array.from(indices, (j, place) => {
    const i = Math.floor(place / k);
    let dot = 0;
    for (let t = 0; t < c; t++) dot += features[i * c + t] * features[j * c + t];
    return finished(own[i] + own[j] - 2 * dot * (scale[i] * scale[j]), metric);
  });
}

/**
 * Between unit vectors the squared euclidean distance is twice the cosine distance. Rounding may leave it below 0.
 * @param {number} squared
 * @param {Metric} metric
 */
function finished(squared, metric) {
  const positive = Math.max(0, squared);
  return metric === "cosine" ? positive / 2 : Math.sqrt(positive);
}

/**
 * The cosine distance is taken between unit vectors; a vector of zeros stays one.
 * @param {Int8Array} features
 * @param {number} n
 * @param {number} c
 * @param {Metric} metric
 * @returns {Lengths}
 */
function lengths(features, n, c, metric) {
  const own = new Float64Array(n);
  const scale = new Float64Array(n).fill(1);
  for (let i = 0; i < n; i++) {
    for (let t = i * c; t < (i + 1) * c; t++) own[i] += features[t] * features[t];
    if (metric !== "cosine" || own[i] === 0) continue;
    scale[i] = 1 / Math.sqrt(own[i]);
    own[i] = 1;
  }
  return { own, scale };
}

/**
 * Points 2p and 2p + 1 in row p; rows of zeros fill the last block.
 * @param {Int8Array} features
 * @param {number} n
 * @param {number} c
 */
function pack(features, n, c) {
  const packed = new Float64Array((Math.ceil(n / BLOCK) * BLOCK * c) / 2);
  for (let i = 0; i < n; i++) {
    const to = (i >> 1) * c;
    const unit = i % 2 ? SHARE : 1;
    for (let t = 0; t < c; t++) packed[to + t] += features[i * c + t] * unit;
  }
  return packed;
}

/**
 * The dot products of a block of rows with a block of packed points: two rows with four points at a time, so that what
 * is read is used more than once.
 * @param {Float64Array} rows
 * @param {Float64Array} packed
 * @param {number} left
 * @param {number} c
 * @param {Float64Array} dots
 */
function multiply(rows, packed, left, c, dots) {
  const first = (left / 2) * c;
  for (let i = 0; i < BLOCK; i += 2) {
    for (let j = 0; j < BLOCK; j += 4) {
      let [x, y] = [i * c, i * c + c];
      let [p, q] = [first + (j / 2) * c, first + (j / 2) * c + c];
      let [xp, xq, yp, yq] = [0, 0, 0, 0];
      for (const end = x + c; x < end; x++, y++, p++, q++) {
        xp += rows[x] * packed[p];
        xq += rows[x] * packed[q];
        yp += rows[y] * packed[p];
        yq += rows[y] * packed[q];
      }
      unpack(xp, dots, i * BLOCK + j);
      unpack(xq, dots, i * BLOCK + j + 2);
      unpack(yp, dots, (i + 1) * BLOCK + j);
      unpack(yq, dots, (i + 1) * BLOCK + j + 2);
    }
  }
}

/** @param {number} sum @param {Float64Array} dots @param {number} at */
function unpack(sum, dots, at) {
  const second = Math.round(sum / SHARE);
  dots[at] = sum - second * SHARE;
  dots[at + 1] = second;
}

/**
 * Offer every pair of two blocks to the lists of both points.
 * @param {Lists} lists
 * @param {Lengths} lengths
 * @param {Float64Array} dots
 * @param {number} top
 * @param {number} left
 * @param {number} n
 */
function offer(lists, { own, scale }, dots, top, left, n) {
  const worst = lists.worst;
  const [bottom, right] = [Math.min(n, top + BLOCK), Math.min(n, left + BLOCK)];
  for (let i = top; i < bottom; i++) {
    const row = (i - top) * BLOCK - left;
    for (let j = Math.max(left, i + 1); j < right; j++) {
      // The scales are multiplied first, so that equal points get equal distances whichever of a pair comes first.
      const squared = own[i] + own[j] - 2 * dots[row + j] * (scale[i] * scale[j]);
      if (squared < worst[i]) lists.insert(i, j, squared);
      if (squared < worst[j]) lists.insert(j, i, squared);
    }
  }
}

/**
 * The nearest others found so far of every point, sorted by distance. Every point is offered the others in the order of
 * their indices, so whoever comes later goes behind its equals.
 */
class Lists {
  #k;
  #indices;
  #squared;

  /** @param {number} n @param {number} k */
  constructor(n, k) {
    this.#k = k;
    this.#indices = new Uint32Array(n * k);
    this.#squared = new Float64Array(n * k).fill(Infinity);
    /** The farthest distance in every list. */
    this.worst = new Float64Array(n).fill(Infinity);
  }

  /** @param {number} i @param {number} j @param {number} squared */
  insert(i, j, squared) {
    const [indices, known] = [this.#indices, this.#squared];
    const first = i * this.#k;
    const last = first + this.#k - 1;
    let at = last;
    for (; at > first && known[at - 1] > squared; at--) {
      known[at] = known[at - 1];
      indices[at] = indices[at - 1];
    }
    known[at] = squared;
    indices[at] = j;
    this.worst[i] = known[last];
  }

  /**
   * @param {Metric} metric
   * @returns {Neighbours}
   */
  found(metric) {
    return { indices: this.#indices, distances: Float32Array.from(this.#squared, (value) => finished(value, metric)) };
  }
}
