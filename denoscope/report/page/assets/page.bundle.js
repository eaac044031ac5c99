"use strict";
(() => {
  // denoscope/report/page/assets/dom.js
  function byId(id) {
    const found = document.getElementById(id);
    if (!found) throw new Error(`the page has no element #${id}`);
    return found;
  }
  function control(id, type) {
    const found = byId(id);
    if (!(found instanceof type)) throw new Error(`#${id} is no ${type.name}`);
    return found;
  }
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function sharpContext(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = canvas.getBoundingClientRect();
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    const context = pen(canvas);
    context.scale(ratio, ratio);
    return { context, width, height };
  }
  function pen(canvas) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser has no canvas");
    return context;
  }
  function ink(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // denoscope/report/page/assets/blocks.js
  var HELD_BYTES = 256e6;
  var held = /* @__PURE__ */ new Map();
  var sizes = /* @__PURE__ */ new Map();
  var loading = /* @__PURE__ */ new Map();
  var page = JSON.parse(byId("page-data").textContent || "{}");
  var packed = new Set(page.packed);
  function bytes(name) {
    const found = held.get(name) || open(name);
    held.delete(name);
    held.set(name, found);
    found.catch(() => held.delete(name));
    return found;
  }
  async function numbers(type, name) {
    return new type((await bytes(name)).buffer);
  }
  async function row(type, { samples, per, blocks }, sample) {
    if (sample >= samples) return null;
    const first = sample - sample % per;
    const { buffer, length } = await bytes(blocks[first / per]);
    const size = length / Math.min(per, samples - first);
    return new type(buffer, (sample - first) * size, size / type.BYTES_PER_ELEMENT);
  }
  function releaseBlocks() {
    held.clear();
    sizes.clear();
  }
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
  function besideText(name) {
    const { key, file } = page.beside[name];
    const known2 = loading.get(key);
    if (known2) return known2.text;
    const script = document.createElement("script");
    script.src = file;
    let give = (_text) => {
    };
    const text2 = new Promise((resolve, reject) => {
      give = resolve;
      script.onerror = () => reject(new Error(`${file} is missing: keep the folder beside this page, or build it again`));
    });
    loading.set(key, { text: text2, give });
    const end = () => {
      loading.delete(key);
      script.remove();
    };
    text2.then(end, end);
    document.head.append(script);
    return text2;
  }
  window.denoscopeBlock = (key, text2) => loading.get(key)?.give(text2);
  async function unpacked(data) {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  function fromBase64(text2) {
    const native = (
      /** @type {any} */
      Uint8Array.fromBase64
    );
    if (native) return native.call(Uint8Array, text2);
    const binary = atob(text2);
    const found = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) found[i] = binary.charCodeAt(i);
    return found;
  }

  // denoscope/report/page/assets/samples.js
  var WIDTHS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
  var WORDS = 48;
  var Samples = class _Samples {
    /** @param {import("./types.js").RunData} run @param {Map<string, Codes>} codes */
    constructor(run, codes) {
      this.run = run;
      this.count = run.count;
      this.codes = codes;
      this.categories = /** @type {import("./types.js").Categories[]} */
      run.columns.filter(({ kind }) => kind === "category");
      this.classes = this.categories.find(({ name }) => name === "class")?.values ?? [];
      this.labels = codes.get("class") ?? new Uint8Array(run.count);
    }
    /** @param {import("./types.js").RunData} run */
    static async open(run) {
      const codes = /* @__PURE__ */ new Map();
      for (const column of run.columns) {
        if (column.kind === "category") codes.set(column.name, new WIDTHS[column.width]((await bytes(column.block)).buffer));
      }
      return new _Samples(run, codes);
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
      const column = this.run.columns.find((known2) => known2.name === name);
      if (!column || column.kind !== "number") throw new Error(`${name} is no column of numbers`);
      const { buffer } = await bytes(column.block);
      return column.width === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
    }
  };

  // denoscope/report/page/assets/store.js
  var START = {
    run: 0,
    view: "overview",
    sample: 0,
    step: 0,
    frames: 0,
    words: "",
    wordLayer: 0,
    wordHead: -1,
    wordSteps: 0,
    wordOwn: 0,
    wordScale: 0,
    wordRamp: "",
    wordCells: 0,
    wordOpacity: 75,
    wordGrey: 1,
    frame: 0,
    heat: "",
    token: -1,
    side: 0,
    looks: 0,
    beside: -1,
    sample2: 0,
    layer: 0,
    setting: 0,
    live: "",
    compare: 0,
    run2: 0,
    layer2: 0,
    setting2: 0,
    live2: "",
    step2: -1,
    linked: 1,
    colour: "",
    hidden: "",
    find: "",
    at: "",
    chosen: -1,
    k: 10,
    space: "activations",
    manual: "",
    without: "",
    picked: ""
  };
  var state = { ...START };
  var listeners = [];
  var limits = () => ({});
  function limitTo(found) {
    limits = found;
  }
  var current = () => state;
  function set(patch) {
    const wanted = { ...state, ...patch };
    Object.assign(wanted, limits(wanted));
    const changed = new Set(
      Object.entries(wanted).filter(([key, value]) => state[
        /** @type {keyof State} */
        key
      ] !== value).map(([key]) => key)
    );
    if (!changed.size) return;
    Object.assign(state, wanted);
    for (const listener of listeners) listener(state, changed);
  }
  function subscribe(listener) {
    listeners.push(listener);
    listener(state, new Set(Object.keys(state)));
  }
  var LONGEST = 6e3;
  function linkAddress() {
    let seen = "";
    const read = () => {
      seen = location.hash;
      const patch = { ...START };
      for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
        const known2 = state[
          /** @type {keyof State} */
          key
        ];
        if (typeof known2 === "number" && /^-?\d+$/.test(value)) patch[key] = Number(value);
        if (typeof known2 === "string") patch[key] = value;
      }
      set(patch);
    };
    read();
    addEventListener("hashchange", read);
    let waiting = 0;
    subscribe(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (location.hash !== seen) return;
        history.replaceState(null, "", `#${address()}`);
        seen = location.hash;
      }, 200);
    });
  }
  function address() {
    const parts2 = Object.entries(state).filter(
      ([key, value]) => value !== START[
        /** @type {keyof State} */
        key
      ] && String(value).length < LONGEST
    );
    return new URLSearchParams(parts2.map(([key, value]) => [key, String(value)])).toString();
  }

  // denoscope/report/page/assets/clock.js
  var steps = 1;
  var speed = 6;
  var playing = false;
  var position = 0;
  var before = 0;
  var frame = 0;
  var listeners2 = [];
  var now = () => playing ? position : current().step;
  var isPlaying = () => playing;
  function setSteps(count2) {
    steps = Math.max(1, count2);
    go(Math.min(current().step, steps - 1));
  }
  function setSpeed(perSecond) {
    speed = perSecond;
  }
  function onTick(listener) {
    listeners2.push(listener);
  }
  function go(step) {
    playing = false;
    position = Math.min(steps - 1, Math.max(0, step));
    set({ step: position });
    tell();
  }
  function play() {
    if (steps < 2) return;
    position = current().step >= steps - 1 ? 0 : current().step;
    playing = true;
    before = performance.now();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tick);
    tell();
  }
  var replay = () => {
    go(0);
    play();
  };
  var toggle = () => playing ? go(Math.floor(position)) : play();
  function tick(time) {
    if (!playing) return;
    position = Math.min(steps - 1, position + Math.max(0, time - before) / 1e3 * speed);
    before = time;
    if (position >= steps - 1) playing = false;
    set({ step: Math.floor(position + 1e-6) });
    tell();
    if (playing) frame = requestAnimationFrame(tick);
  }
  function tell() {
    for (const listener of listeners2) listener(now(), playing);
  }

  // denoscope/report/page/assets/colours.js
  var VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
  var INFERNO = ["#000004", "#210c4a", "#57106e", "#8a226a", "#bc3754", "#e45a31", "#f98e09", "#f9cb35", "#fcffa4"];
  var CIVIDIS = ["#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838"];
  var parsed = (hex) => (
    /** @type {[number, number, number]} */
    [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
  );
  function ramp(colours) {
    const stops = colours.map(parsed);
    return (value) => between(stops, value);
  }
  var viridis = ramp(VIRIDIS);
  var RAMPS = { viridis, inferno: ramp(INFERNO), cividis: ramp(CIVIDIS), greys: ramp(["#000000", "#ffffff"]) };
  function between(stops, value) {
    const at = Math.min(1, Math.max(0, value)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const part = at - low;
    return (
      /** @type {[number, number, number]} */
      stops[low].map((channel, i) => Math.round(channel + part * (stops[low + 1][i] - channel)))
    );
  }
  var css = (colour) => `rgb(${colour.slice(0, 3).join(" ")})`;
  function categoryColour(page2, index) {
    return index < 0 ? page2.other : page2.colours[index % page2.colours.length];
  }

  // denoscope/report/page/assets/limits.js
  function mountLimits(views2) {
    limitTo((state2) => {
      const index = state2.run >= 0 && state2.run < page.runs.length ? state2.run : 0;
      const other = page.runs[state2.run2]?.maps ? state2.run2 : index;
      const run = page.runs[index];
      const [layers, layers2] = [run, page.runs[other]].map(({ maps }) => maps?.layers ?? []);
      const [layer2, layer22] = [within(state2.layer, layers.length), within(state2.layer2, layers2.length)];
      return {
        run: index,
        run2: other,
        view: run.views.includes(state2.view) ? state2.view : views2.includes(state2.view) ? "atlas" : "overview",
        sample: within(state2.sample, run.count),
        step: within(state2.step, run.times.length),
        layer: layer2,
        layer2: layer22,
        setting: within(state2.setting, layers[layer2]?.settings.length ?? 1),
        setting2: within(state2.setting2, layers2[layer22]?.settings.length ?? 1),
        step2: layers2[layer22]?.steps.includes(state2.step2) ? state2.step2 : -1,
        k: Math.min(20, Math.max(1, state2.k)),
        ...ofTexts(state2, run),
        ...ofWords(state2, run),
        frame: within(state2.frame, run.state?.frames.length ?? 1),
        chosen: state2.chosen < run.count ? Math.max(-1, state2.chosen) : -1
      };
    });
  }
  function ofTexts({ beside, sample2, side, token, heat, looks, frames }, run) {
    const second = run.texts && page.runs[beside]?.texts && page.runs[beside].players ? page.runs[beside] : null;
    const there2 = side ? second?.texts : run.texts;
    return {
      beside: second ? beside : -1,
      sample2: second ? within(sample2, second.players) : 0,
      side: second && side ? 1 : 0,
      token: there2 && token < there2.length ? Math.max(-1, token) : -1,
      heat: [run, second].some((shown2) => shown2?.texts?.scores.some(({ name }) => name === heat)) ? heat : "",
      looks: Math.max(0, looks),
      frames: frames ? 1 : 0
    };
  }
  function ofWords({ words, wordLayer, wordHead, wordSteps, wordOwn, wordScale, wordRamp, wordCells, wordOpacity, wordGrey }, { words: data }) {
    const layer2 = within(wordLayer, data?.sources.length ?? 0);
    const source = data?.sources[layer2];
    return {
      words: /^(none|\d+(\.\d+)*)$/.test(words) ? words : "",
      wordLayer: layer2,
      wordHead: wordHead < (source?.heads ?? 0) ? Math.max(-1, wordHead) : -1,
      wordSteps: wordSteps ? 1 : 0,
      wordOwn: wordOwn ? 1 : 0,
      wordScale: within(wordScale, 3),
      wordRamp: wordRamp in RAMPS ? wordRamp : "",
      wordCells: wordCells ? 1 : 0,
      wordGrey: wordGrey ? 1 : 0,
      wordOpacity: within(wordOpacity, 101)
    };
  }
  var within = (index, count2) => Math.max(0, Math.min(index, count2 - 1));

  // denoscope/report/page/assets/player/frames.js
  var PER_SECOND = 8;
  var count = 1;
  var timer = 0;
  function toggleFrames() {
    clearInterval(timer);
    timer = timer || count < 2 ? 0 : setInterval(next, 1e3 / PER_SECOND);
    byId("player-frame-play").textContent = timer ? "Pause film" : "Play film";
    byId("player-frame-play").setAttribute("aria-pressed", String(Boolean(timer)));
  }
  function mountFrames() {
    const slider = control("player-frame", HTMLInputElement);
    slider.addEventListener("input", () => set({ frame: Number(slider.value) }));
    byId("player-frame-play").addEventListener("click", toggleFrames);
  }
  function showFrames({ picture: picture2, state: state2 }) {
    const { frame: frame3 } = current();
    const frames = state2?.frames ?? [0];
    count = frames.length;
    for (const part of ["player-frame-bar", "player-frame-keys"]) byId(part).hidden = count < 2;
    const slider = control("player-frame", HTMLInputElement);
    slider.max = String(count - 1);
    slider.value = String(frame3);
    const where2 = `frame ${frames[frame3]} / ${(picture2?.frames ?? 1) - 1}`;
    slider.setAttribute("aria-valuetext", where2);
    byId("player-frame-where").textContent = where2;
  }
  function closeFrames() {
    count = 1;
    if (timer) toggleFrames();
  }
  var next = () => set({ frame: (current().frame + 1) % count });

  // denoscope/report/page/assets/keys.js
  function mountKeys(tabs2) {
    addEventListener("keydown", (event) => {
      const target = (
        /** @type {HTMLElement} */
        event.target
      );
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target.matches("input, select, textarea, video")) return;
      const step = current().step;
      const keys = {
        ArrowLeft: () => go(step - 1),
        ArrowRight: () => go(step + 1),
        Home: () => go(0),
        End: () => go(page.runs[current().run].times.length - 1),
        r: replay,
        "[": () => set({ sample: Math.max(0, current().sample - 1) }),
        "]": () => set({ sample: within(current().sample + 1, page.runs[current().run].players) })
      };
      if (current().view === "player") Object.assign(keys, { f: () => set({ frames: 1 - current().frames }), v: toggleFrames });
      if (!target.matches("button, a, summary")) keys[" "] = toggle;
      const found = keys[event.key] || keys[event.key.toLowerCase()] || /^[1-9]$/.test(event.key) && tabs2[Number(event.key) - 1];
      if (!found || !["player", "atlas"].includes(current().view)) {
        if (found instanceof HTMLElement) found.click();
        return;
      }
      event.preventDefault();
      if (found instanceof HTMLElement) found.click();
      else found();
    });
  }

  // denoscope/report/page/assets/theme.js
  function mountTheme() {
    const button = byId("theme");
    const dark = () => {
      const chosen = document.documentElement.dataset.theme;
      return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    };
    const label = () => {
      button.textContent = dark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `switch to ${dark() ? "light" : "dark"} colours`);
      document.dispatchEvent(new Event("themechange"));
    };
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      label();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
    label();
  }

  // denoscope/report/page/assets/contact.js
  function contactSheet(samples, shown2, tile3) {
    const rows = /* @__PURE__ */ new Map();
    for (const sample of shown2) {
      const prompt = samples.value("prompt", sample);
      rows.set(prompt, [...rows.get(prompt) ?? [], sample]);
    }
    const seeds = seedsOf(samples);
    return [...rows].map(([prompt, members]) => {
      const tiles = members.map((sample) => {
        const seed = make("span", {}, `sample ${sample}`);
        seeds.then((seedOf) => seed.replaceChildren(`seed ${seedOf(sample)}`));
        const button = tile3(samples, sample);
        button.append(seed);
        return button;
      });
      return make("section", { class: "contact", "aria-label": prompt || "no prompt" }, make("h3", {}, prompt || "no prompt"), make("div", {}, ...tiles));
    });
  }
  async function seedsOf(samples) {
    if (samples.codes.has("seed")) return (sample) => samples.value("seed", sample);
    const found = await samples.numbers("seed");
    return (sample) => found[sample];
  }

  // denoscope/report/page/assets/pictures.js
  var HELD_PIXELS = 32e6;
  var held2 = /* @__PURE__ */ new Map();
  function picture(block, offsets, index) {
    const key = `${block}/${index}`;
    const found = held2.get(key) ?? decoding(block, offsets[index], offsets[index + 1]);
    held2.delete(key);
    held2.set(key, found);
    return found.image;
  }
  var releasePictures = () => held2.clear();
  function decoding(block, start2, end) {
    const entry4 = { image: decode(block, start2, end), pixels: 0 };
    entry4.image.then(({ width, height }) => {
      entry4.pixels = width * height;
      forgetOldest();
    });
    return entry4;
  }
  async function decode(block, start2, end) {
    const data = (await bytes(block)).slice(start2, end);
    return createImageBitmap(new Blob([data], { type: "image/webp" }));
  }
  function forgetOldest() {
    let sum = [...held2.values()].reduce((total, { pixels }) => total + pixels, 0);
    for (const [key, { pixels }] of held2) {
      if (sum <= HELD_PIXELS || held2.size === 1) return;
      if (!pixels) continue;
      held2.delete(key);
      sum -= pixels;
    }
  }
  var stripCell = ({ steps: steps2, frames }, step, frame3) => steps2.indexOf(step) * frames.length + frame3;
  function drawCell(context, image, cell3, index, columns, box) {
    const x = index % columns * cell3.width;
    const y = Math.floor(index / columns) * cell3.height;
    context.imageSmoothingEnabled = false;
    context.drawImage(image, x, y, cell3.width, cell3.height, ...box);
  }
  function fitted({ height, width }, [x, y, wide, tall]) {
    const scale = Math.min(wide / width, tall / height);
    return [x + (wide - width * scale) / 2, y + (tall - height * scale) / 2, width * scale, height * scale];
  }
  async function drawResult(context, run, sample, box) {
    if (!run.thumbs || !run.picture) return;
    const { block, offsets, columns, perSheet } = run.thumbs;
    const image = await picture(block, offsets, Math.floor(sample / perSheet));
    drawCell(context, image, run.picture, sample % perSheet, columns, fitted(run.picture, box));
  }
  async function drawThumb(canvas, run, sample) {
    if (!run.picture) return;
    const { height, width } = run.picture;
    canvas.width = width;
    canvas.height = height;
    await drawResult(pen(canvas), run, sample, [0, 0, width, height]);
  }
  async function drawStepAndResult(canvas, run, sample, step, wanted) {
    const { state: state2 } = run;
    const strip2 = state2 && sample < run.players ? await picture(state2.block, state2.offsets, sample) : null;
    if (!wanted()) return;
    const { context, width, height } = sharpContext(canvas);
    const half = strip2 ? width / 2 - 2 : width;
    const side = Math.min(half, height);
    if (strip2 && state2) {
      const { cell: cell3 } = state2;
      const middle = Math.floor(state2.frames.length / 2);
      const [now2, last2] = [step, run.times.length - 1].map((one) => stripCell(state2, one, middle));
      drawCell(context, strip2, cell3, now2, state2.columns, fitted(cell3, [0, 0, side, side]));
      drawCell(context, strip2, cell3, last2, state2.columns, fitted(cell3, [half + 4, 0, side, side]));
    } else {
      await drawResult(context, run, sample, [0, 0, side, side]);
    }
  }

  // denoscope/report/page/assets/text/cards.js
  var AROUND = 8;
  var GAP = /\[MASK(?:\*\d+)?\]/;
  function parts(prompt, text2) {
    const found = [];
    let end = 0;
    for (const [at, given] of prompt.split(GAP).entries()) {
      const start2 = at ? text2.indexOf(given, end) : 0;
      if (start2 < 0 || !text2.startsWith(given, start2)) return [{ given: false, text: text2 }];
      found.push({ given: false, text: text2.slice(end, start2) }, { given: true, text: given });
      end = start2 + given.length;
    }
    return [...found, { given: false, text: text2.slice(end) }].filter((part) => part.text);
  }
  function snippet(samples, sample) {
    const pieces = parts(samples.value("prompt", sample), samples.value("text", sample));
    return make("span", { class: "snippet" }, ...pieces.map(({ given, text: text2 }) => given ? make("b", {}, text2) : text2));
  }
  function inWords(samples, i) {
    if (samples.run.texts) return [snippet(samples, i)];
    return samples.run.of ? [surroundings(samples, i, samples.run.of.length)] : [];
  }
  function surroundings(samples, i, length) {
    const start2 = i - i % length;
    const [from, to] = [Math.max(start2, i - AROUND), Math.min(start2 + length, i + AROUND + 1)];
    const piece = (at) => samples.value("token", at).replaceAll("␣", " ").replaceAll("⏎", "\n");
    const pieces = (a, b) => Array.from({ length: b - a }, (_, at) => piece(a + at)).join("");
    const [before2, after] = [pieces(from, i), pieces(i + 1, to)];
    return make("span", { class: "snippet" }, from > start2 ? `…${before2}` : before2, make("b", {}, piece(i)), to < start2 + length ? `${after}…` : after);
  }

  // denoscope/report/page/assets/gallery.js
  var PAGE = 400;
  var LONGEST2 = 60;
  function mountGallery(all) {
    const list = byId("gallery-list");
    const filter = byId("gallery-filter");
    const more = byId("gallery-more");
    const count2 = byId("gallery-count");
    let shown2 = PAGE;
    let chosen = -1;
    const draw = () => {
      const samples = all[current().run];
      const labels = samples.codes.get(groups(samples).column) ?? new Uint8Array(samples.count);
      const wanted = [...labels.keys()].filter((sample) => chosen < 0 || labels[sample] === chosen);
      list.toggleAttribute("data-texts", Boolean(samples.run.texts));
      const some = wanted.slice(0, shown2);
      list.replaceChildren(...byPrompt(samples) ? contactSheet(samples, some, tile) : some.map((sample) => tile(samples, sample)));
      more.hidden = wanted.length <= shown2;
      count2.textContent = `${Math.min(shown2, wanted.length)} of ${wanted.length} samples`;
    };
    const drawFilter = () => {
      const { column, names } = groups(all[current().run]);
      filter.setAttribute("aria-label", `Show ${column}`);
      const buttons = ["all", ...names].map((name, index) => {
        const button = make("button", { type: "button", class: "chip", "aria-pressed": String(index - 1 === chosen), title: name }, name.length > LONGEST2 ? `${name.slice(0, LONGEST2)}…` : name || "no prompt");
        button.addEventListener("click", () => {
          chosen = index - 1;
          shown2 = PAGE;
          drawFilter();
          draw();
        });
        return button;
      });
      filter.replaceChildren(...names.length > 1 && names.length <= 50 ? buttons : []);
    };
    more.addEventListener("click", () => {
      shown2 += PAGE;
      draw();
    });
    subscribe((state2, changed) => {
      if (changed.has("run")) {
        chosen = -1;
        drawFilter();
      }
      if (state2.view === "gallery" && (changed.has("run") || changed.has("view"))) draw();
    });
  }
  var byPrompt = ({ run, classes, codes }) => Boolean(run.picture && !classes.length && codes.has("prompt"));
  function groups(samples) {
    const { run, categories } = samples;
    const column = run.texts || byPrompt(samples) ? "prompt" : "class";
    return { column, names: categories.find(({ name }) => name === column)?.values ?? [] };
  }
  function tile(samples, sample) {
    const { run } = samples;
    const name = samples.nameOf(sample);
    const content = run.texts ? [make("span", { class: "quiet" }, `sample ${sample}`), snippet(samples, sample)] : [thumb(run, sample)];
    const button = (
      /** @type {HTMLButtonElement} */
      make("button", { type: "button", class: "tile", title: name }, ...content)
    );
    const played = sample < run.players;
    button.setAttribute("aria-label", `${name}: ${played ? "open its steps" : "show it in the atlas"}`);
    button.disabled = !played && !run.maps;
    button.addEventListener("click", () => set(played ? { view: "player", sample } : { view: "atlas", chosen: sample }));
    return button;
  }
  function thumb(run, sample) {
    const canvas = (
      /** @type {HTMLCanvasElement} */
      make("canvas", { "aria-hidden": "true" })
    );
    drawThumb(canvas, run, sample);
    return canvas;
  }

  // denoscope/report/page/assets/wordmaps/choice.js
  var COLOURS = ["#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#0072b2", "#e8e8e8"];
  var GROUPS = ["<all>", "<special>", "<padding>"];
  var NONE = "none";
  var FIRST = 3;
  var colourOf = (word2) => COLOURS[word2 % COLOURS.length];
  var channelsOf = (word2) => parsed(colourOf(word2));
  function chosenOf(words) {
    const { words: chosen } = current();
    if (chosen === NONE) return [];
    const listed = chosen.split(".").map(Number).filter((word2) => chosen && word2 < words.length);
    const first = [...words.keys()].filter((word2) => !GROUPS.includes(words[word2])).slice(0, FIRST);
    return listed.length ? listed : first.length ? first : words.length ? [0] : [];
  }
  var told = (chosen) => chosen.length ? chosen.toSorted((a, b) => a - b).join(".") : NONE;

  // denoscope/report/page/assets/wordmaps/controls.js
  var SELECTS = (
    /** @type {const} */
    { "words-layer": "wordLayer", "words-steps": "wordSteps", "words-own": "wordOwn", "words-scale": "wordScale", "words-cells": "wordCells", "words-grey": "wordGrey" }
  );
  function mountControls() {
    for (const [id, part] of Object.entries(SELECTS)) {
      const select = control(id, HTMLSelectElement);
      select.addEventListener("change", () => set({ [part]: select.selectedIndex }));
    }
    const head = control("words-head", HTMLSelectElement);
    head.addEventListener("change", () => set({ wordHead: head.selectedIndex - 1 }));
    const ramp2 = control("words-ramp", HTMLSelectElement);
    ramp2.append(...Object.keys(RAMPS).map((name) => make("option", { value: name }, name)));
    ramp2.addEventListener("change", () => set({ wordRamp: ramp2.value }));
    const opacity = control("words-opacity", HTMLInputElement);
    opacity.addEventListener("input", () => set({ wordOpacity: Number(opacity.value) }));
  }
  function showControls({ sources }, chosen) {
    const state2 = current();
    const { heads } = sources[state2.wordLayer];
    options("words-layer", sources.map(({ name }) => name || "mean of all layers"));
    options("words-head", ["mean of all heads", ...Array.from({ length: heads }, (_, head) => `head ${head}`)]);
    for (const [id, part] of Object.entries(SELECTS)) control(id, HTMLSelectElement).selectedIndex = state2[part];
    control("words-head", HTMLSelectElement).selectedIndex = state2.wordHead + 1;
    byId("words-head-label").hidden = heads < 2;
    const ramp2 = control("words-ramp", HTMLSelectElement);
    ramp2.disabled = chosen !== 1;
    ramp2.value = ramp2.disabled ? "" : state2.wordRamp;
    ramp2.title = ramp2.disabled ? "choose a single word" : "";
    control("words-opacity", HTMLInputElement).value = String(state2.wordOpacity);
  }
  function options(id, names) {
    const select = control(id, HTMLSelectElement);
    if (select.options.length === names.length && names.every((name, at) => select.options[at].text === name)) return;
    select.replaceChildren(...names.map((name) => make("option", {}, name)));
  }

  // denoscope/report/page/assets/wordmaps/cursor.js
  var MOVES = (
    /** @type {Record<string, [number, number]>} */
    { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  );
  var Cursor = class {
    /** @param {HTMLCanvasElement[]} canvases @param {() => Grid | null} grid @param {() => void} moved */
    constructor(canvases, grid, moved2) {
      this.cell = -1;
      this.grid = grid;
      this.moved = moved2;
      for (const canvas of canvases) {
        canvas.addEventListener("pointermove", (event) => this.#point(canvas, event));
        canvas.addEventListener("pointerdown", (event) => this.#point(canvas, event));
        canvas.addEventListener("pointerleave", () => this.#go(-1));
        canvas.addEventListener("blur", () => this.#go(-1));
        canvas.addEventListener("keydown", (event) => this.#walk(event));
      }
    }
    /** @param {number} cell */
    #go(cell3) {
      if (cell3 === this.cell) return;
      this.cell = cell3;
      this.moved();
    }
    /** The picture lies in the middle of its canvas. @param {HTMLCanvasElement} canvas @param {PointerEvent} event */
    #point(canvas, { clientX, clientY }) {
      const grid = this.grid();
      if (!grid) return;
      const box = canvas.getBoundingClientRect();
      const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
      const part = (at, middle, pixels) => (at - middle) / (pixels * scale) + 0.5;
      const x = Math.floor(part(clientX, box.x + box.width / 2, canvas.width) * grid.width);
      const y = Math.floor(part(clientY, box.y + box.height / 2, canvas.height) * grid.height);
      this.#go(x >= 0 && y >= 0 && x < grid.width && y < grid.height ? y * grid.width + x : -1);
    }
    /** @param {KeyboardEvent} event */
    #walk(event) {
      const [move, grid] = [MOVES[event.key], this.grid()];
      if (!move || !event.shiftKey || !grid) return;
      event.preventDefault();
      const at = this.cell < 0 ? Math.floor(grid.height / 2) * grid.width + Math.floor(grid.width / 2) : this.cell;
      const x = Math.min(grid.width - 1, Math.max(0, at % grid.width + move[0]));
      const y = Math.min(grid.height - 1, Math.max(0, Math.floor(at / grid.width) + move[1]));
      this.#go(y * grid.width + x);
    }
  };

  // denoscope/report/page/assets/wordmaps/scale.js
  var [ALIKE, OF_WORD, OF_MAP] = [0, 1, 2];
  function rangesOf(maps, chosen, look) {
    const own = chosen.map((word2) => spanned([...maps.steps.keys()].map((at) => maps.values(word2, { ...look, at }))));
    const most = Math.max(...own.map(([, high]) => high));
    return new Map(chosen.map((word2, i) => [word2, current().wordScale === ALIKE ? [0, most] : own[i]]));
  }
  function spanned(all) {
    let [low, high] = [Infinity, -Infinity];
    for (const values of all) {
      for (const value of values) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return [low, high];
  }
  var unit = (share) => `${Number((100 * share).toPrecision(3))} %`;

  // denoscope/report/page/assets/wordmaps/legend.js
  function drawLegend(entries, cell3, width) {
    byId("words-list").replaceChildren(...entries.map((entry4) => line(entry4, cell3)));
    const place2 = `row ${Math.floor(cell3 / width)}, column ${cell3 % width}`;
    const values = entries.map(({ name, values: values2 }) => `${name} ${unit(values2[cell3])}`).join(", ");
    byId("words-told").textContent = cell3 < 0 ? "Point at the picture, or Tab to it and walk with Shift and the arrows, to read values." : `${place2}: ${values || "no word chosen"}`;
  }
  function line({ word: word2, name, values, range: [low, high], ramp: ramp2 }, cell3) {
    const bar2 = make("span", { class: "ramp", "aria-hidden": "true" });
    bar2.style.background = gradient(word2, ramp2);
    const at = cell3 < 0 ? Math.max(...values) : values[cell3];
    const mark = make("i");
    mark.style.left = `${100 * Math.min(1, Math.max(0, (at - low) / (high - low || 1)))}%`;
    bar2.append(mark);
    const now2 = cell3 < 0 ? `at most ${unit(at)}, mean ${unit(mean(values))}` : `here ${unit(at)}`;
    const dot3 = make("i", { class: "dot", "aria-hidden": "true" });
    dot3.style.background = colourOf(word2);
    return make(
      "li",
      {},
      make("span", { class: "entry" }, dot3, make("b", {}, name)),
      make("span", { class: "quiet" }, now2),
      make("span", { class: "ends" }, make("span", {}, unit(low)), bar2, make("span", {}, unit(high)))
    );
  }
  function gradient(word2, ramp2) {
    const found = RAMPS[ramp2];
    const colours = found ? [...Array(9).keys()].map((i) => css(found(i / 8))) : ["#000", colourOf(word2)];
    return `linear-gradient(90deg, ${colours.join(", ")})`;
  }
  var mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // denoscope/report/page/assets/wordmaps/maps.js
  var [SCALE_BYTES, OWN_BYTES] = [4, 2];
  var EVERY = -1;
  var WordMaps = class {
    /** @param {import("../types.js").WordsData} data @param {import("../types.js").WordSource} source @param {number} sample @param {Uint8Array} coded */
    constructor(data, source, sample, coded) {
      this.source = source;
      this.words = wordsOf(data, sample);
      this.steps = data.steps;
      const [frames, height, width] = source.grid;
      this.cells = frames * height * width;
      const each = source.heads * this.steps.length;
      this.columns = (coded.length / each - this.cells) / (this.cells + SCALE_BYTES);
      const first = SCALE_BYTES * this.columns * each;
      const second = first + OWN_BYTES * this.cells * each;
      this.scales = new Float32Array(coded.slice(0, first).buffer);
      this.own = new Uint16Array(coded.slice(first, second).buffer);
      this.units = coded.subarray(second);
      this.found = /* @__PURE__ */ new Map();
    }
    /** A word's share of attention, of every frame. @param {number} word @param {Look} look @returns {Float32Array} */
    values(word2, { head, at, own }) {
      const key = `${word2}/${head}/${at}/${own}`;
      const found = this.found.get(key) ?? (own ? this.#ratio(word2, head, at) : this.#mean(word2, head, at));
      this.found.set(key, found);
      return found;
    }
    /** Where the prompt gets nothing, a word has no share of it; rounded values may leave it with more than there is. @param {number} word @param {number} head @param {number} at */
    #ratio(word2, head, at) {
      const whole = this.values(this.columns - 1, { head, at, own: false });
      return this.values(word2, { head, at, own: false }).map((value, i) => whole[i] > 0 ? Math.min(1, value / whole[i]) : 0);
    }
    /** @param {number} column @param {number} head @param {number} at */
    #mean(column, head, at) {
      const heads = head === EVERY ? [...Array(this.source.heads).keys()] : [head];
      const steps2 = at === EVERY ? [...this.steps.keys()] : [at];
      const sum = new Float32Array(this.cells);
      const last2 = column === this.columns - 1;
      const [units, most] = last2 ? [this.own, 65535] : [this.units, 255];
      for (const one of heads) {
        for (const step of steps2) {
          const map = one * this.steps.length + step;
          const before2 = column * this.source.heads * this.steps.length;
          const unit2 = this.scales[before2 + map] / most / heads.length / steps2.length;
          const from = (last2 ? map : before2 + map) * this.cells;
          for (let i = 0; i < this.cells; i++) sum[i] += unit2 * units[from + i];
        }
      }
      return sum;
    }
  };
  var wordsOf = ({ prompts, of }, sample) => prompts[of[sample]].words.filter(Boolean);
  var recorded = (steps2, step) => Math.max(0, steps2.findLastIndex((one) => one <= step));
  async function openMaps(data, source, sample) {
    const coded = await row(Uint8Array, source.rows, sample);
    return coded && new WordMaps(data, source, sample, coded);
  }

  // denoscope/report/page/assets/wordmaps/paint.js
  function paint(canvas, layers, way) {
    const [height, width] = way.size;
    canvas.height = height;
    canvas.width = width;
    const context = pen(canvas);
    const image = context.createImageData(width, height);
    const sized = layers.map((layer2) => ({ ...layer2, values: resized(layer2.values, way) }));
    for (let i = 0; i < height * width; i++) mix(image.data, i, sized, way.opacity);
    context.putImageData(image, 0, 0);
  }
  function mix(data, i, layers, opacity) {
    let [red, green, blue, sum, most] = [0, 0, 0, 0, 0];
    for (const { values, range: [low, high], colour, ramp: ramp2 } of layers) {
      const part = Math.min(1, Math.max(0, (values[i] - low) / (high - low || 1)));
      const strength = ramp2 ? opacity : opacity * part;
      const own = ramp2 ? ramp2(part) : colour;
      const weight = strength ** 2;
      red += weight * own[0];
      green += weight * own[1];
      blue += weight * own[2];
      sum += weight;
      most = Math.max(most, strength);
    }
    if (!sum) return;
    data[4 * i] = red / sum;
    data[4 * i + 1] = green / sum;
    data[4 * i + 2] = blue / sum;
    data[4 * i + 3] = 255 * most;
  }
  function resized(values, { grid: [height, width], size: [tall, wide], smooth }) {
    const found = new Float32Array(tall * wide);
    const [columns, lines2] = [places(width, wide, smooth), places(height, tall, smooth)];
    for (let y = 0; y < tall; y++) {
      const [above, below, down] = lines2[y];
      for (let x = 0; x < wide; x++) {
        const [left, right, along] = columns[x];
        const upper = values[above * width + left] * (1 - along) + values[above * width + right] * along;
        const lower = values[below * width + left] * (1 - along) + values[below * width + right] * along;
        found[y * wide + x] = upper * (1 - down) + lower * down;
      }
    }
    return found;
  }
  function places(cells, pixels, smooth) {
    return Array.from({ length: pixels }, (_, pixel) => {
      const middle = (pixel + 0.5) / pixels * cells;
      if (!smooth) return [Math.floor(middle), Math.floor(middle), 0];
      const at = Math.min(cells - 1, Math.max(0, middle - 0.5));
      return [Math.floor(at), Math.min(cells - 1, Math.floor(at) + 1), at - Math.floor(at)];
    });
  }

  // denoscope/report/page/assets/wordmaps/prompt.js
  function writePrompt({ words, pieces }) {
    const placed = new Set(pieces.map(([, word2]) => word2));
    const all = [...words.keys()].filter((word2) => words[word2]);
    const apart = all.filter((word2) => !placed.has(word2));
    const named = words.filter(Boolean);
    byId("words-prompt").replaceChildren(
      ...pieces.map(([text2, word2]) => word2 < 0 ? make("span", {}, text2) : wordButton(text2, word2, named)),
      ...apart.length ? [make("span", {}, " ")] : [],
      ...apart.map((word2) => wordButton(words[word2], word2, named)),
      ...all.length ? [setter("all", all), setter("none", [])] : []
    );
  }
  function markPrompt(chosen) {
    for (const button of byId("words-prompt").querySelectorAll(".word")) {
      button.setAttribute("aria-pressed", String(chosen.includes(Number(
        /** @type {HTMLElement} */
        button.dataset.word
      ))));
    }
  }
  function wordButton(text2, word2, words) {
    const button = make("button", { type: "button", class: "word", "data-word": String(word2), title: "a double click shows it alone" }, text2);
    button.style.setProperty("--word", colourOf(word2));
    button.addEventListener("click", () => set({ words: told(toggled(chosenOf(words), word2)) }));
    button.addEventListener("dblclick", () => set({ words: told([word2]) }));
    return button;
  }
  function setter(name, words) {
    const button = make("button", { type: "button", class: "plain quiet" }, name);
    button.setAttribute("aria-label", `show ${name} of the words`);
    button.addEventListener("click", () => set({ words: told(words) }));
    return button;
  }
  var toggled = (chosen, word2) => chosen.includes(word2) ? chosen.filter((other) => other !== word2) : [...chosen, word2];

  // denoscope/report/page/assets/words.js
  var where = (run, step) => `step ${step} of ${run.times.length - 1}, ${run.symbol} = ${Number(run.times[step].toPrecision(3))}`;
  function percent(share) {
    const value = 100 * share;
    return `${value >= 9.95 || value === 0 ? Math.round(value) : value >= 0.995 ? value.toFixed(1) : Number(value.toPrecision(1))} %`;
  }

  // denoscope/report/page/assets/wordmaps/shares.js
  var KINDS = ["the prompt's own tokens", "start and end", "padding"];
  var INKS = ["--accent", "--quiet", "--dim"];
  var UNIT = 65535;
  var GAP2 = 1;
  async function openShares({ shares: shares2, steps: steps2 }, sample, layer2) {
    const coded = await row(Uint16Array, shares2.rows, sample);
    const layers = layer2 ? [shares2.layers.indexOf(layer2)] : [...shares2.layers.keys()];
    const one = (at, kind) => layers.reduce((sum, from) => sum + (coded?.[(from * steps2.length + at) * KINDS.length + kind] ?? 0), 0) / layers.length / UNIT;
    return steps2.map((_, at) => KINDS.map((_2, kind) => one(at, kind)));
  }
  function clearShares() {
    byId("words-shares-told").replaceChildren();
    const canvas = control("words-shares", HTMLCanvasElement);
    canvas.setAttribute("aria-label", "no shares of attention");
    sharpContext(canvas);
  }
  function drawShares(shares2, steps2, count2, at) {
    const shown2 = at === EVERY ? KINDS.map((_, kind) => shares2.reduce((sum, one) => sum + one[kind], 0) / shares2.length) : shares2[at];
    const text2 = KINDS.map((kind, i) => `${kind} ${percent(shown2[i])}`).join(", ");
    byId("words-shares-told").replaceChildren(...KINDS.map((kind, i) => entry(`${kind} ${percent(shown2[i])}`, INKS[i])));
    const canvas = control("words-shares", HTMLCanvasElement);
    canvas.setAttribute("aria-label", `shares of attention over the steps; ${at === EVERY ? "on average" : `at step ${steps2[at]}`} ${text2}`);
    const { context, width, height } = sharpContext(canvas);
    const wide = width / count2;
    for (const [place2, step] of steps2.entries()) {
      let top = height;
      for (const [kind, share] of shares2[place2].entries()) {
        context.globalAlpha = at === EVERY || place2 === at ? 1 : 0.55;
        context.fillStyle = ink(INKS[kind]);
        context.fillRect(step * wide + GAP2 / 2, top - share * height, Math.max(1, wide - GAP2), share * height);
        top -= share * height;
      }
    }
  }
  function entry(text2, colour) {
    const dot3 = make("i", { class: "dot", "aria-hidden": "true" });
    dot3.style.background = `var(${colour})`;
    return make("span", { class: "entry" }, dot3, text2);
  }

  // denoscope/report/page/assets/wordmaps/strips.js
  var SIDE = 48;
  var painters = [];
  function drawStrips(strips, steps2, way) {
    const holder = byId("words-strips");
    const [height, width] = way.grid;
    const size = (
      /** @type {[number, number]} */
      [height, width].map((side) => Math.round(SIDE * 2 * side / Math.max(height, width)))
    );
    holder.hidden = !strips.length;
    painters = [];
    const head = make("div", { class: "strip", "aria-hidden": "true" }, make("span"), make("span", {}, "mean"), ...steps2.map((step) => make("span", { "data-step": String(step) }, String(step))));
    const rows = strips.map(({ name, colour, layer: layer2 }) => {
      const dot3 = make("i", { class: "dot" });
      dot3.style.background = colour;
      const cells = [EVERY, ...steps2.keys()].map((at) => cell(at, steps2, (canvas) => paint(canvas, [layer2(at)], { ...way, size })));
      return make("div", { class: "strip", role: "img", "aria-label": `${name}: its maps at steps ${steps2[0]} to ${steps2.at(-1)} and their mean` }, make("span", { class: "entry" }, dot3, make("b", {}, name)), ...cells);
    });
    byId("words-strips-rows").replaceChildren(head, ...rows);
    paintStrips();
  }
  var paintStrips = () => painters.forEach((painter) => painter());
  function cell(at, steps2, draw) {
    const canvas = (
      /** @type {HTMLCanvasElement} */
      make("canvas", at === EVERY ? { title: "mean of all steps" } : { "data-step": String(steps2[at]), title: `step ${steps2[at]}` })
    );
    painters.push(() => draw(canvas));
    if (at !== EVERY) canvas.addEventListener("click", () => go(steps2[at]));
    return canvas;
  }
  function markStrips(step) {
    for (const part of byId("words-strips-rows").querySelectorAll("[data-step]")) {
      part.toggleAttribute("data-current", !current().wordSteps && /** @type {HTMLElement} */
      part.dataset.step === String(step));
    }
  }

  // denoscope/report/page/assets/wordmaps/panel.js
  var PIXELS = 256;
  var PARTS = ["words-bar", "words-legend"];
  var ANOTHER = ["run", "sample", "view"];
  var OF_MAPS = ["words", "wordHead", "wordOwn", "wordScale", "wordRamp", "wordCells", "wordSteps"];
  var OVER = ["state", "prediction"];
  var WordPanel = class {
    /** @param {() => import("../types.js").RunData} run @param {() => number} sample */
    constructor(run, sample) {
      this.run = run;
      this.sample = sample;
      this.maps = null;
      this.shares = [];
      this.ranges = /* @__PURE__ */ new Map();
      this.canvases = ["words-on-state", "words-on-x0"].map((id) => control(id, HTMLCanvasElement));
      const grid = () => this.maps && { height: this.maps.source.grid[1], width: this.maps.source.grid[2] };
      this.cursor = new Cursor(this.canvases, grid, () => this.#drawNow());
      mountControls();
    }
    close() {
      this.maps = null;
    }
    /** @param {Set<string>} changed parts of the state */
    async show(changed) {
      const { words } = this.run();
      for (const part of PARTS) byId(part).hidden = !words;
      for (const canvas of this.canvases) canvas.hidden = !words;
      if (!words) {
        byId("words-strips").hidden = true;
        return grey(false);
      }
      const chosen = chosenOf(wordsOf(words, this.sample()));
      if (ANOTHER.some((part) => changed.has(part))) writePrompt(words.prompts[words.of[this.sample()]]);
      markPrompt(chosen);
      showControls(words, chosen.length);
      if ([...ANOTHER, "wordLayer"].some((part) => changed.has(part))) await this.#load(words);
      else if (OF_MAPS.some((part) => changed.has(part))) this.#drawAll();
      else {
        if (changed.has("frame")) paintStrips();
        this.#drawNow();
      }
    }
    redraw() {
      if (this.run().words) this.#drawNow();
    }
    /** @param {import("../types.js").WordsData} words */
    async #load(words) {
      const [sample, source] = [this.sample(), words.sources[current().wordLayer]];
      const wanted = () => this.run().words === words && sample === this.sample() && source === words.sources[current().wordLayer] && current().view === "player";
      const [maps, shares2] = await Promise.all([openMaps(words, source, sample), openShares(words, sample, source.name)]).catch((error) => {
        byId("words-missing").hidden = true;
        if (wanted()) this.#take(null, []);
        throw error;
      });
      if (!wanted()) return;
      const { samples } = source.rows;
      byId("words-missing").hidden = Boolean(maps);
      byId("words-missing").textContent = `The page holds these maps of ${samples ? `the first ${samples} samples` : "no sample"}: the trace has all.`;
      this.#take(maps, shares2);
    }
    /** Show other maps. A cell of another grid is none of theirs. @param {import("./maps.js").WordMaps | null} maps @param {number[][]} shares */
    #take(maps, shares2) {
      if (String(maps?.source.grid) !== String(this.maps?.source.grid)) this.cursor.cell = -1;
      this.maps = maps;
      this.shares = shares2;
      this.#drawAll();
    }
    /** Where the shown frame lies between the film's first, 0, and last, 1. */
    get #place() {
      const { picture: picture2, state: state2 } = this.run();
      return picture2 && state2 && picture2.frames > 1 ? state2.frames[current().frame] / (picture2.frames - 1) : 0;
    }
    /** What is looked at. @returns {import("./maps.js").Look} */
    get #look() {
      const { wordHead, wordOwn, wordSteps, step } = current();
      return { head: wordHead, at: wordSteps ? EVERY : recorded(this.run().words?.steps ?? [], step), own: Boolean(wordOwn) };
    }
    get #chosen() {
      return this.maps ? chosenOf(this.maps.words) : [];
    }
    get #ramp() {
      return this.#chosen.length === 1 ? current().wordRamp : "";
    }
    #drawAll() {
      const { maps } = this;
      this.ranges = maps ? rangesOf(maps, this.#chosen, this.#look) : /* @__PURE__ */ new Map();
      const strips = this.#chosen.map((word2) => ({
        word: word2,
        name: maps?.words[word2] ?? "",
        colour: colourOf(word2),
        layer: (at) => this.#layer(word2, at)
      }));
      const [, height, width] = maps?.source.grid ?? [1, 1, 1];
      drawStrips(strips, maps?.steps ?? [], { grid: [height, width], smooth: !current().wordCells, opacity: 1 });
      this.#drawNow();
    }
    /** What changes with the step. */
    #drawNow() {
      const { words, times } = this.run();
      if (!words) return;
      const look = this.#look;
      this.#drawOver(look.at);
      const entries = this.#chosen.map((word2) => ({ word: word2, name: this.maps?.words[word2] ?? "", values: this.#values(word2, look.at), range: this.#rangeNow(word2, look.at), ramp: this.#ramp }));
      drawLegend(entries, this.cursor.cell, this.maps?.source.grid[2] ?? 1);
      if (this.shares.length) drawShares(this.shares, words.steps, times.length, look.at);
      else clearShares();
      markStrips(words.steps[look.at]);
      byId("words-when").textContent = when(words.steps, look.at, current().step);
    }
    /** @param {number} at */
    #drawOver(at) {
      grey(Boolean(current().wordGrey && this.#chosen.length));
      const [canvas, other] = this.canvases;
      const { picture: picture2 } = this.run();
      this.#name();
      if (!picture2 || !this.maps) return this.canvases.forEach((one) => one.width = one.height = 1);
      const [, height, width] = this.maps.source.grid;
      const wide = width * Math.ceil(PIXELS / width);
      const size = (
        /** @type {[number, number]} */
        [Math.round(wide * picture2.height / picture2.width), wide]
      );
      const layers = this.#chosen.map((word2) => ({ ...this.#layer(word2, at), range: this.#rangeNow(word2, at) }));
      paint(canvas, layers, { grid: [height, width], size, smooth: !current().wordCells, opacity: current().wordOpacity / 100 });
      if (this.cursor.cell >= 0) outline(canvas, this.cursor.cell, height, width);
      [other.height, other.width] = size;
      pen(other).drawImage(canvas, 0, 0);
    }
    /** Say what lies over the pictures; where nothing does, there is nothing to walk over. */
    #name() {
      const names = this.#chosen.map((word2) => this.maps?.words[word2]).join(", ") || "no word";
      for (const [place2, canvas] of this.canvases.entries()) {
        canvas.setAttribute("aria-label", this.maps ? `attention of ${names} over the ${OVER[place2]}; Shift and arrows read values` : `no maps over the ${OVER[place2]}`);
        if (this.maps) canvas.tabIndex = 0;
        else canvas.removeAttribute("tabindex");
      }
    }
    /** @param {number} word @param {number} at @returns {import("./paint.js").Layer} */
    #layer(word2, at) {
      return { values: this.#values(word2, at), range: this.#range(word2), colour: channelsOf(word2), ramp: RAMPS[this.#ramp] ?? null };
    }
    /** @param {number} word */
    #range(word2) {
      return this.ranges.get(word2) ?? /** @type {import("./scale.js").Range} */
      [0, 1];
    }
    /** Small multiples have a common scale also where each map over the picture has its own. @param {number} word @param {number} at */
    #rangeNow(word2, at) {
      return current().wordScale === OF_MAP ? spanned([this.#values(word2, at)]) : this.#range(word2);
    }
    /** A word's map in the frame that is shown: maps have fewer frames than films, and meet them at both ends. @param {number} word @param {number} at */
    #values(word2, at) {
      const { maps } = this;
      if (!maps) return new Float32Array();
      const [frames, height, width] = maps.source.grid;
      const size = height * width;
      const first = Math.round(this.#place * (frames - 1)) * size;
      return maps.values(word2, { ...this.#look, at }).subarray(first, first + size);
    }
  };
  function grey(wanted) {
    for (const id of ["player-state", "player-x0"]) byId(id).toggleAttribute("data-grey", wanted);
  }
  function outline(canvas, cell3, height, width) {
    const context = pen(canvas);
    const [wide, tall] = [canvas.width / width, canvas.height / height];
    const box = (
      /** @type {const} */
      [cell3 % width * wide, Math.floor(cell3 / width) * tall, wide, tall]
    );
    for (
      const [style, line3] of
      /** @type {const} */
      [["#000", 4], ["#fff", 2]]
    ) {
      context.strokeStyle = style;
      context.lineWidth = line3;
      context.strokeRect(...box);
    }
  }
  function when(steps2, at, step) {
    if (at === EVERY) return `Mean of the ${steps2.length} recorded steps.`;
    return steps2[at] === step ? `Step ${step}.` : `Nothing was recorded at step ${step}: these are the maps of step ${steps2[at]}.`;
  }

  // denoscope/report/page/assets/player/line.js
  var GAP3 = 6;
  function drawLine(canvas, values, step) {
    const { context, width, height } = sharpContext(canvas);
    const finite = Array.from(values).filter(Number.isFinite);
    const low = Math.min(0, ...finite);
    const high = Math.max(...finite, low + 1e-9);
    const x = (i) => GAP3 + i / Math.max(1, values.length - 1) * (width - 2 * GAP3);
    const y = (v) => height - GAP3 - (v - low) / (high - low) * (height - 2 * GAP3);
    context.strokeStyle = ink("--line");
    context.beginPath();
    context.moveTo(GAP3, y(low));
    context.lineTo(width - GAP3, y(low));
    context.moveTo(x(step), GAP3);
    context.lineTo(x(step), height - GAP3);
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

  // denoscope/report/page/assets/player/scalars.js
  var MEANING = {
    state_rms: "size of the state (root mean square)",
    x0_rms: "size of the prediction (root mean square)",
    x0_change: "change of the prediction since the step before",
    masked: "share of free tokens that are masked",
    entropy: "mean entropy of the masked tokens, in nats"
  };
  function scalarsOf({ scalars: { names, steps: steps2 } }, all, sample) {
    const first = sample * names.length * steps2;
    return names.map((name, at) => ({ name, values: all.subarray(first + at * steps2, first + (at + 1) * steps2) }));
  }
  function drawScalars(holder, scalars, step) {
    if (holder.children.length !== scalars.length) {
      holder.replaceChildren(
        ...scalars.map(() => make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" })))
      );
    }
    for (const [index, { name, values }] of scalars.entries()) {
      const canvas = (
        /** @type {HTMLCanvasElement} */
        holder.children[index].querySelector("canvas")
      );
      drawLine(canvas, values, step);
      const value = values[step];
      const text2 = Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "none";
      const caption2 = (
        /** @type {HTMLElement} */
        holder.children[index].querySelector("figcaption")
      );
      caption2.replaceChildren(`${MEANING[name] || name}: `, make("b", {}, text2));
      canvas.setAttribute("aria-label", `${MEANING[name] || name} over the steps; at this step ${text2}`);
    }
  }

  // denoscope/report/page/assets/player/stage.js
  var PictureStage = class {
    /** @param {() => import("../types.js").RunData} run @param {() => number} sample */
    constructor(run, sample) {
      this.run = run;
      this.sample = sample;
      this.shown = null;
      this.listed = null;
      this.layers = control("player-attention", HTMLSelectElement);
      this.layers.addEventListener("change", () => this.shown && this.#drawAttention(this.shown));
      this.words = new WordPanel(run, sample);
    }
    close() {
      this.shown = null;
      closeFrames();
      this.words.close();
    }
    /** @param {Set<string>} changed parts of the state */
    async show(changed) {
      byId("player-film").toggleAttribute("data-grid", Boolean(current().frames));
      showFrames(this.run());
      this.words.show(changed);
      if (["run", "sample", "view"].some((part) => changed.has(part))) await this.#load();
      else if (changed.has("step") || changed.has("frame")) this.#drawStep();
      if (changed.has("frame")) this.#drawFilm();
    }
    redraw() {
      if (this.shown) this.#drawCharts(this.shown);
      this.words.redraw();
    }
    async #load() {
      const [run, sample] = [this.run(), this.sample()];
      const wanted = () => run === this.run() && sample === this.sample() && current().view === "player";
      const { state: state2, x0, attention, scalars } = await open2(run, sample).catch((error) => {
        if (wanted()) this.#clear();
        throw error;
      });
      if (!wanted()) return;
      if (this.listed !== run) this.layers.replaceChildren(...run.attention.map(({ name }) => make("option", {}, name)));
      this.listed = run;
      if (state2 && x0) this.shown = { state: state2, x0, attention, scalars };
      this.#mountFilm();
      this.#drawFilm();
      this.#drawStep();
    }
    #clear() {
      this.shown = null;
      this.#mountFilm();
      for (const id of ["player-state", "player-x0"]) control(id, HTMLCanvasElement).width = 1;
      byId("player-attention-figure").hidden = true;
      byId("player-charts").replaceChildren();
    }
    #drawStep() {
      const { shown: shown2 } = this;
      if (!shown2) return;
      const { step } = current();
      this.#drawAt(control("player-state", HTMLCanvasElement), shown2.state, step);
      const predicted = shown2.x0.strips.steps.includes(step);
      this.#drawAt(control("player-x0", HTMLCanvasElement), predicted ? shown2.x0 : shown2.state, step);
      for (const [index, frame3] of [...byId("player-film").children].entries()) frame3.toggleAttribute("data-current", index === step);
      this.#drawCharts(shown2);
      this.#drawAttention(shown2);
    }
    /** @param {HTMLCanvasElement} canvas @param {Strip} strip @param {number} step */
    #drawAt(canvas, { image, strips }, step) {
      const { cell: cell3 } = strips;
      canvas.width = cell3.width;
      canvas.height = cell3.height;
      drawCell(pen(canvas), image, cell3, stripCell(strips, step, current().frame), strips.columns, [0, 0, cell3.width, cell3.height]);
    }
    #mountFilm() {
      const frames = this.run().times.map((_, step) => {
        const canvas = make("canvas", { "aria-hidden": "true" });
        const label = make("span", {}, String(step));
        const button = make("button", { type: "button", class: "frame", "aria-label": `go to step ${step}` }, canvas, label);
        button.addEventListener("click", () => go(step));
        return button;
      });
      byId("player-film").replaceChildren(...frames);
    }
    #drawFilm() {
      const { shown: shown2 } = this;
      if (!shown2) return;
      for (const [step, canvas] of byId("player-film").querySelectorAll("canvas").entries()) this.#drawAt(canvas, shown2.state, step);
    }
    /** @param {Shown} shown */
    #drawCharts({ scalars }) {
      drawScalars(byId("player-charts"), scalarsOf(this.run(), scalars, this.sample()), current().step);
    }
    /** @param {Shown} shown */
    #drawAttention({ attention }) {
      const at = this.layers.selectedIndex;
      const layer2 = this.run().attention[at];
      byId("player-attention-figure").hidden = !layer2;
      if (!layer2) return;
      const canvas = control("player-attention-canvas", HTMLCanvasElement);
      const values = attentionOf(layer2, attention[at], this.sample(), current().step);
      const [height, width] = layer2.grid;
      [canvas.height, canvas.width] = [height, width];
      const image = pen(canvas).createImageData(width, height);
      values?.forEach((value, i) => image.data.set([...viridis(value / 255), 255], 4 * i));
      pen(canvas).putImageData(image, 0, 0);
      const most = values ? Math.max(...values) / 255 * layer2.most : 0;
      const text2 = values ? `at most ${most.toFixed(1)} times an even share` : "not recorded at this step";
      byId("player-attention-most").textContent = text2;
      canvas.setAttribute("aria-label", `attention that each position receives in ${layer2.name}: ${text2}`);
    }
  };
  async function open2(run, sample) {
    const [state2, x0] = await Promise.all([run.state, run.x0].map((strips) => strip(strips, sample)));
    const attention = await Promise.all(run.attention.map((layer2) => numbers(Uint8Array, layer2.block)));
    return { state: state2, x0, attention, scalars: await numbers(Float32Array, run.scalars.block) };
  }
  var strip = async (strips, sample) => strips && { image: await picture(strips.block, strips.offsets, sample), strips };
  function attentionOf({ grid: [height, width], steps: steps2 }, all, sample, step) {
    const at = steps2.indexOf(step);
    const first = (sample * steps2.length + at) * height * width;
    return at < 0 ? null : all.subarray(first, first + height * width);
  }

  // denoscope/report/page/assets/text/bars.js
  function bar(name, value, share, link3 = null) {
    const line3 = make("i", { "aria-hidden": "true" });
    line3.style.width = `${100 * Math.min(1, share)}%`;
    const piece = make(link3 ? "button" : "span", { class: "plain piece", ...link3 ? { type: "button", title: `open ${link3.label}` } : {} }, name);
    if (link3) piece.addEventListener("click", link3.go);
    const label = link3 ? [make("span", { class: "quiet" }, link3.label)] : [];
    return make("li", {}, piece, ...label, make("span", { class: "value" }, value), line3);
  }

  // denoscope/report/page/assets/text/changes.js
  var WORDS2 = {
    prompt: ["prompt", "prompt"],
    masked: ["masked", "not yet written"],
    revealed: ["revealed", "written"],
    kept: ["kept", "kept"],
    changed: ["changed", "changed"],
    remasked: ["masked again", "taken back"]
  };
  var word = (change, autoregressive) => WORDS2[change][Number(autoregressive)];
  var TOLD = ["prompt", "masked", "revealed", "changed", "remasked"];
  function changeAt(text2, position2, step) {
    const before2 = text2.code(position2, Math.max(0, step - 1));
    const now2 = text2.code(position2, step);
    const { mask } = text2.vocabulary;
    if (now2 === mask) return before2 === mask ? "masked" : "remasked";
    if (before2 === mask) return "revealed";
    if (before2 !== now2) return "changed";
    return text2.prompt[position2] ? "prompt" : "kept";
  }
  function historyOf(text2, position2) {
    const found = [];
    for (let step = 1; step < text2.steps; step++) {
      const change = changeAt(text2, position2, step);
      if (change === "masked" || change === "kept" || change === "prompt") continue;
      found.push({ step, change, piece: change === "remasked" ? "" : text2.vocabulary.name(text2.code(position2, step)) });
    }
    return found;
  }

  // denoscope/report/page/assets/text/vocabulary.js
  var NO_TEXT = "�";
  var strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  var opened = /* @__PURE__ */ new Map();
  function openVocabulary(data) {
    const found = opened.get(data.block) ?? bytes(data.block).then((content) => new Vocabulary(data, content));
    opened.set(data.block, found);
    found.catch(() => opened.delete(data.block));
    return found;
  }
  var Vocabulary = class {
    /** @param {import("../types.js").VocabularyData} data @param {Uint8Array<ArrayBuffer>} content */
    constructor({ count: count2, width, dropSpace }, content) {
      this.numbers = new Uint32Array(content.buffer, 0, count2);
      this.ends = new Uint32Array(content.buffer, 4 * count2, count2);
      this.content = content.subarray(8 * count2);
      this.dropSpace = dropSpace;
      this.mask = width === 2 ? 65535 : 4294967295;
      this.texts = [];
    }
    /** @param {number} code */
    bytesOf(code) {
      return this.content.subarray(code ? this.ends[code - 1] : 0, this.ends[code]);
    }
    /** A token's own text; null if it holds part of a character. @param {number} code */
    text(code) {
      return this.texts[code] ??= decoded(this.bytesOf(code));
    }
    /** A token by itself, for lists: its spaces can be seen, and so can bytes that are no character. @param {number} code */
    name(code) {
      const text2 = decoded(this.bytesOf(code));
      if (text2 !== null) return shown(text2).replaceAll(" ", "␣").replaceAll("\n", "").replaceAll("	", "⇥");
      return `⟨${[...this.bytesOf(code)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}⟩`;
    }
    /**
     * Text at each position, empty where masked. A character that is spread over several tokens stands whole at the one
     * that completes it; bytes that make no character, such as those before a mask, are shown as U+FFFD.
     * @param {ArrayLike<number>} codes
     */
    pieces(codes) {
      const found = Array.from(codes, (code) => code === this.mask ? "" : this.text(code));
      for (let start2 = 0; start2 < found.length; start2++) {
        if (found[start2] !== null) continue;
        const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
        let end = start2;
        for (; end < found.length && found[end] === null; end++) found[end] = decoder.decode(this.bytesOf(codes[end]), { stream: true });
        found[end - 1] += decoder.decode();
        start2 = end - 1;
      }
      const pieces = (
        /** @type {string[]} */
        found
      );
      if (this.dropSpace && pieces.length) pieces[0] = pieces[0].replace(/^ /, "");
      return pieces;
    }
  };
  function decoded(content) {
    try {
      return strict.decode(content);
    } catch {
      return null;
    }
  }
  var shown = (text2) => text2.replaceAll("\n", "⏎\n").replace(/[\u0000-\u0008\u000b-\u001f]/g, (sign) => String.fromCharCode(9216 + sign.charCodeAt(0))).replace(/[\u007f-\u009f\u2028\u2029]/g, NO_TEXT);

  // denoscope/report/page/assets/text/tokens.js
  var HIDDEN = "[?]";
  var UNWRITTEN = "·";
  var Tokens = class {
    /** @param {HTMLElement} list @param {Actions} actions */
    constructor(list, actions) {
      this.list = list;
      this.actions = actions;
      this.text = null;
      this.spans = [];
      this.drawn = [];
      this.cursor = 0;
      this.chosen = -1;
      this.#listen();
    }
    /** @param {import("./text.js").Text | null} text */
    open(text2) {
      const inside = this.list.contains(document.activeElement);
      this.text = text2;
      this.spans = Array.from({ length: text2?.length ?? 0 }, (_, at) => make("span", { role: "option", tabindex: "-1", "data-at": String(at) }));
      this.drawn = this.spans.map(() => "");
      this.chosen = -1;
      this.list.replaceChildren(...this.spans);
      this.#moveTo(Math.min(this.cursor, Math.max(0, this.spans.length - 1)));
      if (inside) this.focus();
    }
    /**
     * Show a step.
     * @param {number} step
     * @param {(position: number) => Shade | null} shadeOf colour of a token, none for that of its state
     * @param {(position: number) => number} lookOf from 0 to 1, how much a token is marked as attended to
     */
    draw(step, shadeOf, lookOf) {
      const { text: text2 } = this;
      if (!text2) return;
      const hidden = text2.data.autoregressive ? UNWRITTEN : HIDDEN;
      const pieces = text2.pieces(step);
      for (const [position2, span] of this.spans.entries()) {
        const piece = text2.masked(position2, step) ? hidden : shown(pieces[position2]);
        const change = changeAt(text2, position2, step);
        const shade = shadeOf(position2);
        const look = lookOf(position2).toFixed(2);
        const now2 = `${change} ${look} ${shade?.colour} ${piece}`;
        if (now2 === this.drawn[position2]) continue;
        this.drawn[position2] = now2;
        if (span.textContent !== piece) span.textContent = piece;
        span.className = `token ${change}`;
        span.style.backgroundColor = shade?.colour ?? "";
        span.style.color = shade?.ink ?? "";
        span.toggleAttribute("data-look", Number(look) > 0);
        span.style.setProperty("--look", look);
      }
    }
    /** Mark a token as chosen. @param {number} position -1 for none */
    choose(position2) {
      if (position2 === this.chosen) return;
      this.spans[this.chosen]?.removeAttribute("aria-selected");
      this.spans[position2]?.setAttribute("aria-selected", "true");
      this.chosen = position2;
      if (position2 >= 0) this.#moveTo(position2);
    }
    focus() {
      this.spans[this.cursor]?.focus();
    }
    /** Tab reaches one token; from there keys move. @param {number} position */
    #moveTo(position2) {
      this.spans[this.cursor]?.setAttribute("tabindex", "-1");
      this.cursor = position2;
      this.spans[position2]?.setAttribute("tabindex", "0");
    }
    #listen() {
      const at = (event) => {
        const span = (
          /** @type {HTMLElement} */
          event.target.closest("[data-at]")
        );
        return span ? Number(
          /** @type {HTMLElement} */
          span.dataset.at
        ) : -1;
      };
      this.list.addEventListener("click", (event) => at(event) >= 0 && this.actions.choose(at(event)));
      this.list.addEventListener("pointerover", (event) => this.actions.point(at(event)));
      this.list.addEventListener("pointerleave", () => this.actions.point(-1));
      this.list.addEventListener("focusin", (event) => {
        if (at(event) >= 0) this.#moveTo(at(event));
        this.actions.point(at(event));
      });
      this.list.addEventListener("focusout", () => this.actions.point(-1));
      this.list.addEventListener("keydown", (event) => this.#key(event));
    }
    /** Arrows alone move the clock: with Shift they walk over the tokens. @param {KeyboardEvent} event */
    #key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const moves = {
        ArrowLeft: () => this.cursor - 1,
        ArrowRight: () => this.cursor + 1,
        ArrowUp: () => this.#inLine(-1),
        ArrowDown: () => this.#inLine(1),
        Home: () => 0,
        End: () => this.spans.length - 1
      };
      const move = event.shiftKey ? moves[event.key] : void 0;
      if (!move && event.key !== "Enter") return;
      event.preventDefault();
      if (!move) return this.actions.choose(this.cursor);
      this.#moveTo(Math.min(this.spans.length - 1, Math.max(0, move())));
      this.focus();
      if (this.chosen >= 0) this.actions.choose(this.cursor);
    }
    /** The token nearest above or below the cursor. @param {number} direction */
    #inLine(direction) {
      const places2 = this.spans.map((span) => ({ x: span.offsetLeft + span.offsetWidth / 2, y: span.offsetTop }));
      const here = places2[this.cursor];
      const beyond = places2.map(({ y }) => (y - here.y) * direction).filter((gap) => gap > 4);
      if (!beyond.length) return this.cursor;
      const line3 = here.y + direction * Math.min(...beyond);
      const inIt = [...places2.entries()].filter(([, { y }]) => Math.abs(y - line3) < 4);
      return inIt.reduce((best, next3) => Math.abs(next3[1].x - here.x) < Math.abs(best[1].x - here.x) ? next3 : best)[0];
    }
  };

  // denoscope/report/page/assets/text/attention.js
  var SHOWN = 8;
  function mountLayers() {
    const layers = control("text-layer", HTMLSelectElement);
    layers.addEventListener("change", () => set({ looks: layers.selectedIndex }));
  }
  function listLooks(text2, position2, step, choose2) {
    const { attention } = text2;
    byId("text-attention").hidden = !text2.data.attention;
    byId("text-layers").hidden = !attention;
    const looks = looksOf(text2, position2, step);
    byId("text-attention-note").textContent = note(text2, looks);
    const layers = control("text-layer", HTMLSelectElement);
    const names = attention?.data.layers ?? [];
    if (layers.options.length !== names.length || names.some((name, at) => layers.options[at].text !== name)) {
      layers.replaceChildren(...names.map((name) => make("option", {}, name)));
    }
    layers.selectedIndex = layer(text2);
    const pieces = text2.pieces(step);
    byId("text-looks").replaceChildren(
      ...(looks ?? []).slice(0, SHOWN).map(({ share, position: at }) => {
        const hidden = at >= 0 && text2.masked(at, step);
        const name = at < 0 ? "start of the text" : hidden ? HIDDEN : text2.vocabulary.name(text2.code(at, step)) || pieces[at];
        const [most] = looks ?? [];
        return bar(name, percent(share), share / most.share, at < 0 ? null : { label: `token ${at}`, go: () => choose2(at) });
      })
    );
  }
  function marks(text2, position2, step) {
    const looks = looksOf(text2, position2, step);
    if (!looks?.length) return null;
    const even = 1 / looks.length;
    const most = looks[0].share - even;
    return new Map(looks.filter(({ share }) => share > even).map(({ share, position: at }) => [at, (share - even) / most]));
  }
  var layer = ({ data }) => Math.min(current().looks, (data.attention?.layers.length ?? 1) - 1);
  var looksOf = (text2, position2, step) => text2.looks(layer(text2), position2, step);
  function note(text2, looks) {
    const { attention } = text2;
    const held3 = text2.data.attention?.shares.samples ?? 0;
    if (!attention) return held3 ? `The page holds the attention of the first ${held3} samples only.` : "Attention takes more room than a page has: it is in the trace.";
    if (!looks) return "Not recorded at this step.";
    return attention.data.each ? "Averaged over heads." : "Averaged over heads and over all tokens: what the whole text attended to.";
  }

  // denoscope/report/page/assets/text/compare.js
  function mountCompare(runs) {
    const other = control("text-other", HTMLSelectElement);
    const sample = control("text-sample2", HTMLInputElement);
    const texts = [...runs.entries()].filter(([, run]) => run.texts && run.players);
    other.replaceChildren(make("option", { value: "-1" }, "nothing"), ...texts.map(([at, { name }]) => make("option", { value: String(at) }, name)));
    other.addEventListener("change", () => set({ beside: Number(other.value), ...fresh(Number(other.value)) }));
    sample.addEventListener("change", () => set({ sample2: Math.max(0, Math.round(Number(sample.value)) || 0) }));
  }
  var fresh = (run) => run === current().run && current().sample2 === current().sample ? { sample2: current().sample + 1 } : {};
  function showCompare(runs) {
    const { beside, sample2 } = current();
    control("text-other", HTMLSelectElement).value = String(beside);
    byId("text-sample2-label").hidden = beside < 0;
    const sample = control("text-sample2", HTMLInputElement);
    sample.max = String((runs[beside]?.players ?? 1) - 1);
    sample.value = String(sample2);
  }
  function stepBeside(steps2, clocked) {
    const share = Math.min(1, now() / Math.max(1, clocked - 1));
    return Math.floor(share * (steps2 - 1) + 1e-6);
  }

  // denoscope/report/page/assets/text/heat.js
  var MEANING2 = {
    entropy: { name: "entropy of the prediction", unit: "nats" },
    importance: { name: "importance", unit: "" }
  };
  var nameOf = (name) => MEANING2[name]?.name ?? name;
  var measured = (name, value) => `${value.toFixed(2)} ${MEANING2[name]?.unit ?? ""}`.trim();
  var choices = (runs) => [...new Set(runs.flatMap((run) => run.texts?.scores.map(({ name }) => name) ?? []))];
  function scaleOf(name, runs) {
    const found = runs.flatMap((run) => run.texts?.scores.filter((score) => score.name === name) ?? []);
    return found.length ? { name, low: Math.min(...found.map(({ low }) => low)), high: Math.max(...found.map(({ high }) => high)) } : null;
  }
  var DARK = 0.55;
  var SHADES = Array.from({ length: 256 }, (_, at) => ({ colour: css(viridis(at / 255)), ink: at / 255 < DARK ? "#fff" : "#111" }));
  function shades(text2, scale, step) {
    if (!scale) return () => null;
    return (position2) => {
      const value = text2.score(scale.name, position2, step);
      if (value === null) return null;
      return SHADES[Math.round(255 * (value - scale.low) / (scale.high - scale.low || 1))];
    };
  }

  // denoscope/report/page/assets/text/details.js
  var MOST_EVENTS = 12;
  function showDetails(text2, position2, step, choose2) {
    byId("text-details").hidden = !text2;
    byId("text-hint").hidden = Boolean(text2);
    if (!text2) return;
    const hidden = text2.masked(position2, step);
    const sign = text2.data.autoregressive ? UNWRITTEN : HIDDEN;
    byId("text-piece").textContent = hidden ? sign : text2.vocabulary.name(text2.code(position2, step));
    const id = hidden ? text2.data.autoregressive ? "none yet" : String(text2.data.mask) : String(text2.vocabulary.numbers[text2.code(position2, step)]);
    const rows = [["position", String(position2)], ["id", id], ["state", word(changeAt(text2, position2, step), text2.data.autoregressive)]];
    byId("text-facts").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    listHistory(text2, position2, step);
    drawScore(text2, position2, step);
    listGuesses(text2, position2, step);
    listReadings(text2, position2, step);
    listLooks(text2, position2, step, choose2);
  }
  function listHistory(text2, position2, step) {
    const events = historyOf(text2, position2);
    const { symbol, times } = text2.run;
    const rows = events.slice(0, MOST_EVENTS).map(({ step: at, change, piece }) => {
      const says = `${word(change, text2.data.autoregressive)} at step ${at} (${symbol} = ${Number(times[at].toPrecision(3))})`;
      const button = make("button", { type: "button", class: "plain", ...at === step ? { "aria-current": "step" } : {} }, says);
      button.addEventListener("click", () => go(at));
      return make("li", {}, button, ...piece ? [make("span", { class: "piece" }, piece)] : []);
    });
    const more = events.length > MOST_EVENTS ? [make("li", { class: "quiet" }, `and ${events.length - MOST_EVENTS} more`)] : [];
    const none = text2.prompt[position2] ? "given from the start" : "never written";
    byId("text-history").replaceChildren(...events.length ? [...rows, ...more] : [make("li", { class: "quiet" }, none)]);
  }
  function drawScore(text2, position2, step) {
    const holder = byId("text-scores");
    const names = [...text2.scores.keys()];
    if (holder.children.length !== names.length) {
      holder.replaceChildren(...names.map(() => make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" }))));
    }
    for (const [at, name] of names.entries()) {
      const values = Array.from({ length: text2.steps }, (_, when2) => text2.score(name, position2, when2) ?? NaN);
      const [caption2, canvas] = holder.children[at].children;
      drawLine(
        /** @type {HTMLCanvasElement} */
        canvas,
        values,
        step
      );
      const value = Number.isFinite(values[step]) ? measured(name, values[step]) : "none at this step";
      caption2.replaceChildren(`${nameOf(name)}: `, make("b", {}, value));
      canvas.setAttribute("aria-label", `${nameOf(name)} over the steps; at this step ${value}`);
    }
  }
  function listGuesses(text2, position2, step) {
    byId("text-guesses").hidden = !text2.data.alternatives;
    const guesses = text2.guesses(position2, step);
    const held3 = text2.data.alternatives?.tokens.samples ?? 0;
    const none = text2.alternatives ? "No prediction at this step." : `The page holds the alternatives of the first ${held3} samples only.`;
    byId("text-guesses-note").textContent = guesses ? "" : none;
    const now2 = text2.code(position2, step);
    byId("text-guesses-list").replaceChildren(
      ...(guesses ?? []).map(({ code, probability }) => {
        const row3 = bar(text2.vocabulary.name(code), percent(probability), probability);
        row3.toggleAttribute("data-now", code === now2);
        return row3;
      })
    );
  }
  function listReadings(text2, position2, step) {
    const readings = text2.readings(position2, step);
    byId("text-lens").hidden = !readings.length;
    const now2 = text2.code(position2, step);
    byId("text-lens-list").replaceChildren(
      ...readings.map(({ layer: layer2, code }) => {
        const piece = make("span", { class: "piece", ...code === now2 ? { "data-now": "" } : {} }, text2.vocabulary.name(code));
        return make("li", {}, make("span", { class: "code" }, layer2), piece);
      })
    );
  }
  var redrawDetails = (text2, position2, step) => text2 && drawScore(text2, position2, step);
  var mountDetails = (close2) => control("text-close", HTMLButtonElement).addEventListener("click", close2);

  // denoscope/report/page/assets/text/frames.js
  var MOST_TOKENS = 400;
  var Frames = class {
    /** @param {HTMLElement} holder */
    constructor(holder) {
      this.holder = holder;
      this.text = null;
      this.watch = new IntersectionObserver((entries) => entries.forEach((entry4) => this.#fill(entry4)), { rootMargin: "400px" });
    }
    /** @param {import("./text.js").Text | null} text none closes them */
    open(text2) {
      if (text2 === this.text) return;
      this.text = text2;
      this.watch.disconnect();
      const frames = Array.from({ length: text2?.steps ?? 0 }, (_, step) => frame2(
        /** @type {import("./text.js").Text} */
        text2,
        step
      ));
      this.holder.replaceChildren(...frames);
      for (const found of frames) this.watch.observe(found);
      this.holder.hidden = !text2;
    }
    /** @param {number} step */
    mark(step) {
      this.holder.querySelector("[data-current]")?.removeAttribute("data-current");
      this.holder.children[step]?.setAttribute("data-current", "");
    }
    /** @param {IntersectionObserverEntry} entry */
    #fill({ target, isIntersecting }) {
      const { text: text2 } = this;
      const step = [...this.holder.children].indexOf(target);
      const [page2] = target.children;
      if (!text2 || step < 0 || isIntersecting === Boolean(page2.childNodes.length)) return;
      page2.replaceChildren(...isIntersecting ? written(text2, step) : []);
    }
  };
  function frame2(text2, step) {
    const share = `${Math.round(100 * text2.maskedAt(step) / Math.max(1, text2.free))} %`;
    const name = `go to step ${step}, ${share} ${text2.data.autoregressive ? "not yet written" : "masked"}${text2.cached[step] ? ", cached" : ""}`;
    const label = make("span", {}, `${step}`, make("i", {}, text2.cached[step] ? "cached" : ""), share);
    const button = make("button", { type: "button", class: "frame", "aria-label": name }, make("div", { "aria-hidden": "true" }), label);
    button.addEventListener("click", () => go(step));
    return button;
  }
  function written(text2, step) {
    const pieces = text2.pieces(step);
    const found = [];
    for (let position2 = 0; position2 < Math.min(text2.length, MOST_TOKENS); position2++) {
      const change = changeAt(text2, position2, step);
      const piece = text2.masked(position2, step) ? text2.data.autoregressive ? "" : "▁▁ " : pieces[position2];
      const last2 = found.at(-1);
      if (last2?.className === change) last2.append(piece);
      else found.push(make("span", { class: change }, piece));
    }
    return found;
  }

  // denoscope/report/page/assets/text/legend.js
  function showLegend(heat, runs) {
    const names = choices(runs);
    const select = control("text-heat", HTMLSelectElement);
    select.replaceChildren(make("option", { value: "" }, "state"), ...names.map((name) => make("option", { value: name }, name)));
    const scale = scaleOf(heat, runs);
    select.value = scale ? heat : "";
    byId("text-heat-label").hidden = !names.length;
    byId("text-scale").hidden = !scale;
    byId("text-scale-low").textContent = scale ? measured(heat, scale.low) : "";
    byId("text-scale-high").textContent = scale ? measured(heat, scale.high) : "";
    byId("text-scale-name").textContent = scale ? nameOf(heat) : "";
    const writes = runs.every(({ texts }) => texts?.autoregressive);
    const told3 = writes ? TOLD.filter((change) => change !== "changed" && change !== "remasked") : TOLD;
    byId("text-legend").replaceChildren(...told3.map((change) => entry2(change, writes)));
  }
  function entry2(change, autoregressive) {
    const hidden = change === "masked" || change === "remasked";
    const sign = hidden ? autoregressive ? UNWRITTEN : HIDDEN : "token";
    return make("span", { class: "entry" }, make("span", { class: `token ${change}`, "aria-hidden": "true" }, sign), word(change, autoregressive));
  }

  // denoscope/report/page/assets/text/pane.js
  var Pane = class {
    /** @param {number} side @param {(side: number, position: number) => void} choose */
    constructor(side, choose2) {
      this.side = side;
      this.text = null;
      this.step = 0;
      this.told = -1;
      this.tokens = new Tokens(byId(`text-${side}-tokens`), {
        choose: (position2) => choose2(side, position2),
        point: (position2) => this.#tell(position2)
      });
    }
    /** @param {string} part */
    #part(part) {
      return byId(`text-${this.side}-${part}`);
    }
    close() {
      this.text = null;
      this.tokens.open(null);
      byId(`text-${this.side}`).hidden = true;
    }
    /**
     * Show a sample's text, its steps yet to be drawn.
     * @param {Text} text
     */
    open(text2) {
      this.text = text2;
      byId(`text-${this.side}`).hidden = false;
      this.#part("name").textContent = `${text2.run.name}, sample ${text2.sample}`;
      this.#part("tokens").setAttribute("aria-label", `tokens of ${text2.run.name}, sample ${text2.sample}; Shift and arrows walk, Enter opens`);
      this.tokens.open(text2);
      this.#tell(-1);
    }
    /**
     * @param {number} step
     * @param {import("./heat.js").Scale | null} scale
     * @param {Looks | null} looks
     * @param {number} chosen -1 for none
     */
    draw(step, scale, looks, chosen) {
      const { text: text2 } = this;
      if (!text2) return;
      this.step = step;
      this.tokens.list.toggleAttribute("data-heat", Boolean(scale));
      this.tokens.draw(step, shades(text2, scale, step), (position2) => looks?.get(position2) ?? 0);
      this.tokens.choose(chosen);
      const masked = text2.maskedAt(step);
      const share = masked / Math.max(1, text2.free);
      this.#part("where").textContent = where(text2.run, step);
      this.#part("cached").hidden = !text2.cached[step];
      this.#part("masked").textContent = `${Math.round(100 * share)} % ${text2.data.autoregressive ? "not yet written" : "masked"} (${masked} of ${text2.free})`;
      this.#part("progress").value = 1 - share;
      if (this.told >= 0) this.#tell(this.told);
    }
    /** What is under the pointer, in words. @param {number} position -1 for nothing */
    #tell(position2) {
      const { text: text2, step } = this;
      const words = text2 && position2 >= 0 ? told2(text2, position2, step) : "";
      this.tokens.spans[this.told]?.removeAttribute("aria-label");
      if (words) this.tokens.spans[position2].setAttribute("aria-label", words);
      this.#part("told").textContent = words || `${text2?.length ?? 0} tokens`;
      this.told = position2;
    }
  };
  function told2(text2, position2, step) {
    const piece = text2.masked(position2, step) ? "" : ` ${text2.vocabulary.name(text2.code(position2, step))}`;
    const scores = [...text2.scores.keys()].map((name) => ({ name, value: text2.score(name, position2, step) }));
    const measures2 = scores.map(({ name, value }) => value === null ? "" : `, ${name} ${measured(name, value)}`);
    return `token ${position2}${piece}: ${word(changeAt(text2, position2, step), text2.data.autoregressive)}${measures2.join("")}`;
  }

  // denoscope/report/page/assets/text/text.js
  var Text = class {
    /** @param {RunData} run @param {import("../types.js").TextData} data @param {number} sample @param {Parts} parts */
    constructor(run, data, sample, parts2) {
      this.run = run;
      this.data = data;
      this.sample = sample;
      this.steps = run.times.length;
      this.length = data.length;
      this.vocabulary = parts2.vocabulary;
      this.codes = parts2.codes;
      this.cached = parts2.cached;
      this.scores = parts2.scores;
      this.alternatives = parts2.alternatives;
      this.lens = parts2.lens;
      this.attention = parts2.attention;
      this.prompt = Array.from({ length: this.length }, (_, position2) => !this.masked(position2, 0));
      this.free = this.prompt.filter((given) => !given).length;
    }
    /** @param {number} position @param {number} step */
    code(position2, step) {
      return this.codes[position2 * this.steps + step];
    }
    /** @param {number} position @param {number} step */
    masked(position2, step) {
      return this.code(position2, step) === this.vocabulary.mask;
    }
    /** Text at each position. @param {number} step */
    pieces(step) {
      return this.vocabulary.pieces(Array.from({ length: this.length }, (_, position2) => this.code(position2, step)));
    }
    /** How many tokens are masked. @param {number} step */
    maskedAt(step) {
      let count2 = 0;
      for (let position2 = 0; position2 < this.length; position2++) count2 += Number(this.masked(position2, step));
      return count2;
    }
    /** Whether the network's guess for a position means anything: it saw the position and, in writing, what precedes it. */
    /** @param {number} position @param {number} step */
    guessed(position2, step) {
      const { autoregressive, windows } = this.data;
      if (step >= windows.starts.length) return false;
      const place2 = position2 - windows.starts[step];
      if (autoregressive) return position2 === 0 || !this.masked(position2 - 1, step);
      if (place2 < 0 || place2 >= windows.size) return false;
      const { data, places: places2, roots } = this.alternatives ?? {};
      if (!data || !places2 || !roots || places2[step] < 0) return true;
      return roots[position2 * data.count * data.steps.length + places2[step]] > 0;
    }
    /** A score of a token, null where there is none. @param {string} name @param {number} position @param {number} step */
    score(name, position2, step) {
      const found = this.scores.get(name);
      const at = found?.places[step] ?? -1;
      if (!found || at < 0 || !this.guessed(position2, step)) return null;
      const { steps: steps2, low, high } = found.data;
      return low + found.values[position2 * steps2.length + at] / 255 * (high - low);
    }
    /** The likeliest tokens, null where they are not known. @param {number} position @param {number} step */
    guesses(position2, step) {
      const { alternatives } = this;
      const at = alternatives?.places[step] ?? -1;
      if (!alternatives || at < 0 || !this.guessed(position2, step)) return null;
      const { count: count2, steps: steps2 } = alternatives.data;
      return Array.from({ length: count2 }, (_, rank) => {
        const place2 = (position2 * count2 + rank) * steps2.length + at;
        return { code: alternatives.codes[place2], probability: (alternatives.roots[place2] / 255) ** 2 };
      });
    }
    /** The token that is read from each layer, none where it is not known. @param {number} position @param {number} step */
    readings(position2, step) {
      if (!this.guessed(position2, step)) return [];
      return this.lens.filter(({ places: places2 }) => places2[step] >= 0).map(({ data, places: places2, codes }) => ({ layer: data.name, code: codes[position2 * data.steps.length + places2[step]] }));
    }
    /**
     * What a position attended to in a layer, the most first; null where it is not known.
     * @param {number} layer @param {number} position @param {number} step
     * @returns {Look[] | null}
     */
    looks(layer2, position2, step) {
      const { attention } = this;
      const at = attention?.places[step] ?? -1;
      if (!attention || at < 0 || attention.data.each && !this.guessed(position2, step)) return null;
      const { steps: steps2, queries, keys, offset, each } = attention.data;
      const start2 = this.data.windows.starts[step];
      const query = (layer2 * steps2.length + at) * queries + (each ? position2 - start2 : 0);
      const scale = attention.largest[query] / 65535 / 255;
      const looks = keys.map((key, j) => ({ share: attention.shares[query * keys.length + j] * scale, position: key + start2 - offset }));
      return looks.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share || a.position - b.position);
    }
  };

  // denoscope/report/page/assets/text/opening.js
  async function openText(run, sample) {
    const data = run.texts;
    if (!data) throw new Error(`${run.name} is no run of texts`);
    const wide = (
      /** @type {CodeArray} */
      data.vocabulary.width === 2 ? Uint16Array : Uint32Array
    );
    const places2 = (steps2) => placesOf(steps2, run.times.length);
    const [vocabulary, codes, cached, scores, alternatives, lens, attention] = await Promise.all([
      openVocabulary(data.vocabulary),
      row(wide, data.tokens, sample),
      row(Uint8Array, data.cached, sample),
      Promise.all(data.scores.map((score) => openScores(score, places2, sample))),
      openAlternatives(data.alternatives, wide, places2, sample),
      Promise.all(data.lens.map((layer2) => openLens(layer2, wide, places2, sample))),
      openAttention(data.attention, places2, sample)
    ]);
    if (!codes || !cached) throw new Error(`the page does not hold the steps of sample ${sample}`);
    const named = new Map(there(scores).map((found) => [found.data.name, found]));
    return new Text(run, data, sample, { vocabulary, codes, cached, scores: named, alternatives, lens: there(lens), attention });
  }
  function placesOf(steps2, count2) {
    const places2 = new Int32Array(count2).fill(-1);
    for (const [at, step] of steps2.entries()) places2[step] = at;
    return places2;
  }
  var there = (found) => found.flatMap((one) => one ?? []);
  async function openScores(data, places2, sample) {
    const values = await row(Uint8Array, data.rows, sample);
    return values && { data, places: places2(data.steps), values };
  }
  async function openAlternatives(data, wide, places2, sample) {
    const [codes, roots] = data ? await Promise.all([row(wide, data.tokens, sample), row(Uint8Array, data.roots, sample)]) : [];
    return data && codes && roots ? { data, places: places2(data.steps), codes, roots } : null;
  }
  async function openLens(data, wide, places2, sample) {
    const codes = await row(wide, data.tokens, sample);
    return codes && { data, places: places2(data.steps), codes };
  }
  async function openAttention(data, places2, sample) {
    const [largest, shares2] = data ? await Promise.all([row(Uint16Array, data.largest, sample), row(Uint8Array, data.shares, sample)]) : [];
    return data && largest && shares2 ? { data, places: places2(data.steps), largest, shares: shares2 } : null;
  }

  // denoscope/report/page/assets/text/stage.js
  var TextStage = class {
    /** @param {import("../types.js").RunData[]} runs @param {() => import("../types.js").RunData} run @param {() => number} sample */
    constructor(runs, run, sample) {
      this.runs = runs;
      this.run = run;
      this.sample = sample;
      this.panes = [0, 1].map((side) => new Pane(side, (pane, position2) => this.#choose(pane, position2)));
      this.frames = new Frames(byId("text-frames"));
      this.scalars = new Float32Array();
      const heat = control("text-heat", HTMLSelectElement);
      heat.addEventListener("change", () => set({ heat: heat.value }));
      mountCompare(runs);
      mountLayers();
      mountDetails(() => this.#leave());
      onTick(() => this.#tick());
      addEventListener("keydown", (event) => this.#key(event));
    }
    /** The runs that are shown. */
    get #shown() {
      return this.panes.flatMap(({ text: text2 }) => text2 ? [text2.run] : []);
    }
    /** Whether the panes hold what is asked for: a text may still be on its way. */
    get #ready() {
      const { beside, sample2 } = current();
      const [first, second] = this.panes.map(({ text: text2 }) => text2);
      const there2 = first?.run === this.run() && first.sample === this.sample();
      return there2 && (beside < 0 ? !second : second?.run === this.runs[beside] && second.sample === sample2);
    }
    close() {
      if (!this.panes[0].text) return;
      for (const pane of this.panes) pane.close();
      this.frames.open(null);
    }
    /** The other run's steps may lie between those of the first. */
    #tick() {
      const [first, second] = this.panes.map(({ text: text2 }) => text2);
      if (this.#ready && first && second && stepBeside(second.steps, first.steps) !== this.panes[1].step) this.#draw();
    }
    /** @param {Set<string>} changed parts of the state */
    async show(changed) {
      const { heat, frames } = current();
      showCompare(this.runs);
      if (["run", "sample", "view", "beside", "sample2"].some((part) => changed.has(part))) await this.#load();
      if (!this.#ready) return;
      if (["run", "beside", "heat", "view"].some((part) => changed.has(part))) showLegend(heat, this.#shown);
      this.frames.open(frames ? this.panes[0].text : null);
      this.#draw();
    }
    redraw() {
      const { token, side } = current();
      const { text: text2, step } = this.panes[side];
      if (!this.#ready) return;
      if (token >= 0) redrawDetails(text2, token, step);
      this.#drawCharts();
    }
    async #load() {
      const { beside, sample2 } = current();
      const other = this.runs[beside];
      const wanted = [this.run(), this.sample(), other, sample2];
      const found = await Promise.all([openText(this.run(), this.sample()), other && openText(other, sample2)]);
      const scalars = await numbers(Float32Array, this.run().scalars.block);
      const now2 = [this.run(), this.sample(), this.runs[current().beside], current().sample2];
      if (now2.some((part, at) => part !== wanted[at]) || current().view !== "player") return;
      this.scalars = scalars;
      for (const [side, text2] of found.entries()) {
        if (text2) this.panes[side].open(text2);
        else this.panes[side].close();
      }
      byId("text-panes").toggleAttribute("data-two", Boolean(found[1]));
    }
    #draw() {
      const { token, side } = current();
      for (const pane of this.panes) if (pane.text) this.#drawPane(pane.side);
      const { text: text2, step } = this.panes[side];
      showDetails(token >= 0 ? text2 : null, token, step, (position2) => {
        this.#choose(side, position2);
        this.panes[side].tokens.focus();
      });
      this.frames.mark(current().step);
      this.#drawCharts();
    }
    /** @param {number} number */
    #drawPane(number) {
      const { step, token, side, heat } = current();
      const pane = this.panes[number];
      const first = this.panes[0].text;
      if (!pane.text || !first) return;
      const at = number ? stepBeside(pane.text.steps, first.steps) : step;
      const chosen = side === number ? token : -1;
      const looks = chosen >= 0 ? marks(pane.text, chosen, at) : null;
      pane.draw(at, scaleOf(heat, this.#shown), looks, chosen);
    }
    #drawCharts() {
      const { text: text2 } = this.panes[0];
      if (text2) drawScalars(byId("text-charts"), scalarsOf(text2.run, this.scalars, text2.sample), current().step);
    }
    /** @param {number} side @param {number} position */
    #choose(side, position2) {
      set({ token: position2, side });
    }
    /** Close the details; who was in them goes back to the token. */
    #leave() {
      const { side } = current();
      set({ token: -1, side: 0 });
      if (byId("text-details").contains(document.activeElement) || document.activeElement === document.body) this.panes[side].tokens.focus();
    }
    /** @param {KeyboardEvent} event */
    #key(event) {
      if (event.key !== "Escape" || event.defaultPrevented || current().token < 0 || !this.panes[0].text) return;
      if (
        /** @type {HTMLElement} */
        event.target.matches("input, select, textarea")
      ) return;
      this.#leave();
    }
  };

  // denoscope/report/page/assets/player.js
  function mountPlayer(all) {
    const run = () => all[current().run].run;
    const sample = () => Math.min(current().sample, run().players - 1);
    const stages = [new PictureStage(run, sample), new TextStage(all.map((samples) => samples.run), run, sample)];
    const stage = () => stages[run().texts ? 1 : 0];
    const open3 = () => current().view === "player" && run().players > 0;
    mountSampleChoice(() => run().players, sample);
    mountTransport();
    mountFrames();
    const redraw = () => open3() && stage().redraw();
    addEventListener("resize", redraw);
    document.addEventListener("themechange", redraw);
    subscribe((state2, changed) => {
      if (changed.has("run")) {
        byId("player-none").hidden = run().players > 0;
        byId("player-body").hidden = run().players === 0;
        for (const part of document.querySelectorAll("[data-kind]")) {
          part.hidden = /** @type {HTMLElement} */
          part.dataset.kind !== (run().texts ? "text" : "picture");
        }
      }
      for (const other of stages) if (!open3() || other !== stage()) other.close();
      if (!open3()) return;
      byId("player-title").textContent = all[state2.run].nameOf(sample());
      showTransport2(run(), state2.step);
      stage().show(changed);
    });
    function showTransport2(shown2, step) {
      const slider = control("player-step", HTMLInputElement);
      const input = control("player-sample", HTMLInputElement);
      slider.max = String(shown2.times.length - 1);
      slider.value = String(step);
      slider.setAttribute("aria-valuetext", where(shown2, step));
      byId("player-where").textContent = where(shown2, step);
      byId("player-frames").setAttribute("aria-pressed", String(Boolean(current().frames)));
      input.max = String(shown2.players - 1);
      input.value = String(sample());
      byId("player-limit").hidden = shown2.players >= shown2.count;
      byId("player-limit").textContent = `The page holds the steps of the first ${shown2.players} of ${shown2.count} samples.`;
    }
  }
  function mountSampleChoice(players, sample) {
    const input = control("player-sample", HTMLInputElement);
    const go2 = (value) => set({ sample: Math.min(players() - 1, Math.max(0, Math.round(value) || 0)) });
    input.addEventListener("change", () => {
      go2(Number(input.value));
      input.value = String(sample());
    });
    byId("player-previous").addEventListener("click", () => go2(sample() - 1));
    byId("player-next").addEventListener("click", () => go2(sample() + 1));
  }
  function mountTransport() {
    const slider = control("player-step", HTMLInputElement);
    const speed2 = control("player-speed", HTMLSelectElement);
    slider.addEventListener("input", () => go(Number(slider.value)));
    speed2.addEventListener("change", () => setSpeed(Number(speed2.value)));
    byId("player-play").addEventListener("click", toggle);
    byId("player-replay").addEventListener("click", replay);
    byId("player-frames").addEventListener("click", () => set({ frames: 1 - current().frames }));
    onTick((_, playing2) => {
      byId("player-play").textContent = playing2 ? "Pause" : "Play";
      byId("player-play").setAttribute("aria-pressed", String(playing2));
    });
  }

  // denoscope/report/page/assets/atlas/points.js
  var UNITS = 65535;
  async function loadPoints(run, map, setting) {
    const [positions, preserved, cluster, outlier] = await Promise.all([
      numbers(Uint16Array, setting.positions),
      numbers(Uint8Array, setting.preserved),
      map.clusterWidth === 1 ? numbers(Int8Array, map.cluster) : numbers(Int16Array, map.cluster),
      numbers(Uint16Array, map.outlier)
    ]);
    const { side, corner, trustworthiness, preservation: preservation2 } = setting;
    const settingText = textOf(setting.n_neighbors, setting.min_dist);
    const about = { side, corner, trustworthiness, preservation: preservation2, settingText, engine: map.engine };
    return { n: run.count, steps: map.steps, positions, preserved, cluster, outlier, ...about };
  }
  var textOf = (nNeighbors, minDist) => `n_neighbors ${nNeighbors}, min_dist ${minDist}`;
  var stepOf = (values, perStep, index) => (
    /** @type {T} */
    values.subarray(perStep * index, perStep * (index + 1))
  );
  function indexOf(steps2, step) {
    let found = 0;
    while (found + 1 < steps2.length && steps2[found + 1] <= step) found++;
    return found;
  }
  async function loadNeighbors(run, map, index) {
    const { k, wide, scales, blocks } = map.neighbors;
    const { buffer } = await bytes(blocks[index]);
    const count2 = run.count * k;
    const indices = wide ? new Uint32Array(buffer, 0, count2) : new Uint16Array(buffer, 0, count2);
    return { k, indices, gaps: new Uint16Array(buffer, indices.byteLength, count2), scale: scales[index] };
  }
  var distanceAt = ({ gaps, scale }, at) => gaps[at] / UNITS * scale;
  function measured2({ points, samples, shownIndex }, i) {
    if (!points) return { cluster: null, outlier: NaN, preservation: null };
    const n = samples.count;
    const cluster = stepOf(points.cluster, n, shownIndex)[i];
    const [low, high] = samples.run.maps?.outlierSpan ?? [0, 1];
    return {
      cluster: cluster < 0 ? null : cluster,
      outlier: low + stepOf(points.outlier, n, shownIndex)[i] / UNITS * (high - low),
      preservation: points.preserved && stepOf(points.preserved, n, shownIndex)[i] / 255
    };
  }

  // denoscope/report/page/assets/atlas/colouring.js
  var NOTHING = 255;
  var MEASURES = {
    "map.cluster": "cluster",
    "map.outlier": "outlier score",
    "map.preserved": "true neighbours shown",
    "map.purity": "neighbours of the same class",
    "map.placed": "fitted or new"
  };
  function choices2(samples) {
    const maps = samples.run.maps?.layers ?? [];
    const columns = samples.run.columns.map(({ name }) => ({ id: name, name }));
    const measures2 = Object.entries(MEASURES).filter(([id]) => id !== "map.placed" || maps.some(({ fit }) => fit < samples.count)).filter(([id]) => id !== "map.purity" || samples.classes.length).map(([id, name]) => ({ id, name }));
    const first = columns.findIndex(({ id }) => samples.codes.has(id));
    return first === 0 ? [...columns, ...measures2] : [...measures2, ...columns];
  }
  async function colouring(id, samples, map, points, index) {
    const name = MEASURES[
      /** @type {keyof typeof MEASURES} */
      id
    ] ?? id;
    const n = samples.count;
    const [low, high] = samples.run.maps?.outlierRange ?? [0, 1];
    if (id === "map.cluster") return ofClusters(name, stepOf(points.cluster, n, index));
    if (id === "map.placed") {
      const placed = Uint8Array.from({ length: n }, (_, i) => i < map.fit ? 0 : 1);
      return ofCategories(name, placed, ["fitted", "new"]);
    }
    if (id === "map.outlier") {
      const span = samples.run.maps?.outlierSpan ?? [0, 1];
      const scores = Float32Array.from(stepOf(points.outlier, n, index), (value) => span[0] + value / UNITS * (span[1] - span[0]));
      return { ...ofNumbers(name, scores, [low, high]), low: low.toFixed(1), high: `${high.toFixed(1)} and more` };
    }
    if (id === "map.preserved") {
      const shares2 = points.preserved ? stepOf(points.preserved, n, Math.min(index, points.preserved.length / n - 1)) : new Uint8Array(n);
      return ofBytes(name, shares2, "0 %", "100 %");
    }
    if (id === "map.purity") return ofBytes(name, await purity(samples, map, index), "0 %", "100 %");
    const codes = samples.codes.get(id);
    const column = samples.categories.find((known2) => known2.name === id);
    if (codes && column) return ofCategories(name, codes, column.values);
    const numbers2 = samples.run.columns.find((known2) => known2.name === id);
    return ofNumbers(name, await samples.numbers(id), numbers2?.kind === "number" ? numbers2.range : [0, 1]);
  }
  async function purity(samples, map, index) {
    const { k, indices } = await loadNeighbors(samples.run, map, index);
    const { labels } = samples;
    const shares2 = new Uint8Array(samples.count);
    for (let i = 0; i < samples.count; i++) {
      let same = 0;
      for (let j = i * k; j < (i + 1) * k; j++) if (labels[indices[j]] === labels[i]) same++;
      shares2[i] = Math.round(255 * same / k);
    }
    return shares2;
  }
  function ofCategories(name, values, names) {
    const counts = new Array(names.length).fill(0);
    for (let i = 0; i < values.length; i++) counts[values[i]]++;
    return categorical(
      name,
      values,
      names.map((text2, value) => ({ value, name: text2, colour: categoryColour(page, value), count: counts[value] }))
    );
  }
  function ofClusters(name, values) {
    const counts = /* @__PURE__ */ new Map();
    for (let i = 0; i < values.length; i++) counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
    const found = [...counts.keys()].sort((a, b) => a - b);
    const entries = found.map((value) => ({
      value,
      name: value < 0 ? "none" : String(value),
      colour: categoryColour(page, value),
      count: counts.get(value) ?? 0
    }));
    return categorical(name, values, entries);
  }
  function categorical(name, values, entries) {
    const shades2 = page.colours.length;
    const codes = Uint8Array.from(values, (value) => value < 0 ? NOTHING : value % shades2);
    return { name, codes, palette: paletteOf((slot) => slot < shades2 ? parsed(page.colours[slot]) : null), values, entries, low: "", high: "" };
  }
  function ofBytes(name, codes, low, high) {
    return { name, codes, palette: paletteOf((slot) => viridis(slot / 255)), values: null, entries: [], low, high };
  }
  function ofNumbers(name, values, [low, high]) {
    const codes = Uint8Array.from(
      values,
      (value) => Number.isFinite(value) ? Math.round(Math.min(1, Math.max(0, (value - low) / (high - low || 1))) * (NOTHING - 1)) : NOTHING
    );
    const palette = paletteOf((slot) => slot === NOTHING ? null : viridis(slot / (NOTHING - 1)));
    return { name, codes, palette, values: null, entries: [], low: short(low), high: short(high) };
  }
  function paletteOf(colourOf3) {
    const found = new Uint8Array(4 * 256);
    const other = parsed(page.other);
    for (let slot = 0; slot < 256; slot++) found.set([...colourOf3(slot) ?? other, 255], 4 * slot);
    return found;
  }
  var short = (value) => String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  var colourOf2 = ({ codes, palette }, i) => css([...palette.subarray(4 * codes[i], 4 * codes[i] + 3)]);

  // denoscope/report/page/assets/atlas/camera.js
  var MARGIN = 24;
  var CLOSEST = 400;
  var WHOLE = { scale: 1, x: 0.5, y: 0.5 };
  var pixelsPerSide = (camera, size) => Math.max(1, Math.min(size.width, size.height) - 2 * MARGIN) * camera.scale;
  function toScreen(camera, size, x, y) {
    const side = pixelsPerSide(camera, size);
    return [size.width / 2 + (x / UNITS - camera.x) * side, size.height / 2 - (y / UNITS - camera.y) * side];
  }
  function toMap(camera, size, x, y) {
    const side = pixelsPerSide(camera, size);
    return [(camera.x + (x - size.width / 2) / side) * UNITS, (camera.y - (y - size.height / 2) / side) * UNITS];
  }
  function moved(camera, size, dx, dy) {
    const side = pixelsPerSide(camera, size);
    return limited({ ...camera, x: camera.x - dx / side, y: camera.y + dy / side });
  }
  function zoomed(camera, size, factor, x, y) {
    const scale = Math.min(CLOSEST, Math.max(0.5, camera.scale * factor));
    const [left, top] = [x - size.width / 2, y - size.height / 2];
    const [before2, after] = [pixelsPerSide(camera, size), pixelsPerSide({ ...camera, scale }, size)];
    return limited({ scale, x: camera.x + left / before2 - left / after, y: camera.y - top / before2 + top / after });
  }
  var limited = (camera) => ({ ...camera, x: Math.min(1, Math.max(0, camera.x)), y: Math.min(1, Math.max(0, camera.y)) });
  var asText = ({ scale, x, y }) => scale === 1 && x === 0.5 && y === 0.5 ? "" : [scale, x, y].map((value) => Number(value.toFixed(4))).join(",");
  function fromText(text2) {
    const [scale, x, y] = text2.split(",").map(Number);
    return text2 && [scale, x, y].every(Number.isFinite) && scale > 0 ? limited({ scale: Math.min(CLOSEST, scale), x, y }) : { ...WHOLE };
  }
  function around(positions, flags) {
    const low = [UNITS, UNITS];
    const high = [0, 0];
    for (let at = 0; at < positions.length; at++) {
      if (!flags[at >> 1]) continue;
      low[at % 2] = Math.min(low[at % 2], positions[at]);
      high[at % 2] = Math.max(high[at % 2], positions[at]);
    }
    const side = Math.max(high[0] - low[0], high[1] - low[1], UNITS / CLOSEST);
    if (high[0] < low[0]) return { ...WHOLE };
    return { scale: UNITS / side, x: (low[0] + high[0]) / 2 / UNITS, y: (low[1] + high[1]) / 2 / UNITS };
  }

  // denoscope/report/page/assets/atlas/ranges.js
  function toRanges(numbers2) {
    const found = [];
    for (const number of numbers2) {
      const last2 = found.at(-1);
      if (last2 && last2[1] === number - 1) last2[1] = number;
      else found.push([number, number]);
    }
    return found.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(".");
  }
  var toggled2 = (numbers2, number) => (numbers2.includes(number) ? numbers2.filter((known2) => known2 !== number) : [...numbers2, number]).sort((a, b) => a - b);
  function fromRanges(text2, count2) {
    const found = [];
    for (const part of text2.split(".").filter((range) => /^\d+(-\d+)?$/.test(range))) {
      const [from, to = from] = part.split("-").map(Number);
      for (let number = from; number <= Math.min(to, count2 - 1); number++) found.push(number);
    }
    return found;
  }

  // denoscope/report/page/assets/atlas/selection.js
  var manualOf = (count2) => fromRanges(current().manual, count2);
  var withoutOf = (count2) => fromRanges(current().without, count2);
  var last = { text: "", count: 0, found: [] };
  function pickedOf(count2) {
    const text2 = current().picked;
    if (last.text !== text2 || last.count !== count2) last = { text: text2, count: count2, found: fromRanges(text2, count2) };
    return last.found;
  }
  var pick = (samples) => set({ picked: toRanges(samples) });
  function stepsOf(run, i) {
    const { of } = run;
    if (!of) return i >= 0 && i < run.players ? { view: "player", sample: i } : null;
    const sample = Math.floor(i / of.length);
    const there2 = i >= 0 && sample < page.runs[of.run].players;
    return there2 ? { view: "player", run: of.run, sample, side: 0, token: i % of.length } : null;
  }
  var choose = (sample) => set({ chosen: sample, sample: Math.max(0, sample), manual: "", without: "" });
  function clearOne() {
    const { manual, without, chosen } = current();
    if (manual || without) set({ manual: "", without: "" });
    else if (chosen >= 0) set({ chosen: -1 });
    else set({ picked: "" });
  }
  var clearChosen = () => set({ chosen: -1, manual: "", without: "" });
  function toggleNeighbor(sample, isNeighbor, count2) {
    const without = withoutOf(count2);
    if (isNeighbor || without.includes(sample)) set({ without: toRanges(toggled2(without, sample)) });
    else set({ manual: toRanges(toggled2(manualOf(count2), sample)) });
  }

  // denoscope/report/page/assets/atlas/captions.js
  var HELP = "Arrow keys walk over the points, Enter chooses, N adds or removes a neighbour, P picks, O opens the player, plus and minus zoom, F fits, Escape clears.";
  function showCaption(panel) {
    const { number, points, samples } = panel;
    if (!points) return;
    byId(`plot-${number}-where`).textContent = whereText(panel);
    byId(`plot-${number}-engine`).textContent = `${points.engine} · ${points.settingText}`;
    byId(`plot-${number}-belief`).textContent = belief(panel);
    panel.overlay.setAttribute("aria-label", `Map of ${samples.count} ${samples.run.of ? "tokens" : "samples"}: ${caption(panel)}. ${HELP}`);
  }
  function showTransport(main) {
    const slider = control("atlas-step", HTMLInputElement);
    slider.max = String(main.samples.run.times.length - 1);
    slider.value = String(current().step);
    slider.setAttribute("aria-valuetext", whereText(main));
    byId("atlas-where").textContent = whereText(main);
  }
  function showPicked({ samples, flags }) {
    const count2 = pickedOf(samples.count).length;
    const shown2 = flags.reduce((sum, flag) => sum + Number(flag > 0), 0);
    const [picked, on, all] = [count2, shown2, samples.count].map((number) => number.toLocaleString("en"));
    byId("atlas-picked").textContent = `${picked} picked, ${on} of ${all} shown`;
    control("atlas-pick-none", HTMLButtonElement).disabled = !count2;
  }
  function caption(panel) {
    const { samples, map, points, colours } = panel;
    return `${samples.run.name}, ${map.name}, ${whereText(panel)}; ${points?.engine}, ${points?.settingText}; colour: ${colours?.name}`;
  }
  function whereText({ map, index, samples: { run } }) {
    const step = map.steps[index];
    return `step ${step} of ${run.times.length - 1}, ${run.symbol} = ${Number(run.times[step].toPrecision(3))}`;
  }
  function belief({ points, gridPoints, shownIndex, map, samples }) {
    const trust = points?.trustworthiness[shownIndex];
    const kept = points?.preservation[shownIndex];
    const parts2 = [
      trust == null ? "trustworthiness not computed here" : `trustworthiness ${trust.toFixed(3)}`,
      kept == null ? "" : `${Math.round(100 * kept)} % of true neighbours shown`,
      points === gridPoints && map.fit < samples.count ? `fitted on ${map.fit} samples, ${samples.count - map.fit} new ones placed` : ""
    ];
    return parts2.filter(Boolean).join(" · ");
  }

  // denoscope/report/page/assets/atlas/exporting.js
  var MOST_CIRCLES = 2e4;
  var CELL = 96;
  function exported(panel) {
    const picked = pickedOf(panel.samples.count);
    return picked.length ? picked : panel.shown();
  }
  async function records(panel, chosen) {
    const { samples, map, points, shownIndex, index } = panel;
    if (!points) return [];
    const numbers2 = /* @__PURE__ */ new Map();
    for (const { name, kind } of samples.run.columns) if (kind === "number") numbers2.set(name, await samples.numbers(name));
    const positions = stepOf(points.positions, 2 * samples.count, shownIndex);
    return chosen.map((i) => ({
      sample: i,
      ...Object.fromEntries(samples.run.columns.map((column) => [column.name, cell2(samples, column, numbers2, i)])),
      layer: map.name,
      step: map.steps[index],
      x: points.corner[0] + positions[2 * i] / UNITS * points.side,
      y: points.corner[1] + positions[2 * i + 1] / UNITS * points.side,
      ...measured2(panel, i)
    }));
  }
  function cell2(samples, column, numbers2, i) {
    if (column.kind === "category") return column.whole ? Number(samples.value(column.name, i)) : samples.value(column.name, i);
    const value = numbers2.get(column.name)?.[i] ?? NaN;
    return Number.isFinite(value) ? value : null;
  }
  function csv(rows) {
    const names = Object.keys(rows[0] ?? {});
    const text2 = (value) => typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : value ?? "";
    return [names.map(text2), ...rows.map((row3) => names.map((name) => text2(row3[name])))].map((cells) => `${cells.join(",")}
`).join("");
  }
  async function contactSheet2({ samples }, chosen) {
    const columns = Math.max(1, Math.ceil(Math.sqrt(chosen.length)));
    const canvas = (
      /** @type {HTMLCanvasElement} */
      make("canvas")
    );
    canvas.width = columns * (CELL + 8) + 8;
    canvas.height = Math.ceil(chosen.length / columns) * (CELL + 26) + 8;
    const context = pen(canvas);
    context.fillStyle = ink("--paper");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.font = "11px system-ui, sans-serif";
    for (const [at, i] of chosen.entries()) {
      const [x, y] = [8 + at % columns * (CELL + 8), 8 + Math.floor(at / columns) * (CELL + 26)];
      await drawResult(context, samples.run, i, [x, y, CELL, CELL]);
      context.fillStyle = ink("--ink");
      context.fillText(samples.nameOf(i).replace(/^sample /, "#"), x, y + CELL + 13, CELL);
    }
    return blob(canvas);
  }
  async function plotPicture(panel) {
    const { canvas, overlay, size } = panel;
    const ratio = canvas.width / size.width;
    const copy = (
      /** @type {HTMLCanvasElement} */
      make("canvas")
    );
    copy.width = canvas.width;
    copy.height = canvas.height + 30 * ratio;
    const context = pen(copy);
    context.fillStyle = ink("--paper");
    context.fillRect(0, 0, copy.width, copy.height);
    panel.drawNow();
    context.drawImage(canvas, 0, 0);
    context.drawImage(overlay, 0, 0);
    context.scale(ratio, ratio);
    context.fillStyle = ink("--ink");
    context.font = "12px system-ui, sans-serif";
    context.fillText(caption(panel), 12, size.height + 19, size.width - 24);
    return blob(copy);
  }
  async function plotDrawing(panel) {
    const { width, height } = panel.size;
    const marks2 = panel.samples.count > MOST_CIRCLES ? await asImage(panel) : circles(panel);
    const text2 = `<text x="12" y="${height + 19}" font-family="sans-serif" font-size="12" fill="${ink("--ink")}">${escaped(caption(panel))}</text>`;
    const ground = `<rect width="100%" height="100%" fill="${ink("--paper")}"/>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 30}">
${ground}
${marks2}
${text2}
</svg>
`;
  }
  function circles(panel) {
    const { colours, flags, samples, size } = panel;
    if (!colours) return "";
    const radius = panel.frame(1).size / 2;
    const { chosen } = current();
    const order = [...flags.keys()].sort((a, b) => flags[a] - flags[b]);
    const drawn = order.map((i) => ({ i, at: panel.where(i) })).filter(({ at: [x, y] }) => x > 0 && y > 0 && x < size.width && y < size.height);
    const lines2 = drawn.map(({ i, at: [x, y] }) => {
      const fill2 = flags[i] ? colourOf2(colours, i) : ink("--dim");
      const ring2 = i === chosen ? ` stroke="${ink("--accent")}" stroke-width="3"` : flags[i] === 2 ? ` stroke="${ink("--ink")}" stroke-width="1.5"` : "";
      return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${fill2}"${ring2}><title>${escaped(samples.nameOf(i))}</title></circle>`;
    });
    return lines2.join("\n");
  }
  async function asImage(panel) {
    panel.drawNow();
    const copy = (
      /** @type {HTMLCanvasElement} */
      make("canvas")
    );
    Object.assign(copy, { width: panel.canvas.width, height: panel.canvas.height });
    pen(copy).drawImage(panel.canvas, 0, 0);
    return `<image width="${panel.size.width}" height="${panel.size.height}" href="${copy.toDataURL("image/png")}"/>`;
  }
  var escaped = (text2) => text2.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  var blob = (canvas) => new Promise((resolve, reject) => canvas.toBlob((found) => found ? resolve(found) : reject(new Error("the picture is too large")), "image/png"));
  function download(content, name, type) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1e4);
  }

  // denoscope/report/page/assets/atlas/bar.js
  var MOST_PICTURES = 1024;
  function mountBar(panels) {
    const [main] = panels;
    const colour = control("atlas-colour", HTMLSelectElement);
    const find = control("atlas-find", HTMLInputElement);
    const linked = control("atlas-linked", HTMLInputElement);
    colour.addEventListener("change", () => set({ colour: colour.value, hidden: "" }));
    find.addEventListener("input", () => set({ find: find.value }));
    linked.addEventListener("change", () => set({ linked: Number(linked.checked) }));
    byId("atlas-compare").addEventListener("click", () => set(current().compare ? { compare: 0 } : besides(main)));
    const views2 = () => current().compare && !current().linked ? panels : [main];
    byId("atlas-fit").addEventListener("click", () => views2().forEach((panel) => panel.fit()));
    byId("atlas-whole").addEventListener("click", () => views2().forEach((panel) => panel.look({ ...WHOLE })));
    byId("atlas-legend-all").addEventListener("click", () => set({ hidden: "" }));
    byId("atlas-pick-shown").addEventListener("click", () => pick(main.shown()));
    byId("atlas-pick-none").addEventListener("click", () => set({ picked: "" }));
    mountTools(panels);
    mountExports(main);
    return () => {
      const found = choices2(main.samples);
      colour.replaceChildren(...found.map(({ id, name }) => make("option", { value: id }, name)));
      colour.value = current().colour;
      if (document.activeElement !== find) find.value = current().find;
      const two = Boolean(current().compare);
      byId("panel-1").hidden = !two;
      byId("atlas-plots").toggleAttribute("data-two", two);
      byId("atlas-compare").setAttribute("aria-pressed", String(two));
      byId("atlas-linked-label").hidden = !two;
      byId("atlas-export-sheet").hidden = !main.samples.run.thumbs;
      linked.checked = Boolean(current().linked);
    };
  }
  function besides({ samples }) {
    const { run, layer: layer2, layer2: layer22, run2 } = current();
    const other = (layer2 + 1) % (samples.run.maps?.layers.length ?? 1);
    const same = run2 !== run || layer22 === layer2;
    return { compare: 1, run2: run, ...same ? { layer2: other, setting2: 0, live2: "" } : {} };
  }
  function mountTools(panels) {
    const tools = (
      /** @type {HTMLElement[]} */
      [...document.querySelectorAll("[data-tool]")]
    );
    for (const button of tools) {
      button.addEventListener("click", () => {
        for (const other of tools) other.setAttribute("aria-pressed", String(other === button));
        for (const panel of panels) panel.overlay.dataset.using = button.dataset.tool;
      });
    }
  }
  function mountExports(main) {
    const name = () => `${main.samples.run.name}-${main.map.name}-step${main.map.steps[main.index]}`.replace(/[^\w.-]+/g, "_");
    const kinds = {
      csv: async () => download(csv(await records(main, exported(main))), `${name()}.csv`, "text/csv"),
      json: async () => download(JSON.stringify(await records(main, exported(main)), null, 1), `${name()}.json`, "application/json"),
      sheet: async () => download(await contactSheet2(main, exported(main).slice(0, MOST_PICTURES)), `${name()}-sheet.png`, "image/png"),
      png: async () => download(await plotPicture(main), `${name()}.png`, "image/png"),
      svg: async () => download(await plotDrawing(main), `${name()}.svg`, "image/svg+xml")
    };
    const menu = control("atlas-export", HTMLDetailsElement);
    for (const [kind, run] of Object.entries(kinds)) {
      byId(`atlas-export-${kind}`).addEventListener("click", async () => {
        await run();
        menu.open = false;
      });
    }
    addEventListener("pointerdown", (event) => {
      if (!menu.contains(
        /** @type {Node} */
        event.target
      )) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") menu.open = false;
    });
  }

  // denoscope/report/page/assets/atlas/controls.js
  var OTHER = "other";
  function mountControls2(atlas, panel) {
    const { number, keys } = panel;
    const chooser = (name) => control(`plot-${number}-${name}`, HTMLSelectElement);
    const [run, layer2, setting] = [chooser("run"), chooser("layer"), chooser("setting")];
    const form = control(`plot-${number}-live`, HTMLFormElement);
    const [neighbors, distance] = [control(`plot-${number}-n`, HTMLInputElement), control(`plot-${number}-d`, HTMLInputElement)];
    const bar2 = byId(`plot-${number}-progress`);
    const busy = (
      /** @type {HTMLProgressElement} */
      bar2.querySelector("progress")
    );
    run.addEventListener("change", () => set({ [keys.run]: run.selectedIndex, [keys.live]: "" }));
    layer2.addEventListener("change", () => set({ [keys.layer]: layer2.selectedIndex }));
    setting.addEventListener("change", () => {
      editing = setting.value === OTHER;
      form.hidden = !editing;
      if (editing) neighbors.focus();
      else set({ [keys.setting]: setting.selectedIndex, [keys.live]: "" });
    });
    let editing = false;
    let wanted = "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      wanted = `${Number(neighbors.value)},${Number(distance.value)}`;
      set({ [keys.live]: wanted });
      recalculate();
    });
    byId(`plot-${number}-cancel`).addEventListener("click", () => panel.cancel());
    if (number) {
      const step = chooser("step");
      step.addEventListener("change", () => set({ step2: Number(step.value) }));
    }
    const recalculate = async () => {
      const asked = current()[keys.live];
      bar2.hidden = false;
      atlas.tell("Laying out");
      try {
        const done = await panel.recalculate((share, stage) => {
          busy.value = share;
          byId(`plot-${number}-stage`).textContent = stage === "layout" ? "laying out" : "searching neighbours";
        });
        if (done === null) return;
        atlas.tell(done ? "Laid out" : "Cancelled");
        if (done) atlas.update(/* @__PURE__ */ new Set([keys.live]));
        else if (current()[keys.live] === asked) set({ [keys.live]: "" });
      } catch (error) {
        set({ [keys.live]: "" });
        atlas.tell(error instanceof Error ? error.message : String(error));
      } finally {
        bar2.hidden = !panel.running;
      }
    };
    return () => {
      const { samples, map } = panel;
      fill(run, panel.all.map((entry4) => entry4.run.name), current()[keys.run]);
      for (const [at, option] of [...run.options].entries()) option.disabled = !panel.all[at].run.maps;
      const several = panel.all.length > 1 && number === 1;
      run.closest("label").hidden = !several;
      fill(layer2, (samples.run.maps?.layers ?? []).map(({ name }) => name), current()[keys.layer]);
      const texts = map.settings.map(({ n_neighbors, min_dist }) => textOf(n_neighbors, min_dist));
      const asked = panel.asks;
      fill(setting, map.features ? [...texts, "other …"] : texts, asked || editing ? texts.length : current()[keys.setting]);
      if (map.features) setting.options[texts.length].value = OTHER;
      form.hidden = !map.features || !(asked || editing);
      if (asked) [neighbors.value, distance.value] = [String(asked.nNeighbors), String(asked.minDist)];
      neighbors.max = String(Math.min(200, samples.count));
      if (asked && wanted !== current()[keys.live]) recalculate();
      wanted = current()[keys.live];
      if (!number) return;
      const step = chooser("step");
      fill(step, ["same step", ...map.steps.map((at) => `step ${at}`)], map.steps.indexOf(current().step2) + 1);
      for (const [at, option] of [...step.options].entries()) option.value = String(at ? map.steps[at - 1] : -1);
    };
  }
  function fill(select, names, chosen) {
    const same = select.options.length === names.length && names.every((name, at) => select.options[at].text === name);
    if (!same) select.replaceChildren(...names.map((name) => make("option", {}, name)));
    select.selectedIndex = Math.min(chosen, names.length - 1);
  }

  // denoscope/report/page/assets/atlas/search.js
  function search(text2, samples) {
    const words = text2.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const found = new Uint8Array(samples.count).fill(1);
    for (const word2 of words) {
      const one = meant(word2, samples);
      for (let i = 0; i < found.length; i++) found[i] &= one[i];
    }
    return found;
  }
  function meant(word2, samples) {
    const found = new Uint8Array(samples.count);
    if (/^#\d+$/.test(word2)) {
      found[Number(word2.slice(1))] = 1;
      return found;
    }
    const [column, rest] = word2.includes(":") ? [word2.slice(0, word2.indexOf(":")), word2.slice(word2.indexOf(":") + 1)] : ["", word2];
    const named = samples.categories.filter(({ name }) => name.toLowerCase() === column);
    const sought = named.length ? rest : word2;
    for (const { name, values } of named.length ? named : samples.categories) {
      const hit = values.map((value) => value.toLowerCase().includes(sought));
      const codes = samples.codes.get(name);
      if (codes) {
        for (let i = 0; i < found.length; i++) if (hit[codes[i]]) found[i] = 1;
      }
    }
    return found;
  }

  // denoscope/report/page/assets/atlas/flags.js
  function flagsOf(samples, { values, entries }, names) {
    const flags = search(current().find, samples) ?? new Uint8Array(samples.count).fill(1);
    const hidden = new Set(entries.filter(({ name }) => names.has(name)).map(({ value }) => value));
    if (values && hidden.size) {
      for (let i = 0; i < flags.length; i++) if (hidden.has(values[i])) flags[i] = 0;
    }
    for (const sample of pickedOf(samples.count)) if (flags[sample]) flags[sample] = 2;
    return flags;
  }
  function hiddenNames({ entries }) {
    const hidden = hiddenValues();
    return new Set(entries.filter(({ value }) => hidden.has(value)).map(({ name }) => name));
  }
  var hiddenValues = () => new Set(current().hidden.split(",").filter(Boolean).map(Number));

  // denoscope/report/page/assets/atlas/gestures.js
  var DRAG = 4;
  function listen(area, actions) {
    const down = /* @__PURE__ */ new Map();
    let drawn = [];
    let dragged = 0;
    area.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      area.setPointerCapture(event.pointerId);
      down.set(event.pointerId, [event.offsetX, event.offsetY]);
      dragged = 0;
      drawn = drawing(event, actions) ? [[event.offsetX, event.offsetY]] : [];
    });
    area.addEventListener("pointermove", (event) => {
      const before2 = down.get(event.pointerId);
      if (!before2) return actions.hover(event.offsetX, event.offsetY);
      const [dx, dy] = [event.offsetX - before2[0], event.offsetY - before2[1]];
      dragged += Math.hypot(dx, dy);
      if (down.size === 2) pinch(down, event, actions);
      else if (drawn.length) {
        drawn = outline2(drawn, [event.offsetX, event.offsetY], actions.tool());
        actions.outline(drawn, false);
      } else if (dragged > DRAG) actions.pan(dx, dy);
      down.set(event.pointerId, [event.offsetX, event.offsetY]);
    });
    const up = (event) => {
      if (!down.delete(event.pointerId)) return;
      if (drawn.length) actions.outline([], false);
      if (drawn.length > 2 && dragged > DRAG) actions.outline(drawn, true);
      else if (dragged <= DRAG && event.type === "pointerup") actions.click(event.offsetX, event.offsetY);
      drawn = [];
    };
    area.addEventListener("pointerup", up);
    area.addEventListener("pointercancel", up);
    area.addEventListener("pointerleave", () => actions.leave());
    area.addEventListener("dblclick", (event) => actions.open(event.offsetX, event.offsetY));
    area.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        actions.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
      },
      { passive: false }
    );
    area.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !actions.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  var drawing = (event, actions) => event.shiftKey || actions.tool() !== "pan";
  function outline2(drawn, place2, tool) {
    if (tool !== "rectangle") return [...drawn, place2];
    const [from] = drawn;
    return [from, [place2[0], from[1]], place2, [from[0], place2[1]]];
  }
  function pinch(down, event, actions) {
    const other = [...down.entries()].find(([id]) => id !== event.pointerId);
    const before2 = down.get(event.pointerId);
    if (!other || !before2) return;
    const gap = ([x, y]) => Math.max(8, Math.hypot(x - other[1][0], y - other[1][1]));
    const here = (
      /** @type {[number, number]} */
      [event.offsetX, event.offsetY]
    );
    actions.zoom(gap(here) / gap(before2), (here[0] + other[1][0]) / 2, (here[1] + other[1][1]) / 2);
  }

  // denoscope/report/page/assets/atlas/keys.js
  var PAN = 60;
  var ZOOM = 1.3;
  var DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  function plotKey(atlas, panel, { key, shiftKey }) {
    const direction = DIRECTIONS[key];
    if (direction && shiftKey) panel.look(moved(panel.camera, panel.size, -PAN * direction[0], -PAN * direction[1]));
    else if (direction) atlas.point(panel, next2(panel, atlas.cursor, direction));
    else if (!KEYS[key]) return false;
    else KEYS[key](atlas, panel);
    return true;
  }
  var KEYS = {
    "+": (_, panel) => zoom(panel, ZOOM),
    "-": (_, panel) => zoom(panel, 1 / ZOOM),
    0: (_, panel) => panel.look({ ...WHOLE }),
    f: (_, panel) => panel.fit(),
    Enter: ({ cursor }) => cursor >= 0 && choose(cursor),
    n: (atlas, panel) => atlas.cursor >= 0 && atlas.clicked(panel, atlas.cursor),
    p: ({ cursor }, panel) => cursor >= 0 && pick(toggled2(pickedOf(panel.samples.count), cursor)),
    o: (_, panel) => openPlayer(panel),
    Escape: (atlas, panel) => atlas.hovered >= 0 ? atlas.hover(panel, -1) : clearOne()
  };
  var zoom = (panel, factor) => panel.look(zoomed(panel.camera, panel.size, factor, panel.size.width / 2, panel.size.height / 2));
  function openPlayer({ samples }) {
    const steps2 = stepsOf(samples.run, current().chosen);
    if (steps2) set(steps2);
  }
  function next2(panel, cursor, [dx, dy]) {
    const { positions } = panel.placed;
    const from = cursor >= 0 && cursor < panel.samples.count ? cursor : Math.max(0, current().chosen);
    const [x, y] = [positions[2 * from], positions[2 * from + 1]];
    let best = from;
    let least2 = Infinity;
    for (let i = 0; i < panel.samples.count; i++) {
      if (i === from || !panel.flags[i]) continue;
      const [right, down] = [positions[2 * i] - x, y - positions[2 * i + 1]];
      const along = right * dx + down * dy;
      const across = Math.abs(right * dy - down * dx);
      if (along > 0 && across <= along && along + 2 * across < least2) [best, least2] = [i, along + 2 * across];
    }
    return best;
  }

  // denoscope/report/page/assets/atlas/legend.js
  var MOST = 60;
  function drawLegend2({ name, entries, low, high }, two) {
    byId("atlas-legend-title").textContent = name;
    byId("atlas-scale").hidden = entries.length > 0;
    byId("atlas-scale-low").textContent = low;
    byId("atlas-scale-high").textContent = high;
    const hidden = hiddenValues();
    const shown2 = new Set([...entries].sort((a, b) => b.count - a.count).slice(0, MOST));
    const list = byId("atlas-legend");
    const focused = [...list.children].indexOf(
      /** @type {Element} */
      document.activeElement
    );
    list.replaceChildren(...entries.filter((entry4) => shown2.has(entry4)).map((entry4) => chip(entry4, hidden, entries)));
    list.children[focused]?.focus();
    const left = entries.length - shown2.size;
    const notes = [
      left > 0 ? `and ${left} rarer ones: find them by name. Colours repeat.` : "",
      two && name === "cluster" ? "The second map's clusters have numbers of their own." : ""
    ];
    byId("atlas-legend-more").textContent = notes.filter(Boolean).join(" ");
    byId("atlas-legend-all").hidden = !entries.length || !hidden.size;
  }
  function chip({ value, name, colour, count: count2 }, hidden, all) {
    const dot3 = make("i", { "aria-hidden": "true" });
    dot3.style.background = colour;
    const title = `${count2} samples; with Shift: only these`;
    const button = make("button", { type: "button", class: "chip", "aria-pressed": String(!hidden.has(value)), title }, dot3, name);
    button.addEventListener("click", (event) => {
      const left = event.shiftKey ? new Set(all.map((entry4) => entry4.value)) : hiddenValues();
      if (!left.delete(value)) left.add(value);
      set({ hidden: [...left].sort((a, b) => a - b).join(",") });
    });
    return button;
  }

  // denoscope/report/page/assets/atlas/neighborhood.js
  async function neighborhood(run, map, points, index, places2) {
    const { chosen, k, space } = current();
    if (chosen < 0 || chosen >= run.count) return [];
    const onMap = space === "map";
    const near = onMap ? nearOnMap(places2, points.side, chosen, k) : await nearInActivations(run, map, index, chosen);
    const without = new Set(withoutOf(run.count));
    const manual = manualOf(run.count).filter((sample) => sample !== chosen);
    const nearest = near.slice(0, k).filter(({ sample }) => !without.has(sample) && !manual.includes(sample));
    const away = onMap ? mapDistance(places2, points.side, chosen) : await activationDistance(map, index, chosen, near);
    return [
      ...manual.map((sample) => ({ sample, distance: away(sample), manual: true })),
      ...nearest.map(({ sample, distance }) => ({ sample, distance: text(distance), manual: false }))
    ];
  }
  var nearOnMap = (places2, side, chosen, k) => places2.around(chosen, k).map(({ i, distance }) => ({ sample: i, distance: distance / UNITS * side }));
  async function nearInActivations(run, map, index, chosen) {
    const near = await loadNeighbors(run, map, index);
    const first = chosen * near.k;
    return Array.from({ length: near.k }, (_, j) => ({ sample: near.indices[first + j], distance: distanceAt(near, first + j) }));
  }
  var mapDistance = ({ positions }, side, chosen) => (sample) => {
    const gaps = [0, 1].map((axis) => positions[2 * sample + axis] - positions[2 * chosen + axis]);
    return text(Math.hypot(...gaps) / UNITS * side);
  };
  async function activationDistance(map, index, chosen, listed) {
    const features = map.features && new Int8Array((await bytes(map.features.blocks[index])).buffer);
    return (sample) => {
      const known2 = listed.find((entry4) => entry4.sample === sample);
      if (known2) return text(known2.distance);
      if (!map.features || !features) return "farther than those listed";
      const { components, scales } = map.features;
      const [a, b] = [chosen, sample].map((i) => features.subarray(i * components, (i + 1) * components));
      if (map.metric === "cosine") return `≈ ${text(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))}`;
      return `≈ ${text(Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)) * scales[index])}`;
    };
  }
  var dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  var text = (distance) => distance.toPrecision(3);

  // denoscope/report/page/assets/atlas/gl.js
  var VERTEX = `#version 300 es
layout(location = 0) in vec2 here;
layout(location = 1) in vec2 there;
layout(location = 2) in float colour;
layout(location = 3) in float flag;
uniform float part;
uniform vec2 centre;
uniform vec2 zoom;
uniform float size;
uniform sampler2D palette;
uniform vec4 quiet;
flat out vec4 ink;
flat out float ringed;
flat out float across;
void main() {
  // Greyed points lie below, picked ones on top.
  gl_Position = vec4((mix(here, there, part) - centre) * zoom, flag < 0.5 ? 0.5 : flag < 1.5 ? 0.0 : -0.5, 1.0);
  ringed = flag > 1.5 ? 1.0 : 0.0;
  across = size * (flag < 0.5 ? 0.8 : 1.0) + 3.0 * ringed;
  gl_PointSize = across;
  ink = flag < 0.5 ? quiet : texelFetch(palette, ivec2(int(colour + 0.5), 0), 0);
}`;
  var FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 ink;
flat in float ringed;
flat in float across;
uniform vec4 ring;
out vec4 result;
void main() {
  float away = length(gl_PointCoord - 0.5) * across;
  float cover = across < 3.0 ? 1.0 : clamp(across / 2.0 - away, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec4 shown = ringed > 0.5 && away > across / 2.0 - 1.5 ? ring : ink;
  result = vec4(shown.rgb, 1.0) * shown.a * cover;
}`;
  function webglRenderer(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    if (!gl) return null;
    const program = link(gl);
    gl.useProgram(program);
    const [positions, colours, flags] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
    const place2 = Object.fromEntries(
      ["part", "centre", "zoom", "size", "quiet", "ring"].map((name) => [name, gl.getUniformLocation(program, name)])
    );
    let n = 0;
    for (const location2 of [0, 1, 2, 3]) gl.enableVertexAttribArray(location2);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const upload = (buffer, data) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    };
    return {
      name: "WebGL2",
      setPositions: (values) => upload(
        positions,
        /** @type {Uint16Array<ArrayBuffer>} */
        values
      ),
      setColours(values, palette) {
        n = values.length;
        upload(
          colours,
          /** @type {Uint8Array<ArrayBuffer>} */
          values
        );
        gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, 0, 0);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
      },
      setFlags(values) {
        upload(
          flags,
          /** @type {Uint8Array<ArrayBuffer>} */
          values
        );
        gl.vertexAttribPointer(3, 1, gl.UNSIGNED_BYTE, false, 0, 0);
      },
      draw(frame3) {
        gl.viewport(0, 0, canvas.width, canvas.height);
        gl.clearColor(0, 0, 0, 0);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        gl.bindBuffer(gl.ARRAY_BUFFER, positions);
        gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 0, frame3.from * n * 4);
        gl.vertexAttribPointer(1, 2, gl.UNSIGNED_SHORT, true, 0, frame3.to * n * 4);
        gl.uniform1f(place2.part, frame3.part);
        gl.uniform2fv(place2.centre, frame3.centre);
        gl.uniform2fv(place2.zoom, frame3.zoom);
        gl.uniform1f(place2.size, frame3.size);
        gl.uniform4fv(place2.quiet, frame3.quiet);
        gl.uniform4fv(place2.ring, frame3.ring);
        gl.drawArrays(gl.POINTS, 0, n);
      },
      dispose() {
        for (const buffer of [positions, colours, flags]) gl.deleteBuffer(buffer);
        gl.getExtension("WEBGL_lose_context")?.loseContext();
      }
    };
  }
  function link(gl) {
    const program = gl.createProgram();
    for (
      const [kind, source] of
      /** @type {[number, string][]} */
      [
        [gl.VERTEX_SHADER, VERTEX],
        [gl.FRAGMENT_SHADER, FRAGMENT]
      ]
    ) {
      const shader = (
        /** @type {WebGLShader} */
        gl.createShader(kind)
      );
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`WebGL2: ${gl.getProgramInfoLog(program)}`);
    return program;
  }

  // denoscope/report/page/assets/atlas/plain.js
  function plainRenderer(canvas) {
    const context = pen(canvas);
    let positions = new Uint16Array();
    let colours = new Uint8Array();
    let palette = new Uint8Array();
    let flags = new Uint8Array();
    return {
      name: "Canvas 2D",
      setPositions: (values) => void (positions = /** @type {Uint16Array<ArrayBuffer>} */
      values),
      setColours(values, wanted) {
        colours = /** @type {Uint8Array<ArrayBuffer>} */
        values;
        palette = /** @type {Uint8Array<ArrayBuffer>} */
        wanted;
      },
      setFlags: (values) => void (flags = /** @type {Uint8Array<ArrayBuffer>} */
      values),
      draw({ from, to, part, centre, zoom: zoom2, size, quiet, ring: ring2 }) {
        const { width, height } = canvas;
        if (!width || !height) return;
        const image = context.createImageData(width, height);
        const pixels = new Uint32Array(image.data.buffer);
        const inks = new Uint32Array(palette.slice().buffer);
        const [grey2, dark] = [packed2(quiet), packed2(ring2)];
        const n = colours.length;
        for (const level of [0, 1, 2]) {
          const across = size * (level ? 1 : 0.8) + (level === 2 ? 3 : 0);
          for (let i = 0; i < n; i++) {
            if (flags[i] !== level) continue;
            const [a, b] = [2 * (from * n + i), 2 * (to * n + i)];
            const x = (positions[a] + part * (positions[b] - positions[a])) / UNITS;
            const y = (positions[a + 1] + part * (positions[b + 1] - positions[a + 1])) / UNITS;
            const left = ((x - centre[0]) * zoom2[0] * 0.5 + 0.5) * width;
            const top = (0.5 - (y - centre[1]) * zoom2[1] * 0.5) * height;
            dot2(pixels, width, height, left, top, across, level ? inks[colours[i]] : grey2, level === 2 ? dark : 0);
          }
        }
        context.putImageData(image, 0, 0);
      },
      dispose() {
        [positions, colours, flags] = [new Uint16Array(), new Uint8Array(), new Uint8Array()];
      }
    };
  }
  function dot2(pixels, width, height, x, y, across, ink2, ring2) {
    const reach = across / 2;
    for (let row3 = Math.max(0, Math.round(y - reach)); row3 < Math.min(height, y + reach); row3++) {
      for (let column = Math.max(0, Math.round(x - reach)); column < Math.min(width, x + reach); column++) {
        const away = Math.hypot(column + 0.5 - x, row3 + 0.5 - y);
        if (away <= reach) pixels[row3 * width + column] = ring2 && away > reach - 1.5 ? ring2 : ink2;
      }
    }
  }
  var packed2 = (colour) => colour.reduce((sum, value, at) => sum + Math.round(value * 255) * 256 ** at, 0) >>> 0;

  // denoscope/report/page/assets/atlas/index.js
  var PER_CELL = 4;
  var Index = class {
    /** @param {Uint16Array} positions @param {number} n only the first so many are found */
    constructor(positions, n = positions.length / 2) {
      this.positions = positions;
      this.side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(n / PER_CELL))));
      this.cell = (UNITS + 1) / this.side;
      this.starts = new Uint32Array(this.side ** 2 + 1);
      this.items = new Uint32Array(n);
      const cells = new Uint32Array(n);
      for (let i = 0; i < n; i++) {
        cells[i] = Math.floor(positions[2 * i + 1] / this.cell) * this.side + Math.floor(positions[2 * i] / this.cell);
        this.starts[cells[i] + 1]++;
      }
      for (let c = 0; c < this.side ** 2; c++) this.starts[c + 1] += this.starts[c];
      const next3 = this.starts.slice(0, -1);
      for (let i = 0; i < n; i++) this.items[next3[cells[i]]++] = i;
    }
    /** @param {number} value */
    #column(value) {
      return Math.min(this.side - 1, Math.max(0, Math.floor(value / this.cell)));
    }
    /**
     * Visit the points in all cells that touch a box.
     * @param {number} left @param {number} bottom @param {number} right @param {number} top
     * @param {(i: number) => void} visit
     */
    within(left, bottom, right, top, visit) {
      const [from, to] = [this.#column(left), this.#column(right)];
      for (let row3 = this.#column(bottom); row3 <= this.#column(top); row3++) {
        const end = this.starts[row3 * this.side + to + 1];
        for (let at = this.starts[row3 * this.side + from]; at < end; at++) visit(this.items[at]);
      }
    }
    /**
     * The nearest point to a place, or -1 where there is none within reach; among equals the last, which lies on top.
     * @param {number} x @param {number} y @param {number} reach
     * @param {(i: number) => boolean} allowed
     */
    nearest(x, y, reach, allowed) {
      let best = -1;
      let least2 = reach ** 2;
      this.within(x - reach, y - reach, x + reach, y + reach, (i) => {
        const gap = (this.positions[2 * i] - x) ** 2 + (this.positions[2 * i + 1] - y) ** 2;
        if (gap <= least2 && allowed(i)) [best, least2] = [i, gap];
      });
      return best;
    }
    /**
     * The k points nearest to point i, itself excluded, nearest first, and their distances in map units.
     * @param {number} i @param {number} k
     * @returns {{i: number, distance: number}[]}
     */
    around(i, k) {
      const [x, y] = [this.positions[2 * i], this.positions[2 * i + 1]];
      const wanted = Math.min(k, this.items.length - (i < this.items.length ? 1 : 0));
      for (let reach = this.cell; ; reach *= 2) {
        const found = [];
        this.within(x - reach, y - reach, x + reach, y + reach, (j) => {
          const distance = Math.hypot(this.positions[2 * j] - x, this.positions[2 * j + 1] - y);
          if (j !== i && (distance <= reach || reach > 2 * UNITS)) found.push({ i: j, distance });
        });
        if (found.length >= wanted) return found.sort((a, b) => a.distance - b.distance || a.i - b.i).slice(0, wanted);
      }
    }
    /**
     * The points inside a polygon of x, y pairs, by the even-odd rule.
     * @param {number[]} polygon
     * @returns {number[]}
     */
    inside(polygon) {
      const xs = polygon.filter((_, at) => at % 2 === 0);
      const ys = polygon.filter((_, at) => at % 2 === 1);
      const found = [];
      this.within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (i) => {
        const [x, y] = [this.positions[2 * i], this.positions[2 * i + 1]];
        let odd = false;
        for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
          if (ys[a] > y !== ys[b] > y && x < (xs[b] - xs[a]) * (y - ys[a]) / (ys[b] - ys[a]) + xs[a]) odd = !odd;
        }
        if (odd) found.push(i);
      });
      return found.sort((a, b) => a - b);
    }
  };

  // denoscope/report/page/assets/atlas/live.js
  var made = /* @__PURE__ */ new Map();
  function fromText2(text2) {
    const [nNeighbors, minDist] = text2.split(",").map(Number);
    return Number.isInteger(nNeighbors) && nNeighbors >= 2 && minDist >= 0 && minDist <= 1 ? { nNeighbors, minDist } : null;
  }
  var known = (run, map, index, asked) => made.get(keyOf(run, map, index, asked));
  var keyOf = (run, map, index, { nNeighbors, minDist }) => [run.name, map.name, index, nNeighbors, minDist].join("\n");
  async function layOut(run, map, main, index, asked, onProgress, signal) {
    const n = run.count;
    const near = await loadNeighbors(run, map, index);
    const features = map.features && await bytes(map.features.blocks[index]);
    const start2 = Float32Array.from(stepOf(main.positions, 2 * n, index), (value) => value / UNITS);
    const request = {
      ...{ n, k: near.k, indices: Uint32Array.from(near.indices), distances: Float32Array.from(near.gaps, (gap) => gap * near.scale) },
      ...{ features: features && new Int8Array(features.slice().buffer), components: map.features?.components ?? 0 },
      ...{ metric: map.metric, epochs: map.epochs, seed: map.seed, start: start2, ...asked }
    };
    const done = signal.aborted ? null : await inWorker(request, onProgress, signal);
    if (!done) return null;
    const { positions, side } = toUnits(done.positions);
    const preserved = preservation(near, positions, map.fit);
    const points = {
      ...pointsOf(main, index, positions),
      ...{ side, corner: (
        /** @type {[number, number]} */
        [0, 0]
      ), preserved, preservation: [mean2(preserved) / 255] },
      engine: `UMAP of this page, ${done.seconds.toFixed(1)} s, ${done.graph === "exact" ? "exact neighbours" : "neighbours among 8-bit features"}`,
      settingText: textOf(asked.nNeighbors, asked.minDist)
    };
    made.set(keyOf(run, map, index, asked), points);
    return points;
  }
  function inWorker(request, onProgress, signal) {
    const url = URL.createObjectURL(new Blob([byId("umap-worker").textContent || ""], { type: "text/javascript" }));
    const worker = new Worker(url);
    const end = () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    };
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        end();
        resolve(null);
      });
      worker.onerror = (event) => {
        end();
        reject(new Error(event.message || "the layout's worker could not start"));
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "progress") onProgress(data.positions ? toUnits(data.positions).positions : new Uint16Array(), data.done, data.stage);
        if (data.kind === "done") {
          end();
          resolve(data);
        }
        if (data.kind === "error") {
          end();
          reject(new Error(data.message));
        }
      };
      worker.postMessage(request);
    });
  }
  function toUnits(xy) {
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    for (let i = 0; i < xy.length; i++) {
      low[i % 2] = Math.min(low[i % 2], xy[i]);
      high[i % 2] = Math.max(high[i % 2], xy[i]);
    }
    const side = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
    const corner = [0, 1].map((axis) => (low[axis] + high[axis] - side) / 2);
    return { side, positions: Uint16Array.from(xy, (value, i) => Math.round((value - corner[i % 2]) / side * UNITS)) };
  }
  function pointsOf(main, index, positions) {
    const { n } = main;
    const [cluster, outlier] = [stepOf(main.cluster, n, index), stepOf(main.outlier, n, index)];
    const unknown = { preserved: null, trustworthiness: [null], preservation: [null] };
    return { ...main, ...unknown, steps: [main.steps[index]], positions, cluster, outlier };
  }
  function preservation({ k, indices }, positions, fitted2) {
    const places2 = new Index(positions, fitted2);
    return Uint8Array.from({ length: positions.length / 2 }, (_, i) => {
      const shown2 = new Set(places2.around(i, k).map((entry4) => entry4.i));
      let true_ = 0;
      for (let j = i * k; j < (i + 1) * k; j++) if (shown2.has(indices[j])) true_++;
      return Math.round(255 * true_ / k);
    });
  }
  var mean2 = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // denoscope/report/page/assets/atlas/overlay.js
  function drawMarks(canvas, { where: where2, chosen, hovered, neighbors, trails, polygon }) {
    const { context } = sharpContext(canvas);
    for (const trail of trails) drawTrail(context, trail, ink("--quiet"));
    if (chosen >= 0) {
      context.globalAlpha = 0.35;
      for (const { sample } of neighbors) line2(context, [where2(chosen), where2(sample)], ink("--neighbor"), 1);
      context.globalAlpha = 1;
      for (const { sample, manual } of neighbors) ring(context, where2(sample), manual ? 8 : 6.5, ink("--neighbor"), manual ? 3.5 : 1.5);
      ring(context, where2(chosen), 8, ink("--paper"), 5);
      ring(context, where2(chosen), 8, ink("--accent"), 3);
    }
    if (hovered >= 0) ring(context, where2(hovered), 6, ink("--ink"), 2);
    if (polygon.length) drawPolygon(context, polygon);
  }
  function ring(context, [x, y], radius, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
  function line2(context, places2, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const place2 of places2) context.lineTo(...place2);
    context.stroke();
  }
  function drawTrail(context, trail, colour) {
    for (let step = 1; step < trail.length; step++) {
      context.globalAlpha = 0.15 + 0.75 * step / trail.length;
      line2(context, [trail[step - 1], trail[step]], colour, 1.5);
    }
    context.globalAlpha = 1;
  }
  function drawPolygon(context, polygon) {
    context.setLineDash([5, 4]);
    line2(context, [...polygon, polygon[0]], ink("--accent"), 1.5);
    context.setLineDash([]);
    context.globalAlpha = 0.1;
    context.fillStyle = ink("--accent");
    context.fill();
    context.globalAlpha = 1;
  }

  // denoscope/report/page/assets/atlas/panel.js
  var REACH = 14;
  var KEYS2 = [
    { run: "run", layer: "layer", setting: "setting", live: "live" },
    { run: "run2", layer: "layer2", setting: "setting2", live: "live2" }
  ];
  var Panel = class {
    /**
     * @param {number} number 0 or 1
     * @param {import("../samples.js").Samples[]} all samples of every run
     * @param {() => {hovered: number, neighbors: import("./neighborhood.js").Neighbor[], trailed: number[],
     *   hidden: Set<string>}} shared what both panels mark, and the names of values that the second greys
     */
    constructor(number, all, shared) {
      this.number = number;
      this.keys = KEYS2[number];
      this.all = all;
      this.shared = shared;
      this.canvas = /** @type {HTMLCanvasElement} */
      byId(`plot-${number}-points`);
      this.overlay = /** @type {HTMLCanvasElement} */
      byId(`plot-${number}-overlay`);
      this.renderer = null;
      this.points = null;
      this.gridPoints = null;
      this.colours = null;
      this.polygon = [];
      this.loading = 0;
      this.asked = 0;
      this.running = null;
      this.sent = null;
      this.size = { width: 0, height: 0 };
      this.ownCamera = "";
      this.places = null;
      new ResizeObserver(() => this.draw()).observe(this.overlay);
      this.flags = /** @type {Uint8Array} */
      new Uint8Array();
    }
    get samples() {
      return this.all[current()[this.keys.run]];
    }
    get map() {
      const layers = this.samples.run.maps?.layers ?? [];
      return layers[Math.min(current()[this.keys.layer], layers.length - 1)];
    }
    get setting() {
      return this.map.settings[Math.min(current()[this.keys.setting], this.map.settings.length - 1)];
    }
    /** The step that this panel stands at, a fraction while the clock plays. */
    get step() {
      return this.number && current().step2 >= 0 ? current().step2 : now();
    }
    /** Position of the step among the map's steps. */
    get index() {
      return indexOf(this.map.steps, this.step);
    }
    /** Position of the step among those of what is shown: a map laid out in the page has one. */
    get shownIndex() {
      return this.points && this.points !== this.gridPoints ? 0 : this.index;
    }
    get camera() {
      return fromText(this.number && !current().linked ? this.ownCamera : current().at);
    }
    /** @param {camera.Camera} wanted */
    look(wanted) {
      if (this.number && !current().linked) {
        this.ownCamera = asText(wanted);
        this.draw();
      } else set({ at: asText(wanted) });
    }
    /** Load what the state asks for, then draw it. */
    async load() {
      const wanted = ++this.loading;
      const { samples, map, setting } = this;
      if (this.running && this.running.of !== this.#request()) this.cancel();
      const asked = this.asks;
      const grid = await loadPoints(samples.run, map, setting);
      if (wanted !== this.loading) return;
      this.gridPoints = grid;
      this.points = asked && known(samples.run, map, this.index, asked) || grid;
      const known2 = choices2(samples);
      const { id } = known2.find((choice) => choice.id === current().colour) ?? known2[0];
      const colours = await colouring(id, samples, map, this.#coloured(), this.index);
      if (wanted !== this.loading) return;
      this.colours = colours;
      this.#upload();
    }
    /** What the colours are taken from: of what is laid out in the page, its own preservation. */
    #coloured() {
      const [grid, shown2] = (
        /** @type {Points[]} */
        [this.gridPoints, this.points]
      );
      return grid === shown2 ? grid : { ...grid, preserved: shown2.preserved };
    }
    #upload() {
      if (!this.points || !this.colours) return;
      this.renderer ??= this.#newRenderer();
      this.#setPositions(this.points.positions);
      this.renderer.setColours(this.colours.codes, this.colours.palette);
      this.reflag();
    }
    /** All steps lie in one buffer: it is sent to the processor of graphics once. @param {Uint16Array} positions */
    #setPositions(positions) {
      if (positions.buffer === this.sent) return;
      this.renderer?.setPositions(positions);
      this.sent = positions.buffer;
    }
    #newRenderer() {
      const { canvas } = this;
      this.sent = null;
      canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      canvas.addEventListener("webglcontextrestored", () => {
        if (canvas !== this.canvas) return;
        this.renderer = null;
        this.#upload();
      });
      return webglRenderer(canvas) ?? plainRenderer(this.#freshCanvas());
    }
    /** A canvas that was asked for WebGL in vain gives no other context either. */
    #freshCanvas() {
      const fresh2 = (
        /** @type {HTMLCanvasElement} */
        this.canvas.cloneNode()
      );
      this.canvas.replaceWith(fresh2);
      this.canvas = fresh2;
      return fresh2;
    }
    /** Show other flags. */
    reflag() {
      if (!this.renderer || !this.colours) return;
      this.flags = flagsOf(this.samples, this.colours, this.number ? this.shared().hidden : hiddenNames(this.colours));
      this.renderer.setFlags(this.flags);
      this.draw();
    }
    /** Draw in the next frame. */
    draw() {
      if (this.asked) return;
      this.asked = requestAnimationFrame(() => {
        this.asked = 0;
        this.drawNow();
      });
    }
    drawNow() {
      const { points, renderer } = this;
      const box = this.overlay.getBoundingClientRect();
      if (!points || !renderer || !box.width || current().view !== "atlas") return;
      this.size = { width: box.width, height: box.height };
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
      if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
      renderer.draw(this.frame(ratio));
      this.drawMarks();
      document.documentElement.dataset.drawn ??= renderer.name;
    }
    /** @param {number} ratio device pixels per CSS pixel */
    frame(ratio) {
      const [from, to, part] = this.#between();
      const { scale, x, y } = this.camera;
      const side = pixelsPerSide(this.camera, this.size);
      const zoom2 = [2 * side / this.size.width, 2 * side / this.size.height];
      const centre = [x, y];
      const size = Math.min(14, pointSize(this.samples.count) * Math.max(1, scale ** 0.4)) * ratio;
      return { from, to, part, centre, zoom: zoom2, size, quiet: [...shares(ink("--dim"))], ring: [...shares(ink("--ink"))] };
    }
    /** The two steps between which the clock stands, and how far. @returns {[number, number, number]} */
    #between() {
      const { steps: steps2 } = this.map;
      if (this.points !== this.gridPoints) return [0, 0, 0];
      const index = this.index;
      const next3 = Math.min(index + 1, steps2.length - 1);
      const span = steps2[next3] - steps2[index];
      const moving = isPlaying() && !(this.number && current().step2 >= 0);
      return [index, next3, span && moving ? Math.min(1, (this.step - steps2[index]) / span) : 0];
    }
    drawMarks() {
      const { hovered, neighbors, trailed } = this.shared();
      const { chosen } = current();
      const there2 = (i) => i >= 0 && i < this.samples.count;
      drawMarks(this.overlay, {
        where: this.where,
        chosen: there2(chosen) ? chosen : -1,
        hovered: there2(hovered) ? hovered : -1,
        neighbors: neighbors.filter(({ sample }) => there2(sample)),
        trails: this.#trails(trailed.filter(there2)),
        polygon: this.polygon
      });
    }
    /** @param {number[]} samples @returns {[number, number][][]} */
    #trails(samples) {
      const { gridPoints, points, camera: view, size } = this;
      if (!gridPoints || gridPoints !== points) return [];
      const n = gridPoints.n;
      return samples.map(
        (i) => gridPoints.steps.map((_, step) => {
          const at = 2 * (step * n + i);
          return toScreen(view, size, gridPoints.positions[at], gridPoints.positions[at + 1]);
        })
      );
    }
    /** Where a sample is on the screen. @param {number} i @returns {[number, number]} */
    where = (i) => {
      const { points } = this;
      if (!points) return [0, 0];
      const [from, to, part] = this.#between();
      const [a, b] = [2 * (from * points.n + i), 2 * (to * points.n + i)];
      const [x, y] = [0, 1].map((axis) => points.positions[a + axis] + part * (points.positions[b + axis] - points.positions[a + axis]));
      return toScreen(this.camera, this.size, x, y);
    };
    /** The samples that are not greyed. */
    shown() {
      return [...this.flags.keys()].filter((i) => this.flags[i] > 0);
    }
    /** Look at the samples that are not greyed, as they lie at the step shown. */
    fit() {
      if (!this.points) return;
      const positions = stepOf(this.points.positions, 2 * this.points.n, this.shownIndex);
      this.look(around(positions, this.flags));
    }
    /** The points at the step shown, sorted by place. @returns {Index} */
    get placed() {
      const { points } = this;
      if (!points) throw new Error("nothing is loaded");
      const positions = stepOf(points.positions, 2 * points.n, this.shownIndex);
      const known2 = this.places;
      if (known2 && known2.positions.buffer === positions.buffer && known2.positions.byteOffset === positions.byteOffset) return known2.index;
      this.places = { positions, index: new Index(positions) };
      return this.places.index;
    }
    /** The sample under a place of the screen, or -1; greyed ones are not found. @param {number} x @param {number} y */
    under(x, y) {
      if (!this.points || isPlaying()) return -1;
      const reach = REACH / pixelsPerSide(this.camera, this.size) * UNITS;
      return this.placed.nearest(...toMap(this.camera, this.size, x, y), reach, (i) => this.flags[i] > 0);
    }
    /** Samples inside a polygon of the screen, without greyed ones. @param {[number, number][]} polygon */
    inside(polygon) {
      if (!this.points) return [];
      const corners = polygon.flatMap(([x, y]) => toMap(this.camera, this.size, x, y));
      return this.placed.inside(corners).filter((i) => this.flags[i] > 0);
    }
    /** The setting outside the grid that the state asks for, where the map can be laid out in the page. */
    get asks() {
      return this.map.features ? fromText2(current()[this.keys.live]) : null;
    }
    /** What a layout would be of. */
    #request() {
      return [this.samples.run.name, this.map.name, this.index, current()[this.keys.live]].join("\n");
    }
    /**
     * Lay the map out again under the setting that the state asks for.
     * @param {(share: number, stage: string) => void} onProgress
     * @returns {Promise<boolean | null>} false if it was cancelled, null if another one was started instead
     */
    async recalculate(onProgress) {
      const { samples, map, index, asks } = this;
      if (!asks) return false;
      this.cancel();
      const running = this.running = { of: this.#request(), controller: new AbortController() };
      const main = await loadPoints(samples.run, map, map.settings[0]);
      const moving = (positions, share, stage) => {
        if (this.running !== running) return;
        onProgress(share, stage);
        if (positions.length) this.#show(pointsOf(main, index, positions));
      };
      try {
        const points = await layOut(samples.run, map, main, index, asks, moving, running.controller.signal);
        return this.running === running ? points !== null : this.running ? null : false;
      } finally {
        if (this.running === running) this.running = null;
      }
    }
    /** Stop the layout that is being made. */
    cancel() {
      this.running?.controller.abort();
      this.running = null;
    }
    /** A map that was laid out in the page is of one step: while the clock plays, show the computed ones. */
    followClock() {
      if (isPlaying() && this.gridPoints && this.points !== this.gridPoints) this.#show(this.gridPoints);
    }
    /** @param {Points} points */
    #show(points) {
      this.points = points;
      this.#setPositions(points.positions);
      this.draw();
    }
    /** Give back memory; the panel can be loaded again. */
    release() {
      this.cancel();
      this.renderer?.dispose();
      if (this.renderer) this.#freshCanvas();
      Object.assign(this, { renderer: null, points: null, gridPoints: null, colours: null, places: null, sent: null });
      Object.assign(this.canvas, { width: 1, height: 1 });
      Object.assign(this.overlay, { width: 1, height: 1 });
    }
  };
  var pointSize = (count2) => count2 > 3e5 ? 1.5 : count2 > 3e4 ? 2.5 : count2 > 8e3 ? 3.5 : count2 > 2e3 ? 5 : count2 > 600 ? 6.5 : 8;
  var shares = (hex) => [...parsed(hex).map((channel) => channel / 255), 1];

  // denoscope/report/page/assets/atlas/sidebar.js
  var TEXTS = ["prompt", "text"];
  function mountSidebar(atlas) {
    const { main } = atlas;
    const slider = control("atlas-k", HTMLInputElement);
    slider.addEventListener("input", () => set({ k: Number(slider.value) }));
    for (const space of ["activations", "map"]) {
      control(`atlas-space-${space}`, HTMLInputElement).addEventListener("change", () => set({ space, without: "" }));
    }
    byId("atlas-open").addEventListener("click", () => set(stepsOf(main.samples.run, current().chosen) ?? {}));
    byId("atlas-clear").addEventListener("click", clearChosen);
    const show = async () => {
      const { chosen, k, space } = current();
      const there2 = chosen >= 0;
      byId("atlas-hint").hidden = there2;
      byId("atlas-sample").hidden = !there2;
      slider.max = String(Math.min(20, main.map.neighbors.k));
      slider.value = String(k);
      byId("atlas-k-value").textContent = slider.value;
      control(`atlas-space-${space === "map" ? "map" : "activations"}`, HTMLInputElement).checked = true;
      if (there2) await showChosen(main, chosen);
      const hover = (i) => atlas.hover(main, i);
      byId("atlas-neighbors").replaceChildren(...atlas.neighbors.map((entry4) => item(main.samples, entry4, hover)));
    };
    return show;
  }
  async function showChosen(panel, chosen) {
    const { run } = panel.samples;
    const rows = await facts(panel, chosen);
    byId("atlas-name").textContent = panel.samples.nameOf(chosen);
    byId("atlas-facts").replaceChildren(...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    control("atlas-open", HTMLButtonElement).disabled = !stepsOf(run, chosen);
    byId("atlas-text").replaceChildren(...inWords(panel.samples, chosen));
    const canvas = control("atlas-picture", HTMLCanvasElement);
    canvas.hidden = !run.thumbs;
    if (run.thumbs) await drawStepAndResult(canvas, run, chosen, panel.map.steps[panel.index], () => current().chosen === chosen);
  }
  async function facts(panel, i) {
    const { samples, map } = panel;
    const values = (
      /** @type {[string, string][]} */
      samples.categories.map(({ name }) => [name, samples.value(name, i)]).filter(([name]) => !(samples.run.texts && TEXTS.includes(name)))
    );
    for (const { name, kind } of samples.run.columns) {
      if (kind === "number") values.push([name, short((await samples.numbers(name))[i])]);
    }
    if (map.fit <= i) values.push(["on this map", `new, placed among the ${map.fit} fitted`]);
    return [...values, ...measures(panel, i)];
  }
  function measures(panel, i) {
    const { cluster, outlier, preservation: preservation2 } = measured2(panel, i);
    return [
      ["cluster", cluster === null ? "none" : String(cluster)],
      ["outlier score", outlier.toFixed(2)],
      ["true neighbours shown", preservation2 === null ? "not known" : `${Math.round(100 * preservation2)} %`]
    ];
  }
  function item(samples, { sample, distance, manual }, hover) {
    const name = samples.nameOf(sample);
    const canvas = (
      /** @type {HTMLCanvasElement} */
      make("canvas", { class: "pixels", "aria-hidden": "true" })
    );
    if (samples.run.thumbs) drawThumb(canvas, samples.run, sample);
    const picture2 = samples.run.thumbs ? [canvas] : [];
    const go2 = make("button", { type: "button", class: "plain", title: `choose ${name}` }, ...picture2, make("span", {}, name));
    go2.addEventListener("click", () => choose(sample));
    const remove = make("button", { type: "button", class: "plain cross", "aria-label": `remove ${name} from the neighbours` }, "×");
    remove.addEventListener("click", () => toggleNeighbor(sample, !manual, samples.count));
    const entry4 = make("li", manual ? { class: "manual" } : {}, go2, make("span", { class: "quiet" }, `${manual ? "added, " : ""}${distance}`), remove);
    entry4.addEventListener("pointerenter", () => hover(sample));
    entry4.addEventListener("pointerleave", () => hover(-1));
    go2.addEventListener("focus", () => hover(sample));
    go2.addEventListener("blur", () => hover(-1));
    return entry4;
  }

  // denoscope/report/page/assets/atlas/tables.js
  var SHOWN2 = 12;
  var EXAMPLES = 4;
  var MOST_ROWS = 60;
  var drawTablesSoon = (panel) => requestAnimationFrame(() => setTimeout(() => panel.points && drawTables(panel)));
  async function drawTables(panel) {
    const { samples, map, index, gridPoints } = panel;
    if (!gridPoints) return;
    const near = await loadNeighbors(samples.run, map, index);
    if (panel.map !== map || panel.index !== index) return;
    const cluster = stepOf(gridPoints.cluster, samples.count, index);
    const outlier = stepOf(gridPoints.outlier, samples.count, index);
    const most = least(outlier.keys(), SHOWN2, (i) => -outlier[i]);
    const rows = clusters(samples, cluster, near).slice(0, MOST_ROWS).map((found) => row2(samples, found));
    byId("atlas-clusters").replaceChildren(...rows);
    byId("atlas-clusters-none").hidden = rows.length > 0;
    byId("atlas-outliers").replaceChildren(...most.map((i) => tile2(samples, i)));
    byId("atlas-duplicates").replaceChildren(...closest(near).map(([i, j, gap]) => pair(samples, i, j, gap)));
  }
  function clusters(samples, cluster, { k, gaps }) {
    const members = [];
    for (let i = 0; i < cluster.length; i++) if (cluster[i] >= 0) (members[cluster[i]] ??= []).push(i);
    const spread = (i) => gaps[(i + 1) * k - 1];
    return [...members.entries()].filter(([, found]) => found).map(([number, found]) => ({
      cluster: number,
      members: found,
      ...majority(samples, found),
      typical: least(found, EXAMPLES, spread),
      atypical: least(found, EXAMPLES, (i) => -spread(i))
    }));
  }
  function majority(samples, found) {
    if (!samples.classes.length) return { purity: null, most: "" };
    const counts = new Array(samples.classes.length).fill(0);
    for (const i of found) counts[samples.labels[i]]++;
    const best = counts.indexOf(Math.max(...counts));
    return { purity: counts[best] / found.length, most: samples.classes[best] };
  }
  function closest(near) {
    const { k, indices, gaps } = near;
    const first = (i) => i < indices[i * k] || indices[indices[i * k] * k] !== i;
    const samples = indices.length / k;
    const found = least(Array(samples).keys(), SHOWN2, (i) => first(i) ? gaps[i * k] : Infinity);
    return found.filter(first).map((i) => (
      /** @type {[number, number, number]} */
      [i, indices[i * k], distanceAt(near, i * k)]
    ));
  }
  function least(items, count2, keyOf2) {
    const found = [];
    for (const item2 of items) {
      const key = keyOf2(item2);
      if (found.length === count2 && key >= found[count2 - 1].key) continue;
      const at = found.findIndex((other) => key < other.key);
      found.splice(at < 0 ? found.length : at, 0, { item: item2, key });
      if (found.length > count2) found.pop();
    }
    return found.map(({ item: item2 }) => item2);
  }
  function row2(samples, { cluster, members, purity: purity2, most, typical, atypical }) {
    const button = make("button", { type: "button", class: "chip", title: "pick these samples" }, String(cluster));
    button.addEventListener("click", () => pick(members));
    const share = purity2 === null ? "" : `${Math.round(100 * purity2)} % ${most}`;
    const cells = [button, String(members.length), share, thumbs(samples, typical), thumbs(samples, atypical)];
    return make("tr", {}, ...cells.map((cell3) => make("td", {}, cell3)));
  }
  var thumbs = (samples, chosen) => make("div", { class: "thumbs" }, ...chosen.map((i) => tile2(samples, i)));
  var pair = (samples, i, j, gap) => make("div", { class: "pair" }, tile2(samples, i), tile2(samples, j), make("span", { class: "quiet" }, gap.toPrecision(3)));
  function tile2(samples, i) {
    const name = samples.nameOf(i);
    const button = make("button", { type: "button", class: "tile", title: name, "aria-label": `choose ${name}` });
    if (samples.run.thumbs) {
      const canvas = (
        /** @type {HTMLCanvasElement} */
        make("canvas", { "aria-hidden": "true" })
      );
      drawThumb(canvas, samples.run, i);
      button.append(canvas);
    } else button.textContent = `#${i}`;
    button.addEventListener("click", () => choose(i));
    return button;
  }

  // denoscope/report/page/assets/atlas/tip.js
  var [GAP4, EDGE] = [16, 4];
  async function showTip(panel, i, wanted) {
    const { number, samples } = panel;
    const tip = byId(`plot-${number}-tip`);
    const name = [make("b", {}, samples.run.texts ? `sample ${i}` : samples.nameOf(i)), ...inWords(samples, i)];
    const words = make("div", {}, ...name, ...await lines(panel, i));
    if (!wanted()) return;
    const canvas = make("canvas", { "aria-hidden": "true" });
    tip.replaceChildren(...samples.run.thumbs ? [canvas] : [], words);
    tip.hidden = false;
    place(tip, panel, i);
    if (!samples.run.thumbs) return;
    await drawStepAndResult(
      /** @type {HTMLCanvasElement} */
      canvas,
      samples.run,
      i,
      panel.map.steps[panel.index],
      () => wanted() && canvas.isConnected
    );
  }
  async function lines(panel, i) {
    const step = panel.map.steps[panel.index];
    const known2 = (await facts(panel, i)).filter(([name, value]) => name !== "class" && value);
    return [["step", String(step)], ...known2].map(([name, value]) => make("span", { class: "quiet" }, `${name}: ${value}`));
  }
  function place(tip, { where: where2, size }, i) {
    const [x, y] = where2(i);
    const { offsetWidth: width, offsetHeight: height } = tip;
    const left = x + GAP4 + width + EDGE > size.width ? x - GAP4 - width : x + GAP4;
    tip.style.left = `${Math.max(EDGE, left)}px`;
    tip.style.top = `${Math.max(EDGE, Math.min(y - height / 2, size.height - height - EDGE))}px`;
  }

  // denoscope/report/page/assets/atlas/atlas.js
  var MOST_TRAILS = 60;
  var OF_MAP2 = ["run", "layer", "setting", "live", "colour"];
  var OF_OTHER = ["run2", "layer2", "setting2", "live2", "step2", "colour", "compare"];
  var OF_FLAGS = ["hidden", "find", "picked"];
  var OF_NEIGHBORS = ["chosen", "k", "space", "manual", "without", ...OF_MAP2];
  var Atlas = class {
    /** @param {import("../samples.js").Samples[]} all samples of every run */
    constructor(all) {
      this.all = all;
      this.hovered = -1;
      this.cursor = -1;
      this.neighbors = [];
      this.panels = [0, 1].map((number) => new Panel(number, all, () => this.#marked()));
      this.main = this.panels[0];
      this.asked = -1;
      this.updating = Promise.resolve();
      this.pending = /* @__PURE__ */ new Set();
      this.showBar = mountBar(this.panels);
      this.showControls = this.panels.map((panel) => mountControls2(this, panel));
      this.showSidebar = mountSidebar(this);
      for (const panel of this.panels) this.#listen(panel);
      this.#mountTransport();
      document.addEventListener("themechange", () => this.drawAll());
      subscribe((_, changed) => this.#changed(changed));
    }
    /** The panels in use. */
    get shown() {
      return current().compare ? this.panels : [this.main];
    }
    drawAll() {
      for (const panel of this.shown) panel.draw();
    }
    /** Say to a reader, and to a screen reader, what happens. @param {string} message */
    tell(message) {
      byId("atlas-status").textContent = message;
    }
    /** What both panels mark. */
    #marked() {
      const { samples, colours } = this.main;
      const { chosen, colour } = current();
      const picked = pickedOf(samples.count).slice(0, MOST_TRAILS);
      const trailed = /* @__PURE__ */ new Set([...chosen >= 0 ? [chosen, ...manualOf(samples.count)] : [], ...picked]);
      const hidden = colours && colour !== "map.cluster" ? hiddenNames(colours) : (
        /** @type {Set<string>} */
        /* @__PURE__ */ new Set()
      );
      return { hovered: this.hovered, neighbors: this.neighbors, trailed: [...trailed], hidden };
    }
    /** Mark a sample, and show what is known of it. @param {Panel} panel @param {number} i -1 for none */
    hover(panel, i) {
      if (i === this.hovered) return;
      this.hovered = i;
      for (const other of this.panels) byId(`plot-${other.number}-tip`).hidden = true;
      this.drawAll();
      if (i >= 0) showTip(panel, i, () => this.hovered === i);
    }
    /** Move the keyboard's cursor to a sample. @param {Panel} panel @param {number} i */
    point(panel, i) {
      this.cursor = i;
      this.hovered = -1;
      this.hover(panel, i);
      this.tell(panel.samples.nameOf(i));
    }
    /** A click chooses; where a sample is chosen, it adds to its neighbours or takes from them. */
    /** @param {Panel} panel @param {number} i */
    clicked(panel, i) {
      const { chosen } = current();
      if (i < 0 || i === chosen) return;
      if (chosen < 0) choose(i);
      else toggleNeighbor(i, this.neighbors.some((entry4) => entry4.sample === i && !entry4.manual), panel.samples.count);
    }
    /** @param {Panel} panel */
    #listen(panel) {
      const area = panel.overlay;
      listen(area, {
        tool: () => area.dataset.using ?? "pan",
        pan: (dx, dy) => panel.look(moved(panel.camera, panel.size, dx, dy)),
        zoom: (factor, x, y) => panel.look(zoomed(panel.camera, panel.size, factor, x, y)),
        hover: (x, y) => this.hover(panel, panel.under(x, y)),
        leave: () => this.hover(panel, -1),
        click: (x, y) => this.clicked(panel, panel.under(x, y)),
        open: (x, y) => {
          const i = panel.under(x, y);
          if (i >= 0) choose(i);
        },
        outline: (polygon, finished) => {
          panel.polygon = finished ? [] : polygon;
          panel.draw();
          if (finished) pick(panel.inside(polygon));
        },
        key: (event) => plotKey(this, panel, event)
      });
      area.addEventListener("blur", () => this.hover(panel, -1));
    }
    #mountTransport() {
      const slider = control("atlas-step", HTMLInputElement);
      slider.addEventListener("input", () => go(Number(slider.value)));
      byId("atlas-play").addEventListener("click", toggle);
      byId("atlas-replay").addEventListener("click", replay);
      onTick((_, playing2) => {
        byId("atlas-play").textContent = playing2 ? "Pause" : "Play";
        byId("atlas-play").setAttribute("aria-pressed", String(playing2));
        if (current().view !== "atlas" || !this.main.points || !this.main.samples.run.maps) return;
        this.hover(this.main, -1);
        for (const panel of this.shown) panel.followClock();
        this.drawAll();
        this.#follow();
        this.#showWords();
      });
    }
    /** Colours and lists of a step are fetched where the clock stands: while it plays, points alone move. */
    #follow() {
      if (!isPlaying() && this.main.index !== this.asked) this.update(new Set(OF_MAP2));
    }
    #showWords() {
      showTransport(this.main);
      for (const panel of this.shown) showCaption(panel);
    }
    /** @param {Set<string>} changed */
    #changed(changed) {
      const { maps } = this.all[current().run].run;
      byId("atlas-none").hidden = Boolean(maps);
      byId("atlas-body").hidden = !maps;
      if (changed.has("run")) [this.hovered, this.cursor] = [-1, -1];
      if (this.main.points && (current().view !== "atlas" || !maps)) this.#close();
      if (!current().compare && this.panels[1].points) this.panels[1].release();
      if (!maps || current().view !== "atlas") return;
      if (this.#outdated(changed)) return set({ hidden: "" });
      const found = choices2(this.main.samples);
      if (!found.some(({ id }) => id === current().colour)) return set({ colour: found[0].id, hidden: "" });
      const only = (name) => changed.size === 1 && changed.has(name);
      if (only("at")) this.drawAll();
      else if (only("step")) this.#follow();
      else this.update(/* @__PURE__ */ new Set([...changed.has("view") ? Object.keys(current()) : changed, ...changed.has("step") ? OF_MAP2 : []]));
    }
    /** Whether greyed values mean something else now. @param {Set<string>} changed */
    #outdated(changed) {
      if (!current().hidden || changed.has("hidden") || changed.has("view")) return false;
      const moved2 = current().colour === "map.cluster" && ["layer", "step"].some((name) => changed.has(name));
      return moved2 || changed.has("run");
    }
    /** Show a change of the state; changes that come while data is awaited are shown together. @param {Set<string>} changed */
    update(changed) {
      for (const name of changed) this.pending.add(name);
      this.asked = this.main.index;
      this.showBar();
      const body = byId("atlas-body");
      body.ariaBusy = "true";
      const last2 = this.updating = this.updating.then(() => {
        const together = this.pending;
        this.pending = /* @__PURE__ */ new Set();
        return together.size ? this.#apply(together) : void 0;
      }).catch((error) => this.tell(error instanceof Error ? error.message : String(error))).finally(() => {
        if (this.updating === last2) body.ariaBusy = "false";
      });
    }
    /** @param {Set<string>} changed */
    async #apply(changed) {
      const { main, panels } = this;
      const any = (names) => names.some((name) => changed.has(name));
      if (current().view !== "atlas" || !main.samples.run.maps) return;
      for (const { number } of this.shown) this.showControls[number]();
      if (any(OF_MAP2) || !main.points) await main.load();
      if (current().compare && (any([...OF_OTHER, ...OF_MAP2]) || !panels[1].points)) await panels[1].load();
      if (any(OF_FLAGS)) for (const panel of this.shown) panel.reflag();
      if (any([...OF_MAP2, ...OF_FLAGS, "compare"]) && main.colours) drawLegend2(main.colours, Boolean(current().compare));
      if (any(OF_NEIGHBORS)) {
        this.neighbors = main.points ? await neighborhood(main.samples.run, main.map, main.points, main.index, main.placed) : [];
        await this.showSidebar();
      }
      if (any(OF_MAP2)) drawTablesSoon(main);
      this.#showWords();
      showPicked(main);
      this.drawAll();
    }
    /** Give back memory: the view is left. */
    #close() {
      for (const panel of this.panels) panel.release();
      releaseBlocks();
      releasePictures();
    }
  };

  // denoscope/report/page/assets/charts.js
  var [WIDTH, HEIGHT] = [420, 220];
  var [LEFT, RIGHT, TOP, BOTTOM] = [40, 10, 10, 34];
  var SVG = "http://www.w3.org/2000/svg";
  function mountCharts() {
    const draw = async () => {
      const run = page.runs[current().run];
      if (!run.maps) return;
      const charts = [...measured3(run.maps), ...run.similarity ? [await drift(run.similarity)] : []];
      if (run !== page.runs[current().run]) return;
      byId("layers-charts").replaceChildren(...charts.map((chart) => figure(chart, run)));
      byId("layers-legend").replaceChildren(...run.maps.layers.map((map, at) => entry3(map.name, at)));
    };
    subscribe((state2, changed) => {
      const none = !page.runs[state2.run].maps;
      byId("layers-none").hidden = !none;
      byId("layers-body").hidden = none;
      if (state2.view === "layers" && (changed.has("view") || changed.has("run"))) draw();
    });
  }
  function measured3({ layers, chance }) {
    const lines2 = (of) => layers.map((map) => ({ name: map.name, values: of(map) }));
    const k = layers[0].neighbors.k;
    const purity2 = { title: "Which layer knows the class", note: `Share of a sample's ${k} nearest neighbours in activation space that are of its class; dashed: by chance.`, lines: lines2((map) => map.purity), level: chance };
    return [
      ...chance === null ? [] : [purity2],
      { title: "Trustworthiness of the maps", note: "1 where no point is shown near that is not near in activation space.", lines: lines2((map) => map.settings[0].trustworthiness), level: null },
      { title: "True neighbours shown", note: "Share of a sample's nearest neighbours in activation space that are also nearest on the map.", lines: lines2((map) => map.settings[0].preservation), level: null }
    ];
  }
  async function drift({ layers, steps: steps2, block }) {
    const matrix = await numbers(Float32Array, block);
    const side = layers.length * steps2.length;
    const lines2 = layers.map((name, layer2) => ({
      name,
      values: steps2.map((_, at) => {
        const row3 = layer2 * steps2.length + at;
        const value = at ? 1 - matrix[row3 * side + row3 - 1] : NaN;
        return Number.isFinite(value) ? Math.max(0, value) : null;
      })
    }));
    return { title: "Drift", note: "How much a layer's representation changes from the step before: 1 − CKA.", lines: lines2, level: null };
  }
  function figure({ title, note: note2, lines: lines2, level }, run) {
    const steps2 = run.maps?.layers[0].steps ?? [];
    const last2 = Math.max(1, lines2[0].values.length - 1);
    const all = lines2.flatMap(({ values }) => values).filter((value) => value !== null);
    const [low, high] = [Math.min(...all, level ?? 1), Math.max(...all, level ?? 0)];
    const [bottom, top] = [Math.max(0, Math.floor(low * 20) / 20), Math.min(1, Math.ceil(high * 20) / 20)];
    const x = (at) => LEFT + at / last2 * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - (value - bottom) / (top - bottom || 1) * (HEIGHT - TOP - BOTTOM);
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `${title}. ${note2}` });
    for (const value of [bottom, (bottom + top) / 2, top]) {
      svg.append(shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "grid" }));
      svg.append(shape("text", { x: LEFT - 6, y: y(value) + 4, class: "tick end" }, value.toFixed(2)));
    }
    for (const at of /* @__PURE__ */ new Set([0, Math.floor(last2 / 2), last2])) svg.append(shape("text", { x: x(at), y: HEIGHT - BOTTOM + 16, class: "tick mid" }, String(steps2[at] ?? at)));
    svg.append(shape("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, class: "tick mid" }, "step, from noise to sample"));
    if (level !== null) svg.append(shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level), y2: y(level), class: "level" }));
    for (const [layer2, { name, values }] of lines2.entries()) {
      const colour = categoryColour(page, layer2);
      const places2 = values.map((value, at) => value === null ? null : `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
      svg.append(shape("polyline", { points: places2.filter(Boolean).join(" "), stroke: colour, class: "curve" }));
      const dots = [];
      for (const [at, value] of values.entries()) {
        if (value === null) continue;
        const words = `${name}, step ${steps2[at]}: ${value.toFixed(3)}`;
        const dot3 = shape("circle", { cx: x(at), cy: y(value), r: 4, fill: colour, tabindex: at === last2 ? 0 : -1, role: "button", "aria-label": `${words}; open the map` }, "");
        dot3.append(shape("title", {}, words));
        const open3 = () => {
          set({ view: "atlas", layer: layer2, compare: 0 });
          go(steps2[at]);
        };
        dot3.addEventListener("click", open3);
        dot3.addEventListener("keydown", (event) => {
          const { key } = (
            /** @type {KeyboardEvent} */
            event
          );
          const next3 = { ArrowLeft: dots[at - 1], ArrowRight: dots[at + 1] }[key];
          if (key === "Enter" || key === " ") open3();
          if (!next3 && key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          next3?.focus();
        });
        dots[at] = dot3;
        svg.append(dot3);
      }
    }
    return make("figure", { class: "card chart-card" }, make("h3", {}, title), svg, make("figcaption", { class: "quiet" }, note2));
  }
  function entry3(name, layer2) {
    const dot3 = make("i", { "aria-hidden": "true" });
    dot3.style.background = categoryColour(page, layer2);
    return make("span", { class: "entry" }, dot3, name);
  }
  function shape(tag, attributes, text2 = "") {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.textContent = text2;
    return element;
  }

  // denoscope/report/page/assets/similarity.js
  function mountSimilarity(page2) {
    const canvas = control("similarity-canvas", HTMLCanvasElement);
    const readout = byId("similarity-readout");
    const cursor = { row: 0, column: 0 };
    let matrix = new Float32Array();
    const data = () => page2.runs[current().run].similarity;
    const draw = async () => {
      const found = data();
      if (!found) return;
      const values = await numbers(Float32Array, found.block);
      if (found !== data()) return;
      matrix = values;
      const side = found.layers.length * found.steps.length;
      canvas.width = canvas.height = side;
      const context = pen(canvas);
      const image = context.createImageData(side, side);
      matrix.forEach((value, i) => {
        const colour = Number.isFinite(value) ? viridis(value) : [128, 128, 128];
        image.data.set([...colour, 255], 4 * i);
      });
      context.putImageData(image, 0, 0);
      const columns = `repeat(${found.layers.length}, 1fr)`;
      for (const id of ["similarity-rows", "similarity-columns"]) {
        const axis = byId(id);
        axis.style.setProperty(id === "similarity-rows" ? "grid-template-rows" : "grid-template-columns", columns);
        axis.replaceChildren(...found.layers.map((name) => make("span", { title: name }, name.replace(/^model\./, ""))));
      }
      byId("similarity-samples").textContent = String(found.samples);
      tell2();
    };
    const nameOf2 = (index) => {
      const found = data();
      if (!found) return { layer: "", step: 0 };
      return { layer: found.layers[Math.floor(index / found.steps.length)], step: found.steps[index % found.steps.length] };
    };
    const tell2 = () => {
      const side = canvas.width;
      const value = matrix[cursor.row * side + cursor.column];
      const [a, b] = [nameOf2(cursor.row), nameOf2(cursor.column)];
      const text2 = Number.isFinite(value) ? value.toFixed(3) : "undefined: one of them does not vary";
      readout.textContent = `${a.layer} at step ${a.step} and ${b.layer} at step ${b.step}: ${text2}`;
      const mark = byId("similarity-mark");
      mark.style.left = `${100 * (cursor.column + 0.5) / side}%`;
      mark.style.top = `${100 * (cursor.row + 0.5) / side}%`;
    };
    const open3 = () => {
      const maps = page2.runs[current().run].maps;
      if (!data() || !maps) return;
      const [a, b] = [nameOf2(cursor.row), nameOf2(cursor.column)];
      const [layer2, layer22] = [a, b].map(({ layer: name }) => Math.max(0, maps.layers.findIndex((map) => map.name === name)));
      set({ view: "atlas", layer: layer2, compare: 1, run2: current().run, layer2: layer22, step2: b.step });
      go(a.step);
    };
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      cursor.column = Math.min(canvas.width - 1, Math.max(0, Math.floor(event.offsetX / box.width * canvas.width)));
      cursor.row = Math.min(canvas.height - 1, Math.max(0, Math.floor(event.offsetY / box.height * canvas.height)));
      tell2();
    });
    canvas.addEventListener("click", open3);
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter") open3();
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      cursor.row = Math.min(canvas.height - 1, Math.max(0, cursor.row + move[0]));
      cursor.column = Math.min(canvas.width - 1, Math.max(0, cursor.column + move[1]));
      tell2();
    });
    subscribe((state2, changed) => {
      if (changed.has("run")) Object.assign(cursor, { row: 0, column: 0 });
      byId("similarity").hidden = !data();
      if (state2.view === "layers" && (changed.has("view") || changed.has("run"))) draw();
    });
  }

  // denoscope/report/page/assets/figures.js
  var TYPES = { png: "image/png", pdf: "application/pdf", svg: "image/svg+xml", mp4: "video/mp4", gif: "image/gif" };
  var made2 = /* @__PURE__ */ new Set();
  function mountFigures(page2) {
    const draw = async () => {
      const run = page2.runs[current().run];
      const figures = await Promise.all(run.figures.map((entry4) => figure2(run, entry4)));
      const media = await Promise.all(run.media.map((entry4) => animation(run, entry4)));
      if (current().view !== "figures") return close();
      if (run !== page2.runs[current().run]) return;
      byId("figures-list").replaceChildren(...figures);
      byId("media-list").replaceChildren(...media);
    };
    page2.runs.forEach(mountHero);
    subscribe((state2, changed) => {
      if (state2.view === "figures" && (changed.has("view") || changed.has("run"))) draw();
      else if (changed.has("view") && made2.size) close();
    });
  }
  var LETS_GO = 1e4;
  function close() {
    byId("figures-list").replaceChildren();
    byId("media-list").replaceChildren();
    const urls = [...made2];
    made2.clear();
    setTimeout(() => urls.forEach((url) => URL.revokeObjectURL(url)), LETS_GO);
  }
  async function address2(block, kind) {
    const url = URL.createObjectURL(new Blob([await bytes(block)], { type: TYPES[kind] }));
    made2.add(url);
    return url;
  }
  var link2 = (href, name, kind) => make("a", { href, download: `${name}.${kind}`, class: "chip" }, kind.toUpperCase());
  async function figure2(run, entry4) {
    const urls = await Promise.all(["png", "pdf", "svg"].map((kind) => address2(entry4[
      /** @type {"png"} */
      kind
    ], kind)));
    const links = ["png", "pdf", "svg"].map((kind, at) => link2(urls[at], `${run.name}-${entry4.name}`, kind));
    const words = make("figcaption", {}, make("b", {}, entry4.title), " ", entry4.caption, make("span", { class: "links" }, ...links));
    return make("figure", { class: "card" }, make("img", { src: urls[0], alt: entry4.caption }), words);
  }
  async function animation(run, { title, mp4, gif, embedded }) {
    const [movie, picture2] = embedded ? await Promise.all([address2(mp4, "mp4"), address2(gif, "gif")]) : [mp4, gif];
    const name = `${run.name}-${title.replace(/[^\w]+/g, "-")}`;
    const shown2 = embedded ? [make("video", { src: movie, controls: "", loop: "", muted: "", "aria-label": title })] : [];
    const where2 = embedded ? [] : [" (beside this page, in the results folder)"];
    const links = make("span", { class: "links" }, link2(movie, name, "mp4"), link2(picture2, name, "gif"));
    return make("figure", { class: "card" }, ...shown2, make("figcaption", {}, title, ...where2, links));
  }
  var GUIDE = [
    "Gallery: every result.",
    "Player: every step of a sample, with what the network predicts and where its attention lies.",
    "Atlas: a layer's activations, a point a sample, moving from step to step; neighbours, clusters, selections.",
    "Layers: which layer knows what at which step, and which compute the same.",
    "Figures: the same for paper, and animations."
  ];
  async function mountHero(run, index) {
    const [grid] = run.media;
    if (!grid?.embedded) return;
    const content = new Blob([await bytes(grid.mp4)], { type: TYPES.mp4 });
    const video = (
      /** @type {HTMLVideoElement} */
      make("video", { controls: "", loop: "", "aria-label": grid.title })
    );
    video.muted = true;
    video.autoplay = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    video.src = URL.createObjectURL(content);
    const words = `${run.count} samples, ${run.texts ? run.texts.autoregressive ? "written" : "from masks to text" : `from noise to ${run.picture && run.picture.frames > 1 ? "film" : "picture"}`} in ${run.times.length - 1} steps.`;
    const lines2 = GUIDE.map((text2) => make("p", {}, make("b", {}, text2.split(":")[0]), text2.slice(text2.indexOf(":"))));
    const hero = byId(`hero-${index}`);
    hero.replaceChildren(video, make("figcaption", {}, make("p", {}, words), ...lines2));
    hero.hidden = false;
  }

  // denoscope/report/page/assets/main.js
  var tabs = (
    /** @type {HTMLButtonElement[]} */
    [...document.querySelectorAll("[role=tab][data-view]")]
  );
  var views = tabs.map((tab) => String(tab.dataset.view));
  function mountTabs() {
    for (const [index, tab] of tabs.entries()) {
      tab.addEventListener("click", (event) => {
        set({ view: views[index] });
        if (event.detail) byId(`view-${views[index]}`).focus({ preventScroll: true });
      });
      tab.addEventListener("keydown", (event) => {
        const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!move) return;
        event.preventDefault();
        event.stopPropagation();
        const there2 = tabs.filter((other) => !other.hidden);
        const next3 = there2[(there2.indexOf(tab) + move + there2.length) % there2.length];
        next3.focus();
        next3.click();
      });
    }
    for (const button of document.querySelectorAll("[data-run]")) {
      button.addEventListener("click", () => set({ run: Number(
        /** @type {HTMLElement} */
        button.dataset.run
      ) }));
    }
    subscribe((state2, changed) => {
      for (const tab of tabs) {
        const chosen = tab.dataset.view === state2.view;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
        tab.hidden = !page.runs[state2.run].views.includes(String(tab.dataset.view));
        byId(`view-${tab.dataset.view}`).hidden = !chosen;
      }
      for (const part of document.querySelectorAll("[data-run-only]")) {
        part.hidden = /** @type {HTMLElement} */
        part.dataset.runOnly !== String(state2.run);
      }
      for (const button of document.querySelectorAll("[data-run]")) {
        button.setAttribute("aria-pressed", String(
          /** @type {HTMLElement} */
          button.dataset.run === String(state2.run)
        ));
      }
      if (changed.has("run")) setSteps(page.runs[state2.run].times.length);
    });
  }
  async function start() {
    const all = await Promise.all(page.runs.map((run) => Samples.open(run)));
    mountLimits(views);
    mountTheme();
    mountGallery(all);
    mountPlayer(all);
    new Atlas(all);
    mountCharts();
    mountSimilarity(page);
    mountFigures(page);
    mountTabs();
    mountKeys(tabs);
    linkAddress();
    document.documentElement.dataset.ready = "true";
  }
  addEventListener("unhandledrejection", ({ reason }) => {
    const notice = byId("failure");
    notice.hidden = false;
    notice.textContent = `This cannot be shown: ${reason instanceof Error ? reason.message : reason}`;
  });
  start();
})();
