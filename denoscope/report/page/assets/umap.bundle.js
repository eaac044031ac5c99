"use strict";
(() => {
  // denoscope/report/page/assets/umap/curve.js
  var PLACES = 300;
  var REACH = 3;
  var ITERATIONS = 200;
  function fitCurve(minDist) {
    let best = { a: 1, b: 1 };
    let error = normalEquations(best, minDist);
    let damping = 1e-3;
    for (let i = 0; i < ITERATIONS && damping < 1e12; i++) {
      const tried = step(best, error, damping);
      const found = normalEquations(tried, minDist);
      if (found.cost < error.cost) {
        const settled = error.cost - found.cost < 1e-15 * error.cost;
        [best, error] = [tried, found];
        damping /= 10;
        if (settled) break;
      } else {
        damping *= 10;
      }
    }
    return best;
  }
  function step(from, { aa, ab, bb, ra, rb }, damping) {
    const [p, q] = [aa * (1 + damping), bb * (1 + damping)];
    const determinant = p * q - ab * ab;
    return { a: from.a - (q * ra - ab * rb) / determinant, b: from.b - (p * rb - ab * ra) / determinant };
  }
  function normalEquations({ a, b }, minDist) {
    const sums = { cost: 0, aa: 0, ab: 0, bb: 0, ra: 0, rb: 0 };
    for (let i = 0; i < PLACES; i++) {
      const d = REACH * i / (PLACES - 1);
      const wanted = d < minDist ? 1 : Math.exp(minDist - d);
      const power = d ** (2 * b);
      const value = 1 / (1 + a * power);
      const residual = value - wanted;
      const byA = -power * value * value;
      const byB = d > 0 ? 2 * a * Math.log(d) * byA : 0;
      sums.cost += residual * residual;
      sums.aa += byA * byA;
      sums.ab += byA * byB;
      sums.bb += byB * byB;
      sums.ra += byA * residual;
      sums.rb += byB * residual;
    }
    return sums;
  }

  // denoscope/report/page/assets/umap/graph.js
  var ITERATIONS2 = 64;
  var TOLERANCE = 1e-5;
  var LEAST_SCALE = 1e-3;
  function fuzzyGraph(indices, distances, n, k) {
    return union(indices, memberships(distances, n, k), n, k);
  }
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
  function meanWithSelf(distances, rows, k) {
    let sum = 0;
    for (const distance of distances) sum += distance;
    return sum / (rows * (k + 1));
  }
  function leastPositive(row) {
    let least = Infinity;
    for (const distance of row) if (distance > 0 && distance < least) least = distance;
    return least === Infinity ? 0 : least;
  }
  function smoothScale(row, nearest) {
    const target = Math.log2(row.length + 1);
    let [low, scale, high] = [0, 1, Infinity];
    for (let i = 0; i < ITERATIONS2; i++) {
      let sum = 0;
      for (const distance of row) sum += distance > nearest ? Math.exp((nearest - distance) / scale) : 1;
      if (Math.abs(sum - target) < TOLERANCE) break;
      if (sum > target) high = scale;
      else low = scale;
      scale = high === Infinity ? 2 * scale : (low + high) / 2;
    }
    return scale;
  }
  function union(indices, strengths, n, k) {
    const { starts, places } = incoming(indices, n);
    const edges = emptyEdges(2 * n * k);
    const strengthBack = new Float32Array(n);
    const known = new Int32Array(n).fill(-1);
    let count = 0;
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
      weights: edges.weights.slice(0, count)
    };
  }
  function incoming(indices, n) {
    const starts = new Uint32Array(n + 1);
    for (const index of indices) starts[index + 1]++;
    for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
    const places = new Uint32Array(indices.length);
    const next = starts.slice(0, n);
    for (let place = 0; place < indices.length; place++) places[next[indices[place]]++] = place;
    return { starts, places };
  }
  function emptyEdges(count) {
    return { heads: new Uint32Array(count), tails: new Uint32Array(count), weights: new Float32Array(count) };
  }

  // denoscope/report/page/assets/umap/random.js
  var INCREMENT = 1831565813;
  var Random = class {
    // A typed array, because V8 would allocate a number whenever a plain field changes.
    #state = new Int32Array(1);
    /** @param {number} seed its lowest 32 bits count */
    constructor(seed) {
      this.#state[0] = seed;
    }
    /** The next 32 bits, as an integer from 0 to 2³² − 1. */
    bits() {
      const state = this.#state[0] + INCREMENT | 0;
      this.#state[0] = state;
      let mixed = Math.imul(state ^ state >>> 15, state | 1);
      mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
      return (mixed ^ mixed >>> 14) >>> 0;
    }
    /** The next number in [0, 1). */
    unit() {
      return this.bits() / 2 ** 32;
    }
  };

  // denoscope/report/page/assets/umap/table.js
  var LOWEST = 127 - 40 << 23;
  var SPAN = 64 << 23;
  var STEP = 2 ** 16;
  var float = new Float32Array(1);
  var bits = new Int32Array(float.buffer);
  function tabulate(f) {
    return Float32Array.from({ length: SPAN / STEP + 2 }, (_, place) => {
      bits[0] = LOWEST + place * STEP;
      return f(float[0]);
    });
  }
  function lookUp(table, squared) {
    float[0] = squared;
    const from = bits[0] - LOWEST;
    const at = from < 0 ? 0 : from > SPAN ? SPAN : from;
    const place = at >> 16;
    const low = table[place];
    return low + (at & STEP - 1) / STEP * (table[place + 1] - low);
  }

  // denoscope/report/page/assets/umap/layout.js
  var NEGATIVES = 5;
  var LIMIT = 4;
  var BOX = 10;
  var NOISE = 1e-4;
  var SOFTENING = 1e-3;
  var Layout = class {
    #pulls;
    #pushes;
    #epochs;
    #random;
    #schedule;
    /** How many epochs are done. */
    epoch = 0;
    /**
     * @param {Edges} edges
     * @param {number} n
     * @param {Float32Array} start [n * 2], in any units
     * @param {Settings} settings
     */
    constructor(edges, n, start, { a, b, epochs, seed }) {
      this.#pulls = tabulate((d) => -2 * a * b * d ** (b - 1) / (1 + a * d ** b));
      this.#pushes = tabulate((d) => 2 * b / ((SOFTENING + d) * (1 + a * d ** b)));
      this.#epochs = epochs;
      this.#random = new Random(seed);
      this.#schedule = schedule(edges, epochs);
      this.positions = boxed(start.subarray(0, 2 * n), this.#random);
    }
    /** Do so many epochs more, or as many as are left. @param {number} epochs */
    advance(epochs) {
      const end = Math.min(this.#epochs, this.epoch + epochs);
      for (; this.epoch < end; this.epoch++) this.#sweep(this.epoch);
    }
    /** @param {number} epoch */
    #sweep(epoch) {
      const { heads, tails, period, next, nextNegative } = this.#schedule;
      const rate = 1 - Math.max(0, epoch - 1) / this.#epochs;
      for (let edge = 0; edge < heads.length; edge++) {
        if (next[edge] > epoch) continue;
        next[edge] += period[edge];
        this.#attract(2 * heads[edge], 2 * tails[edge], rate);
        const wait = period[edge] / NEGATIVES;
        const count = Math.floor((epoch - nextNegative[edge]) / wait);
        nextNegative[edge] += count * wait;
        this.#repel(2 * heads[edge], count, rate);
      }
    }
    /** @param {number} head place of its x @param {number} tail @param {number} rate */
    #attract(head, tail, rate) {
      const positions = this.positions;
      const dx = positions[head] - positions[tail];
      const dy = positions[head + 1] - positions[tail + 1];
      const pull = lookUp(this.#pulls, dx * dx + dy * dy);
      const mx = rate * clip(pull * dx);
      const my = rate * clip(pull * dy);
      positions[head] += mx;
      positions[head + 1] += my;
      positions[tail] -= mx;
      positions[tail + 1] -= my;
    }
    /** @param {number} head place of its x @param {number} count @param {number} rate */
    #repel(head, count, rate) {
      const [pushes, positions, random] = [this.#pushes, this.positions, this.#random];
      const share = positions.length / 2 / 2 ** 32;
      let x = positions[head];
      let y = positions[head + 1];
      for (let i = 0; i < count; i++) {
        const other = (random.bits() * share | 0) << 1;
        if (other === head) continue;
        const dx = x - positions[other];
        const dy = y - positions[other + 1];
        const push = lookUp(pushes, dx * dx + dy * dy);
        x += rate * clip(push * dx);
        y += rate * clip(push * dy);
      }
      positions[head] = x;
      positions[head + 1] = y;
    }
  };
  var clip = (value) => value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value;
  function schedule({ heads, tails, weights }, epochs) {
    const most = weights.reduce((a, b) => Math.max(a, b), 0);
    const kept = Uint32Array.from(weights.keys()).filter((edge) => weights[edge] >= most / epochs);
    const period = Float64Array.from(kept, (edge) => most / weights[edge]);
    return {
      heads: Uint32Array.from(kept, (edge) => heads[edge]),
      tails: Uint32Array.from(kept, (edge) => tails[edge]),
      period,
      next: period.slice(),
      nextNegative: period.map((value) => value / NEGATIVES)
    };
  }
  function boxed(start, random) {
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    start.forEach((value, i) => {
      low[i % 2] = Math.min(low[i % 2], value);
      high[i % 2] = Math.max(high[i % 2], value);
    });
    const scale = BOX / (Math.max(high[0] - low[0], high[1] - low[1]) || 1);
    return start.map(
      (value, i) => scale * (value - (low[i % 2] + high[i % 2]) / 2) + NOISE * (2 * random.unit() - 1)
    );
  }

  // denoscope/report/page/assets/umap/neighbors.js
  var BLOCK = 64;
  var SHARE = 2 ** 26;
  var MOST_COMPONENTS = 2 ** 11 - 1;
  function nearestInt8(features, n, c, k, { metric = "euclidean", onProgress = () => {
  } } = {}) {
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
  function distancesAlong(indices, features, n, c, metric) {
    const { own, scale } = lengths(features, n, c, metric);
    const k = indices.length / n;
    return Float32Array.from(indices, (j, place) => {
      const i = Math.floor(place / k);
      let dot = 0;
      for (let t = 0; t < c; t++) dot += features[i * c + t] * features[j * c + t];
      return finished(own[i] + own[j] - 2 * dot * (scale[i] * scale[j]), metric);
    });
  }
  function finished(squared, metric) {
    const positive = Math.max(0, squared);
    return metric === "cosine" ? positive / 2 : Math.sqrt(positive);
  }
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
  function pack(features, n, c) {
    const packed = new Float64Array(Math.ceil(n / BLOCK) * BLOCK * c / 2);
    for (let i = 0; i < n; i++) {
      const to = (i >> 1) * c;
      const unit = i % 2 ? SHARE : 1;
      for (let t = 0; t < c; t++) packed[to + t] += features[i * c + t] * unit;
    }
    return packed;
  }
  function multiply(rows, packed, left, c, dots) {
    const first = left / 2 * c;
    for (let i = 0; i < BLOCK; i += 2) {
      for (let j = 0; j < BLOCK; j += 4) {
        let [x, y] = [i * c, i * c + c];
        let [p, q] = [first + j / 2 * c, first + j / 2 * c + c];
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
  function unpack(sum, dots, at) {
    const second = Math.round(sum / SHARE);
    dots[at] = sum - second * SHARE;
    dots[at + 1] = second;
  }
  function offer(lists, { own, scale }, dots, top, left, n) {
    const worst = lists.worst;
    const [bottom, right] = [Math.min(n, top + BLOCK), Math.min(n, left + BLOCK)];
    for (let i = top; i < bottom; i++) {
      const row = (i - top) * BLOCK - left;
      for (let j = Math.max(left, i + 1); j < right; j++) {
        const squared = own[i] + own[j] - 2 * dots[row + j] * (scale[i] * scale[j]);
        if (squared < worst[i]) lists.insert(i, j, squared);
        if (squared < worst[j]) lists.insert(j, i, squared);
      }
    }
  }
  var Lists = class {
    #k;
    #indices;
    #squared;
    /** @param {number} n @param {number} k */
    constructor(n, k) {
      this.#k = k;
      this.#indices = new Uint32Array(n * k);
      this.#squared = new Float64Array(n * k).fill(Infinity);
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
  };

  // denoscope/report/page/assets/umap/worker.js
  var FRAME = 100;
  var scope = (
    /** @type {Port & {onmessage: unknown}} */
    /** @type {unknown} */
    globalThis
  );
  scope.onmessage = ({ data }) => {
    try {
      answer(data);
    } catch (error) {
      scope.postMessage({ kind: "error", message: error instanceof Error ? error.message : String(error) });
    }
  };
  function answer(request) {
    const begun = performance.now();
    check(request);
    const { neighbours, graph } = neighboursFor(request);
    const edges = fuzzyGraph(neighbours.indices, neighbours.distances, request.n, request.nNeighbors - 1);
    const layout = new Layout(edges, request.n, request.start, { ...fitCurve(request.minDist), ...request });
    const due = metronome();
    while (layout.epoch < request.epochs) {
      layout.advance(1);
      if (due()) tellLayout(layout, request.epochs);
    }
    const { positions } = layout;
    const seconds = (performance.now() - begun) / 1e3;
    scope.postMessage({ kind: "done", positions, seconds, graph }, [positions.buffer]);
  }
  function check({ n, k, nNeighbors, features, distances }) {
    if (nNeighbors < 2) throw new Error("n_neighbors must be at least 2: it counts the point itself");
    if (nNeighbors > n) throw new Error(`n_neighbors = ${nNeighbors} needs at least as many samples, there are ${n}`);
    if (!features && nNeighbors - 1 > k) throw new Error(`n_neighbors = ${nNeighbors}: only ${k} others are stored`);
    if (!features && !distances) throw new Error("neither distances nor features are stored");
  }
  function neighboursFor({ n, k, indices, distances, features, components, metric, nNeighbors }) {
    const wanted = nNeighbors - 1;
    if (wanted <= k) {
      const near = firstColumns(indices, k, wanted);
      const far = distances ? firstColumns(distances, k, wanted) : distancesAlong(near, features ?? new Int8Array(), n, components, metric);
      return { neighbours: { indices: near, distances: far }, graph: "exact" };
    }
    const due = metronome();
    const found = nearestInt8(features ?? new Int8Array(), n, components, wanted, {
      metric,
      onProgress: (done) => due() && scope.postMessage({ kind: "progress", stage: "neighbours", done })
    });
    return { neighbours: found, graph: "features" };
  }
  function firstColumns(values, k, wanted) {
    return (
      /** @type {Values} */
      values.filter((_, place) => place % k < wanted)
    );
  }
  function tellLayout(layout, epochs) {
    const positions = layout.positions.slice();
    const done = layout.epoch / epochs;
    scope.postMessage({ kind: "progress", stage: "layout", done, positions }, [positions.buffer]);
  }
  function metronome() {
    let last = performance.now();
    return () => {
      const now = performance.now();
      if (now - last < FRAME) return false;
      last = now;
      return true;
    };
  }
})();
