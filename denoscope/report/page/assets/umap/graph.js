/**
 * The fuzzy graph of a neighbour list (McInnes et al. 2018, arXiv:1802.03426, section 3.1), as umap-learn computes it.
 *
 * umap-learn counts a point as its own first neighbour. The lists given here hold only others, so `k` columns are its
 * n_neighbors = k + 1, and every mean over a row has one distance of 0 more.
 */

const ITERATIONS = 64;
const TOLERANCE = 1e-5;
const LEAST_SCALE = 1e-3;

/**
 * Both directions of every edge.
 * @typedef {{heads: Uint32Array, tails: Uint32Array, weights: Float32Array}} Edges
 */

/**
 * @param {Uint32Array} indices [n * k], the k nearest others of every point
 * @param {Float32Array} distances [n * k]
 * @param {number} n
 * @param {number} k
 * @returns {Edges}
 */
export function fuzzyGraph(indices, distances, n, k) {
  return union(indices, memberships(distances, n, k), n, k);
}

/**
 * How strongly each point holds each of its neighbours, from 0 to 1.
 * @param {Float32Array} distances
 * @param {number} n
 * @param {number} k
 */
function memberships(distances, n, k) {
  const strengths = new Float32Array(n * k);
  const overall = meanWithSelf(distances, n, k);
  for (let i = 0; i < n; i++) {
    const row = distances.subarray(i * k, (i + 1) * k);
    const nearest = leastPositive(row);
    const floor = LEAST_SCALE * (nearest > 0 ? meanWithSelf(row, 1, k) : overall);
    const scale = Math.max(floor, smoothScale(row, nearest));
    for (let j = 0; j < k; j++) strengths[i * k + j] = row[j] > nearest ? Math.exp((nearest - row[j]) / scale) : 1;
  }
  return strengths;
}

/**
 * @param {Float32Array} distances
 * @param {number} rows
 * @param {number} k
 */
function meanWithSelf(distances, rows, k) {
  let sum = 0;
  for (const distance of distances) sum += distance;
  return sum / (rows * (k + 1));
}

/** Equal points do not count as the nearest neighbour; 0 where there are no others. @param {Float32Array} row */
function leastPositive(row) {
  let least = Infinity;
  for (const distance of row) if (distance > 0 && distance < least) least = distance;
  return least === Infinity ? 0 : least;
}

/**
 * The scale at which the memberships of a row sum to log2 of the neighbourhood's size, by bisection.
 * @param {Float32Array} row
 * @param {number} nearest
 */
function smoothScale(row, nearest) {
  const target = Math.log2(row.length + 1);
  let [low, scale, high] = [0, 1, Infinity];
  for (let i = 0; i < ITERATIONS; i++) {
    let sum = 0;
    for (const distance of row) sum += distance > nearest ? Math.exp((nearest - distance) / scale) : 1;
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = high === Infinity ? 2 * scale : (low + high) / 2;
  }
  return scale;
}

/**
 * The fuzzy union a + aᵀ − a∘aᵀ of the memberships and their transpose.
 * @param {Uint32Array} indices
 * @param {Float32Array} strengths
 * @param {number} n
 * @param {number} k
 * @returns {Edges}
 */
function union(indices, strengths, n, k) {
  const { starts, places } = incoming(indices, n);
  const edges = emptyEdges(2 * n * k);
  const strengthBack = new Float32Array(n);
  const known = new Int32Array(n).fill(-1);
  let count = 0;
  /** @param {number} head @param {number} tail @param {number} weight */
  const add = (head, tail, weight) => {
    edges.heads[count] = head;
    edges.tails[count] = tail;
    edges.weights[count++] = weight;
  };
  for (let i = 0; i < n; i++) {
    const into = places.subarray(starts[i], starts[i + 1]);
    for (const place of into) strengthBack[Math.floor(place / k)] = strengths[place];
    for (let place = i * k; place < (i + 1) * k; place++) {
      const [there, back] = [strengths[place], strengthBack[indices[place]]];
      known[indices[place]] = i;
      add(i, indices[place], there + back - there * back);
    }
    for (const place of into) {
      const from = Math.floor(place / k);
      strengthBack[from] = 0;
      if (known[from] !== i) add(i, from, strengths[place]);
    }
  }
  return {
    heads: edges.heads.slice(0, count),
    tails: edges.tails.slice(0, count),
    weights: edges.weights.slice(0, count),
  };
}

/**
 * For every point the places in `indices` that name it, by counting sort.
 * @param {Uint32Array} indices
 * @param {number} n
 */
function incoming(indices, n) {
  const starts = new Uint32Array(n + 1);
  for (const index of indices) starts[index + 1]++;
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  const places = new Uint32Array(indices.length);
  const next = starts.slice(0, n);
  for (let place = 0; place < indices.length; place++) places[next[indices[place]]++] = place;
  return { starts, places };
}

/**
 * @param {number} count
 * @returns {Edges}
 */
function emptyEdges(count) {
  return { heads: new Uint32Array(count), tails: new Uint32Array(count), weights: new Float32Array(count) };
}
