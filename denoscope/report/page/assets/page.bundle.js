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

  // denoscope/report/page/assets/data.js
  var blocks = /* @__PURE__ */ new Map();
  function pageData() {
    return JSON.parse(byId("page-data").textContent || "{}");
  }
  function bytes(id) {
    const known = blocks.get(id);
    if (known) return known;
    const element = byId(id);
    const decoded = fromBase64(element.textContent || "");
    element.remove();
    blocks.set(id, decoded);
    return decoded;
  }
  function fromBase64(text) {
    const native = (
      /** @type {any} */
      Uint8Array.fromBase64
    );
    if (native) return native.call(Uint8Array, text);
    const binary = atob(text);
    const found = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) found[i] = binary.charCodeAt(i);
    return found;
  }
  function numbers(type, id, start, size) {
    return new type(
      /** @type {ArrayBuffer} */
      bytes(id).slice(start, start + size).buffer
    );
  }
  var HELD = 256;
  var pictures = /* @__PURE__ */ new Map();
  function picture(block, offsets, index) {
    const key = `${block}/${index}`;
    const found = pictures.get(key) || decode(block, offsets[index], offsets[index + 1]);
    pictures.delete(key);
    pictures.set(key, found);
    if (pictures.size > HELD) {
      const [oldest, bitmap] = (
        /** @type {[string, Promise<ImageBitmap>]} */
        pictures.entries().next().value
      );
      pictures.delete(oldest);
      bitmap.then((image) => image.close());
    }
    return found;
  }
  function decode(block, start, end) {
    const data = (
      /** @type {Uint8Array<ArrayBuffer>} */
      bytes(block).slice(start, end)
    );
    return createImageBitmap(new Blob([data], { type: "image/webp" }));
  }
  function drawCell(context, image, cell, index, columns, box) {
    const x = index % columns * cell.width;
    const y = Math.floor(index / columns) * cell.height;
    context.imageSmoothingEnabled = false;
    context.drawImage(image, x, y, cell.width, cell.height, ...box);
  }
  function scalarsOf(run, sample) {
    const { names, block, steps: steps2 } = run.scalars;
    const size = names.length * steps2 * 4;
    const values = numbers(Float32Array, block, sample * size, size);
    return names.map((name, index) => ({ name, values: values.slice(index * steps2, (index + 1) * steps2) }));
  }
  function attentionOf(layer, sample, step) {
    const index = layer.steps.indexOf(step);
    const size = layer.side ** 2;
    if (index < 0) return null;
    return numbers(Uint8Array, layer.block, (sample * layer.steps.length + index) * size, size);
  }
  function mapStep(run, map, index) {
    const n = run.count;
    const start = index * n * 8;
    return {
      positions: numbers(Uint16Array, map.block, start, n * 4),
      cluster: numbers(Int16Array, map.block, start + n * 4, n * 2),
      outlier: numbers(Uint8Array, map.block, start + n * 6, n),
      preservation: numbers(Uint8Array, map.block, start + n * 7, n)
    };
  }

  // denoscope/report/page/assets/store.js
  var state = { run: 0, view: "overview", sample: 0, step: 0, layer: 0, colour: "class", hidden: "" };
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
  function linkAddress() {
    const read = () => {
      const patch = {};
      for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
        const known = state[
          /** @type {keyof State} */
          key
        ];
        if (typeof known === "number" && /^\d+$/.test(value)) patch[key] = Number(value);
        if (typeof known === "string") patch[key] = value;
      }
      set(patch);
    };
    read();
    addEventListener("hashchange", read);
    let waiting = 0;
    subscribe(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const text = new URLSearchParams(Object.entries(state).map(([key, value]) => [key, String(value)]));
        history.replaceState(null, "", `#${text}`);
      }, 200);
    });
  }

  // denoscope/report/page/assets/clock.js
  var steps = 1;
  var speed = 6;
  var playing = false;
  var position = 0;
  var before = 0;
  var listeners2 = [];
  var now = () => playing ? position : current().step;
  var isPlaying = () => playing;
  function setSteps(count) {
    steps = Math.max(1, count);
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
    requestAnimationFrame(tick);
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
    if (playing) requestAnimationFrame(tick);
  }
  function tell() {
    for (const listener of listeners2) listener(now(), playing);
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

  // denoscope/report/page/assets/gallery.js
  var PAGE = 400;
  function mountGallery(page2) {
    const list = byId("gallery-list");
    const filter = byId("gallery-filter");
    const more = byId("gallery-more");
    const count = byId("gallery-count");
    let shown = PAGE;
    let chosen = -1;
    const draw = () => {
      const run = page2.runs[current().run];
      const wanted = [...run.labels.keys()].filter((sample) => chosen < 0 || run.labels[sample] === chosen);
      list.replaceChildren(...wanted.slice(0, shown).map((sample) => tile(run, sample)));
      more.hidden = wanted.length <= shown;
      count.textContent = `${Math.min(shown, wanted.length)} of ${wanted.length} samples`;
    };
    const drawFilter = () => {
      const run = page2.runs[current().run];
      const buttons = ["all", ...run.classes].map((name, index) => {
        const button = make("button", { type: "button", class: "chip", "aria-pressed": String(index - 1 === chosen) }, name);
        button.addEventListener("click", () => {
          chosen = index - 1;
          shown = PAGE;
          drawFilter();
          draw();
        });
        return button;
      });
      filter.replaceChildren(...run.classes.length > 1 && run.classes.length <= 50 ? buttons : []);
    };
    more.addEventListener("click", () => {
      shown += PAGE;
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
  function tile(run, sample) {
    const canvas = (
      /** @type {HTMLCanvasElement} */
      make("canvas", { "aria-hidden": "true" })
    );
    drawThumb(canvas, run, sample);
    const name = nameOf(run, sample);
    const button = make("button", { type: "button", class: "tile", title: name, "aria-label": `${name}: open its steps` }, canvas);
    button.addEventListener("click", () => set({ view: "player", sample }));
    return button;
  }
  function nameOf(run, sample) {
    return run.classes.length ? `sample ${sample}, class ${run.classes[run.labels[sample]]}` : `sample ${sample}`;
  }
  async function drawThumb(canvas, run, sample) {
    const { block, offsets, columns, perSheet } = run.thumbs;
    const { height, width } = run.picture;
    canvas.width = width;
    canvas.height = height;
    const image = await picture(block, offsets, Math.floor(sample / perSheet));
    drawCell(pen(canvas), image, run.picture, sample % perSheet, columns, [0, 0, width, height]);
  }

  // denoscope/report/page/assets/colours.js
  var VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
  var parsed = VIRIDIS.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  function viridis(value) {
    const at = Math.min(1, Math.max(0, value)) * (parsed.length - 1);
    const low = Math.min(parsed.length - 2, Math.floor(at));
    const part = at - low;
    return (
      /** @type {[number, number, number]} */
      parsed[low].map((channel, i) => Math.round(channel + part * (parsed[low + 1][i] - channel)))
    );
  }
  var css = (colour) => `rgb(${colour.join(" ")})`;
  function classColour(page2, index) {
    return index >= 0 && index < page2.colours.length ? page2.colours[index] : page2.other;
  }

  // denoscope/report/page/assets/player.js
  var MEANING = {
    state_rms: "size of the state (root mean square)",
    x0_rms: "size of the prediction (root mean square)",
    x0_change: "change of the prediction since the step before"
  };
  function mountPlayer(page2) {
    const slider = control("player-step", HTMLInputElement);
    const sampleInput = control("player-sample", HTMLInputElement);
    const film = byId("player-film");
    const run = () => page2.runs[current().run];
    const sample = () => Math.min(current().sample, run().players - 1);
    slider.addEventListener("input", () => go(Number(slider.value)));
    sampleInput.addEventListener("change", () => set({ sample: clamp(Number(sampleInput.value), run().players) }));
    byId("player-previous").addEventListener("click", () => set({ sample: clamp(sample() - 1, run().players) }));
    byId("player-next").addEventListener("click", () => set({ sample: clamp(sample() + 1, run().players) }));
    byId("player-play").addEventListener("click", toggle);
    byId("player-replay").addEventListener("click", replay);
    const speed2 = control("player-speed", HTMLSelectElement);
    speed2.addEventListener("change", () => setSpeed(Number(speed2.value)));
    let strips = [];
    const load = async () => {
      const wanted = [current().run, sample()];
      const { state: state2, x0 } = run();
      const found = await Promise.all([state2, x0].map((kind) => picture(kind.block, kind.offsets, sample())));
      if (wanted[0] !== current().run || wanted[1] !== sample()) return;
      strips = found;
      drawFilm();
      drawStep();
    };
    const drawAt = (canvas, kind, step) => {
      const { height, width } = run().picture;
      const strip = run()[kind];
      const index = strip.steps.indexOf(step);
      const source = index < 0 ? run().state : strip;
      const image = strips[index < 0 || kind === "state" ? 0 : 1];
      canvas.width = width;
      canvas.height = height;
      drawCell(pen(canvas), image, run().picture, index < 0 ? step : index, source.columns, [0, 0, width, height]);
    };
    const drawStep = () => {
      const { step } = current();
      const last = run().times.length - 1;
      if (strips.length) {
        drawAt(control("player-state", HTMLCanvasElement), "state", step);
        drawAt(control("player-x0", HTMLCanvasElement), "x0", step);
      }
      slider.max = String(last);
      slider.value = String(step);
      const where = `step ${step} of ${last}, ${run().symbol} = ${Number(run().times[step].toPrecision(3))}`;
      slider.setAttribute("aria-valuetext", where);
      byId("player-where").textContent = where;
      for (const [index, frame] of [...film.children].entries()) frame.toggleAttribute("data-current", index === step);
      drawCharts();
      drawAttention();
    };
    const attentionSelect = control("player-attention", HTMLSelectElement);
    attentionSelect.addEventListener("change", () => drawAttention());
    const drawAttention = () => {
      const layer = run().attention[attentionSelect.selectedIndex];
      byId("player-attention-figure").hidden = !layer;
      if (!layer) return;
      const canvas = control("player-attention-canvas", HTMLCanvasElement);
      const values = attentionOf(layer, sample(), current().step);
      canvas.width = canvas.height = layer.side;
      const image = pen(canvas).createImageData(layer.side, layer.side);
      values?.forEach((value, i) => image.data.set([...viridis(value / 255), 255], 4 * i));
      pen(canvas).putImageData(image, 0, 0);
      const most = values ? Math.max(...values) / 255 * layer.most : 0;
      const text = values ? `at most ${most.toFixed(1)} times an even share` : "not recorded at this step";
      byId("player-attention-most").textContent = text;
      canvas.setAttribute("aria-label", `attention that each position receives in ${layer.name}: ${text}`);
    };
    const drawFilm = () => {
      const frames = run().times.map((_, step) => {
        const canvas = (
          /** @type {HTMLCanvasElement} */
          make("canvas", { "aria-hidden": "true" })
        );
        drawAt(canvas, "state", step);
        const label = make("span", {}, String(step));
        const button = make("button", { type: "button", class: "frame", "aria-label": `go to step ${step}` }, canvas, label);
        button.addEventListener("click", () => go(step));
        return button;
      });
      film.replaceChildren(...frames);
    };
    const drawCharts = () => {
      const scalars = scalarsOf(run(), sample());
      const holder = byId("player-charts");
      if (holder.children.length !== scalars.length) {
        holder.replaceChildren(
          ...scalars.map(
            () => make("figure", {}, make("figcaption"), make("canvas", { role: "img", class: "chart" }))
          )
        );
      }
      for (const [index, { name, values }] of scalars.entries()) {
        const canvas = (
          /** @type {HTMLCanvasElement} */
          holder.children[index].querySelector("canvas")
        );
        drawChart(canvas, values, current().step);
        const value = values[current().step];
        const text = Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "none";
        const caption = (
          /** @type {HTMLElement} */
          holder.children[index].querySelector("figcaption")
        );
        caption.replaceChildren(`${MEANING[name] || name}: `, make("b", {}, text));
        canvas.setAttribute("aria-label", `${MEANING[name] || name} over the steps; at this step ${text}`);
      }
    };
    onTick(() => {
      byId("player-play").textContent = isPlaying() ? "Pause" : "Play";
      byId("player-play").setAttribute("aria-pressed", String(isPlaying()));
    });
    addEventListener("resize", () => current().view === "player" && strips.length && drawCharts());
    document.addEventListener("themechange", () => current().view === "player" && strips.length && drawCharts());
    subscribe((state2, changed) => {
      if (changed.has("run")) {
        byId("player-none").hidden = run().players > 0;
        byId("player-body").hidden = run().players === 0;
        strips = [];
        attentionSelect.replaceChildren(...run().attention.map(({ name }) => make("option", {}, name)));
      }
      if (state2.view !== "player" || run().players === 0) return;
      sampleInput.max = String(run().players - 1);
      sampleInput.value = String(sample());
      byId("player-title").textContent = nameOf(run(), sample());
      byId("player-limit").hidden = run().players >= run().count;
      byId("player-limit").textContent = `The page holds the steps of the first ${run().players} of ${run().count} samples.`;
      if (changed.has("run") || changed.has("sample") || changed.has("view")) load();
      else if (changed.has("step")) drawStep();
    });
  }
  var clamp = (value, count) => Math.min(count - 1, Math.max(0, Math.round(value) || 0));
  function drawChart(canvas, values, step) {
    const { context, width, height } = sharpContext(canvas);
    const finite = [...values].filter(Number.isFinite);
    const low = Math.min(0, ...finite);
    const high = Math.max(...finite, low + 1e-9);
    const gap = 6;
    const x = (i) => gap + i / Math.max(1, values.length - 1) * (width - 2 * gap);
    const y = (v) => height - gap - (v - low) / (high - low) * (height - 2 * gap);
    context.strokeStyle = ink("--line");
    context.beginPath();
    context.moveTo(gap, y(low));
    context.lineTo(width - gap, y(low));
    context.moveTo(x(step), gap);
    context.lineTo(x(step), height - gap);
    context.stroke();
    context.strokeStyle = ink("--accent");
    context.lineWidth = 1.5;
    context.beginPath();
    values.forEach((value, i) => Number.isFinite(value) && context.lineTo(x(i), y(value)));
    context.stroke();
    if (Number.isFinite(values[step])) {
      context.fillStyle = ink("--accent");
      context.beginPath();
      context.arc(x(step), y(values[step]), 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  }

  // denoscope/report/page/assets/map.js
  var MARGIN = 18;
  var REACH = 14;
  var TIP = 96;
  function mountMap(page2) {
    const canvas = control("map-canvas", HTMLCanvasElement);
    const layerSelect = control("map-layer", HTMLSelectElement);
    const colourSelect = control("map-colour", HTMLSelectElement);
    const slider = control("map-step", HTMLInputElement);
    const tip = byId("map-tip");
    const tipCanvas = control("map-tip-canvas", HTMLCanvasElement);
    const cache = /* @__PURE__ */ new Map();
    const view = { scale: 1, x: 0, y: 0 };
    let hovered = -1;
    let screen = new Float32Array();
    const run = () => page2.runs[current().run];
    const layer = () => run().maps?.layers[Math.min(current().layer, run().maps?.layers.length ?? 1) || 0];
    const hiddenClasses = () => new Set(current().hidden.split(",").filter(Boolean).map(Number));
    const indexOf = (step) => {
      const steps2 = layer()?.steps ?? [];
      let found = 0;
      while (found + 1 < steps2.length && steps2[found + 1] <= step) found++;
      return found;
    };
    const points = (index) => {
      const map = layer();
      if (!map) throw new Error("this run has no maps");
      const key = `${run().name}/${map.name}/${index}`;
      const found = cache.get(key) || mapStep(run(), map, index);
      cache.set(key, found);
      return found;
    };
    const draw = () => {
      const map = layer();
      if (current().view !== "map" || !map) return;
      const { context, width, height } = sharpContext(canvas);
      const at = now();
      const index = indexOf(at);
      const next = Math.min(index + 1, map.steps.length - 1);
      const span = map.steps[next] - map.steps[index];
      const part = span && isPlaying() ? Math.min(1, (at - map.steps[index]) / span) : 0;
      place(points(index), points(next), part, width, height);
      const hidden = hiddenClasses();
      const radius = run().count > 3e3 ? 1.5 : run().count > 1e3 ? 2.2 : 3.2;
      const now2 = points(index);
      for (let i = 0; i < run().count; i++) {
        const off = hidden.has(run().labels[i]);
        context.globalAlpha = off ? 0.12 : 0.9;
        context.fillStyle = off ? ink("--quiet") : colourOf(now2, i);
        context.beginPath();
        context.arc(screen[2 * i], screen[2 * i + 1], radius, 0, 2 * Math.PI);
        context.fill();
      }
      context.globalAlpha = 1;
      ring(context, current().sample, ink("--accent"), 7);
      if (hovered >= 0) ring(context, hovered, ink("--ink"), 6);
      drawFacts(map, index);
    };
    const ring = (context, i, colour, radius) => {
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(screen[2 * i], screen[2 * i + 1], radius, 0, 2 * Math.PI);
      context.stroke();
    };
    const place = (a, b, part, width, height) => {
      const side = Math.min(width, height) - 2 * MARGIN;
      const [left, top] = [(width - side) / 2, (height - side) / 2];
      if (screen.length !== a.positions.length) screen = new Float32Array(a.positions.length);
      for (let i = 0; i < screen.length; i += 2) {
        const x = (a.positions[i] + part * (b.positions[i] - a.positions[i])) / 65535;
        const y = (a.positions[i + 1] + part * (b.positions[i + 1] - a.positions[i + 1])) / 65535;
        screen[i] = (left + x * side) * view.scale + view.x;
        screen[i + 1] = (top + (1 - y) * side) * view.scale + view.y;
      }
    };
    const colourOf = (now2, i) => {
      switch (current().colour) {
        case "cluster":
          return classColour(page2, now2.cluster[i]);
        case "outlier":
          return css(viridis(now2.outlier[i] / 255));
        case "preservation":
          return css(viridis(now2.preservation[i] / 255));
        default:
          return classColour(page2, run().labels[i]);
      }
    };
    const drawFacts = (map, index) => {
      slider.max = String(run().times.length - 1);
      slider.value = String(current().step);
      const step = map.steps[index];
      const where = `step ${step} of ${run().times.length - 1}, ${run().symbol} = ${Number(run().times[step].toPrecision(3))}`;
      slider.setAttribute("aria-valuetext", where);
      byId("map-where").textContent = where;
      byId("map-where-short").textContent = where;
      byId("map-trust").textContent = map.trustworthiness[index].toFixed(3);
      byId("map-preservation").textContent = `${Math.round(100 * map.preservation[index])} %`;
      byId("map-engine").textContent = `${map.engine}, fitted on ${map.fit} samples`;
      canvas.setAttribute("aria-label", `Map of ${run().count} samples by layer ${map.name} at ${where}`);
    };
    const nearest = (x, y) => {
      let best = -1;
      let least = REACH ** 2;
      const hidden = hiddenClasses();
      for (let i = 0; i < run().count; i++) {
        const gap = (screen[2 * i] - x) ** 2 + (screen[2 * i + 1] - y) ** 2;
        if (gap < least && !hidden.has(run().labels[i])) [best, least] = [i, gap];
      }
      return best;
    };
    const showTip = async (i) => {
      hovered = i;
      tip.hidden = i < 0;
      draw();
      if (i < 0) return;
      const now2 = points(indexOf(current().step));
      byId("map-tip-text").textContent = nameOf(run(), i);
      const facts = [
        `cluster ${now2.cluster[i] < 0 ? "none" : now2.cluster[i]}`,
        `${Math.round(100 * now2.preservation[i] / 255)} % of its neighbours are true`
      ];
      byId("map-tip-facts").textContent = facts.join(" · ");
      const box = canvas.getBoundingClientRect();
      tip.style.left = `${Math.min(screen[2 * i] + 14, box.width - TIP - 60)}px`;
      tip.style.top = `${Math.max(4, Math.min(screen[2 * i + 1] - 40, box.height - TIP - 70))}px`;
      await drawTip(i);
    };
    const drawTip = async (i) => {
      const { thumbs, picture: cell } = run();
      const strip = run().state;
      const known = i < run().players;
      const image = known ? await picture(strip.block, strip.offsets, i) : await picture(thumbs.block, thumbs.offsets, Math.floor(i / thumbs.perSheet));
      if (hovered !== i) return;
      const { context, width, height } = sharpContext(tipCanvas);
      const half = known ? width / 2 - 2 : width;
      const side = Math.min(half, height);
      if (known) {
        drawCell(context, image, cell, current().step, strip.columns, [0, 0, side, side]);
        drawCell(context, image, cell, run().times.length - 1, strip.columns, [half + 4, 0, side, side]);
      } else {
        drawCell(context, image, cell, i % thumbs.perSheet, thumbs.columns, [0, 0, side, side]);
      }
    };
    const drawLegend = () => {
      const legend = byId("map-legend");
      const continuous = ["outlier", "preservation"].includes(current().colour);
      byId("map-scale").hidden = !continuous;
      legend.hidden = current().colour !== "class" || run().classes.length > page2.colours.length;
      if (continuous) {
        const range = run().maps?.outlierRange ?? [0, 1];
        const [low, high] = current().colour === "outlier" ? range.map((v) => v.toFixed(1)) : ["0 %", "100 %"];
        byId("map-scale-low").textContent = low;
        byId("map-scale-high").textContent = high;
      }
      const hidden = hiddenClasses();
      legend.replaceChildren(
        ...run().classes.map((name, index) => {
          const dot = make("i", { "aria-hidden": "true" });
          dot.style.background = classColour(page2, index);
          const button = make("button", { type: "button", class: "chip", "aria-pressed": String(!hidden.has(index)) }, dot, name);
          button.addEventListener("click", () => {
            const left = hiddenClasses();
            if (!left.delete(index)) left.add(index);
            set({ hidden: [...left].sort((a, b) => a - b).join(",") });
          });
          return button;
        })
      );
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons === 1) {
        view.x += event.movementX;
        view.y += event.movementY;
        draw();
        return;
      }
      const found = nearest(event.offsetX, event.offsetY);
      if (found !== hovered) showTip(found);
    });
    canvas.addEventListener("pointerleave", () => showTip(-1));
    let pressed = [0, 0];
    canvas.addEventListener("pointerdown", (event) => {
      pressed = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("click", (event) => {
      if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return;
      const found = nearest(event.offsetX, event.offsetY);
      if (found >= 0) set({ sample: found });
    });
    canvas.addEventListener("dblclick", () => current().sample < run().players && set({ view: "player" }));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const factor = Math.exp(-event.deltaY / 400);
        const scale = Math.min(40, Math.max(1, view.scale * factor));
        view.x = event.offsetX - (event.offsetX - view.x) * scale / view.scale;
        view.y = event.offsetY - (event.offsetY - view.y) * scale / view.scale;
        view.scale = scale;
        draw();
      },
      { passive: false }
    );
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") set({ view: "player" });
      if (event.key === "Escape") showTip(-1);
      const move = { ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!move) return;
      event.preventDefault();
      const all = [...run().labels.keys()];
      const order = all.sort((a, b) => screen[2 * a + 1] - screen[2 * b + 1]);
      const place2 = order.indexOf(current().sample) + move[1];
      set({ sample: order[Math.min(order.length - 1, Math.max(0, place2))] });
      showTip(current().sample);
    });
    byId("map-fit").addEventListener("click", () => {
      Object.assign(view, { scale: 1, x: 0, y: 0 });
      draw();
    });
    byId("map-play").addEventListener("click", toggle);
    byId("map-replay").addEventListener("click", replay);
    byId("map-open").addEventListener("click", () => set({ view: "player" }));
    slider.addEventListener("input", () => go(Number(slider.value)));
    layerSelect.addEventListener("change", () => set({ layer: layerSelect.selectedIndex }));
    colourSelect.addEventListener("change", () => set({ colour: colourSelect.value }));
    new ResizeObserver(draw).observe(canvas);
    onTick((_, playing2) => {
      byId("map-play").textContent = playing2 ? "Pause" : "Play";
      byId("map-play").setAttribute("aria-pressed", String(playing2));
      draw();
    });
    document.addEventListener("themechange", draw);
    subscribe((state2, changed) => {
      if (changed.has("run")) {
        byId("map-none").hidden = Boolean(run().maps);
        byId("map-body").hidden = !run().maps;
        layerSelect.replaceChildren(...(run().maps?.layers ?? []).map(({ name }) => make("option", {}, name)));
        cache.clear();
      }
      if (!run().maps) return;
      if (state2.layer >= layerSelect.options.length) return set({ layer: 0 });
      layerSelect.selectedIndex = state2.layer;
      colourSelect.value = state2.colour;
      byId("map-chosen").textContent = nameOf(run(), Math.min(state2.sample, run().count - 1));
      control("map-open", HTMLButtonElement).disabled = state2.sample >= run().players;
      if (["run", "colour", "hidden"].some((key) => changed.has(key))) drawLegend();
      if (state2.view === "map") {
        if (changed.has("view") || changed.has("layer")) showTip(-1);
        draw();
      }
    });
  }

  // denoscope/report/page/assets/similarity.js
  function mountSimilarity(page2) {
    const canvas = control("similarity-canvas", HTMLCanvasElement);
    const readout = byId("similarity-readout");
    const cursor = { row: 0, column: 0 };
    const data = () => page2.runs[current().run].similarity;
    const draw = () => {
      const found = data();
      if (!found) return;
      const side = found.layers.length * found.steps.length;
      const matrix = numbers(Float32Array, found.block, 0, side * side * 4);
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
        axis.replaceChildren(...found.layers.map((name) => Object.assign(document.createElement("span"), { textContent: name.replace(/^model\./, ""), title: name })));
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
      const found = data();
      if (!found) return;
      const side = found.layers.length * found.steps.length;
      const at = (cursor.row * side + cursor.column) * 4;
      const value = numbers(Float32Array, found.block, at, 4)[0];
      const [a, b] = [nameOf2(cursor.row), nameOf2(cursor.column)];
      const text = Number.isFinite(value) ? value.toFixed(3) : "undefined: one of them does not vary";
      readout.textContent = `${a.layer} at step ${a.step} and ${b.layer} at step ${b.step}: ${text}`;
      const mark = byId("similarity-mark");
      mark.style.left = `${100 * (cursor.column + 0.5) / side}%`;
      mark.style.top = `${100 * (cursor.row + 0.5) / side}%`;
    };
    const open = () => {
      const found = data();
      const maps = page2.runs[current().run].maps;
      if (!found || !maps) return;
      const { layer, step } = nameOf2(cursor.row);
      set({ view: "map", layer: Math.max(0, maps.layers.findIndex(({ name }) => name === layer)) });
      go(step);
    };
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      cursor.column = Math.min(canvas.width - 1, Math.max(0, Math.floor(event.offsetX / box.width * canvas.width)));
      cursor.row = Math.min(canvas.height - 1, Math.max(0, Math.floor(event.offsetY / box.height * canvas.height)));
      tell2();
    });
    canvas.addEventListener("click", open);
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter") open();
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      cursor.row = Math.min(canvas.height - 1, Math.max(0, cursor.row + move[0]));
      cursor.column = Math.min(canvas.width - 1, Math.max(0, cursor.column + move[1]));
      tell2();
    });
    subscribe((state2, changed) => {
      if (changed.has("run")) {
        byId("similarity-none").hidden = Boolean(data());
        byId("similarity-body").hidden = !data();
        Object.assign(cursor, { row: 0, column: 0 });
      }
      if (state2.view === "similarity" && (changed.has("view") || changed.has("run"))) draw();
    });
  }

  // denoscope/report/page/assets/figures.js
  var TYPES = { png: "image/png", pdf: "application/pdf", svg: "image/svg+xml", mp4: "video/mp4", gif: "image/gif" };
  function mountFigures(page2) {
    const made = /* @__PURE__ */ new Map();
    const address = (block, kind) => {
      const known = made.get(block);
      if (known) return known;
      const url = URL.createObjectURL(new Blob([
        /** @type {Uint8Array<ArrayBuffer>} */
        bytes(block)
      ], { type: TYPES[kind] }));
      made.set(block, url);
      return url;
    };
    const link = (href, name, kind) => make("a", { href, download: `${name}.${kind}`, class: "chip" }, kind.toUpperCase());
    const draw = () => {
      const run = page2.runs[current().run];
      const figures = run.figures.map((figure) => {
        const urls = { png: address(figure.png, "png"), pdf: address(figure.pdf, "pdf"), svg: address(figure.svg, "svg") };
        const links = Object.entries(urls).map(([kind, url]) => link(url, `${run.name}-${figure.name}`, kind));
        return make(
          "figure",
          { class: "card" },
          make("img", { src: urls.png, alt: figure.caption }),
          make("figcaption", {}, make("b", {}, figure.title), " ", figure.caption, make("span", { class: "links" }, ...links))
        );
      });
      const videos = run.media.map((entry) => {
        const mp4 = entry.embedded ? address(entry.mp4, "mp4") : entry.mp4;
        const gif = entry.embedded ? address(entry.gif, "gif") : entry.gif;
        const name = `${run.name}-${entry.title.replace(/[^\w]+/g, "-")}`;
        return make(
          "figure",
          { class: "card" },
          ...entry.embedded ? [make("video", { src: mp4, controls: "", loop: "", muted: "", "aria-label": entry.title })] : [],
          make(
            "figcaption",
            {},
            entry.title,
            ...entry.embedded ? [] : [" (beside this page, in the results folder)"],
            make("span", { class: "links" }, link(mp4, name, "mp4"), link(gif, name, "gif"))
          )
        );
      });
      byId("figures-list").replaceChildren(...figures);
      byId("media-list").replaceChildren(...videos);
    };
    for (const [index, run] of page2.runs.entries()) {
      const grid = run.media[0];
      if (!grid.embedded) continue;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const video = make("video", { src: address(grid.mp4, "mp4"), controls: "", loop: "", "aria-label": grid.title });
      const movie = (
        /** @type {HTMLVideoElement} */
        video
      );
      movie.muted = true;
      movie.autoplay = !still;
      const words = `${run.count} samples, from noise to picture in ${run.times.length - 1} steps.`;
      const guide = [
        "Gallery: every result.",
        "Player: every step of a sample, with what the network predicts and where its attention lies.",
        "Map: a layer's activations, a point a sample, moving from step to step.",
        "Similarity: which layers and steps compute the same.",
        "Figures: the same for paper, and animations."
      ];
      const lines = guide.map((text) => make("p", {}, make("b", {}, text.split(":")[0]), text.slice(text.indexOf(":"))));
      const hero = byId(`hero-${index}`);
      hero.replaceChildren(video, make("figcaption", {}, make("p", {}, words), ...lines));
      hero.hidden = false;
    }
    subscribe((state2, changed) => {
      if (state2.view === "figures" && (changed.has("view") || changed.has("run"))) draw();
    });
  }

  // denoscope/report/page/assets/main.js
  var page = pageData();
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
        const next = tabs[(index + move + tabs.length) % tabs.length];
        next.focus();
        next.click();
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
  function mountKeys() {
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
        "]": () => set({ sample: Math.min(page.runs[current().run].count - 1, current().sample + 1) })
      };
      if (!target.matches("button, a")) keys[" "] = toggle;
      const found = keys[event.key] || keys[event.key.toLowerCase()] || /^[1-9]$/.test(event.key) && tabs[Number(event.key) - 1];
      if (!found || !["player", "map"].includes(current().view)) {
        if (found instanceof HTMLElement) found.click();
        return;
      }
      event.preventDefault();
      if (found instanceof HTMLElement) found.click();
      else found();
    });
  }
  limitTo((state2) => {
    const index = state2.run < page.runs.length ? state2.run : 0;
    const run = page.runs[index];
    return {
      run: index,
      view: views.includes(state2.view) ? state2.view : "overview",
      sample: Math.min(state2.sample, run.count - 1),
      step: Math.min(state2.step, run.times.length - 1),
      layer: Math.min(state2.layer, Math.max(0, (run.maps?.layers.length ?? 0) - 1))
    };
  });
  mountTheme();
  mountGallery(page);
  mountPlayer(page);
  mountMap(page);
  mountSimilarity(page);
  mountFigures(page);
  mountTabs();
  mountKeys();
  linkAddress();
  document.documentElement.dataset.ready = "true";
})();
