/**
 * Draws points by WebGL2.
 */
const VERTEX = `#version 300 es
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
const FRAGMENT = `#version 300 es
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

/**
 * @typedef {{from: number, to: number, part: number, centre: [number, number], zoom: [number, number], size: number,
 *   quiet: number[], ring: number[]}} Frame
 *   Steps to draw between and how far, the camera in clip space, the points' size in device pixels, two colours (0 to 1).
 * @typedef {{name: string, setPositions(positions: Uint16Array): void,
 *   setColours(colours: Uint8Array, palette: Uint8Array): void, setFlags(flags: Uint8Array): void,
 *   draw(frame: Frame): void, dispose(): void}} Renderer
 */

/**
 * A renderer on a canvas, or null where the browser has no WebGL2.
 * @param {HTMLCanvasElement} canvas
 * @returns {Renderer | null}
 */
export function webglRenderer(canvas) {
  const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
  if (!gl) return null;
  const program = link(gl);
  gl.useProgram(program);
  const [positions, colours, flags] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  const place = Object.fromEntries(
    ["part", "centre", "zoom", "size", "quiet", "ring"].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  let n = 0;
  for (const location of [0, 1, 2, 3]) gl.enableVertexAttribArray(location);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.enable(gl.DEPTH_TEST);
  gl.depthFunc(gl.LEQUAL);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  /** @param {WebGLBuffer | null} buffer @param {ArrayBufferView<ArrayBuffer>} data */
  const upload = (buffer, data) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  };
  return {
    name: "WebGL2",
    setPositions: (values) => upload(positions, /** @type {Uint16Array<ArrayBuffer>} */ (values)),
    setColours(values, palette) {
      n = values.length;
      upload(colours, /** @type {Uint8Array<ArrayBuffer>} */ (values));
      gl.vertexAttribPointer(2, 1, gl.UNSIGNED_BYTE, false, 0, 0);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
    },
    setFlags(values) {
      upload(flags, /** @type {Uint8Array<ArrayBuffer>} */ (values));
      gl.vertexAttribPointer(3, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    },
    draw(frame) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      // Steps lie one after the other in one buffer: moving between two needs no upload.
      gl.bindBuffer(gl.ARRAY_BUFFER, positions);
      gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 0, frame.from * n * 4);
      gl.vertexAttribPointer(1, 2, gl.UNSIGNED_SHORT, true, 0, frame.to * n * 4);
      gl.uniform1f(place.part, frame.part);
      gl.uniform2fv(place.centre, frame.centre);
      gl.uniform2fv(place.zoom, frame.zoom);
      gl.uniform1f(place.size, frame.size);
      gl.uniform4fv(place.quiet, frame.quiet);
      gl.uniform4fv(place.ring, frame.ring);
      gl.drawArrays(gl.POINTS, 0, n);
    },
    dispose() {
      for (const buffer of [positions, colours, flags]) gl.deleteBuffer(buffer);
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}

/** @param {WebGL2RenderingContext} gl */
function link(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {[number, string][]} */ ([
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`WebGL2: ${gl.getProgramInfoLog(program)}`);
  return program;
}
