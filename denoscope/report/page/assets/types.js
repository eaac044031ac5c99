/**
 * What the page's data say. The builder (data.py of this package) writes them.
 *
 * @typedef {{block: string, offsets: number[], columns: number, steps: number[]}} Strips
 *   One picture per sample that holds all its steps in a grid of `columns`; offsets of the pictures in the block.
 * @typedef {{block: string, offsets: number[], columns: number, perSheet: number}} Sheets
 *   Pictures that hold the final state of `perSheet` samples each, in a grid of `columns`.
 * @typedef {{name: string, side: number, steps: number[], most: number, block: string}} AttentionMaps
 *   For every sample and step side × side bytes: attention received, 255 for `most` times an even share.
 * @typedef {{name: string, steps: number[], block: string, trustworthiness: number[], preservation: number[],
 *   engine: string, searched: string, fit: number}} LayerMap
 *   For every step: x, y (uint16), cluster (int16), outlier and preservation (uint8) of every sample.
 * @typedef {{name: string, title: string, caption: string, png: string, pdf: string, svg: string}} FigureEntry
 * @typedef {{title: string, mp4: string, gif: string, embedded: boolean}} MediaEntry
 * @typedef {{
 *   name: string, symbol: string, times: number[], count: number, classes: string[], labels: number[],
 *   picture: {height: number, width: number}, players: number,
 *   state: Strips, x0: Strips, thumbs: Sheets,
 *   scalars: {names: string[], block: string, steps: number}, attention: AttentionMaps[],
 *   maps: {layers: LayerMap[], outlierRange: [number, number]} | null,
 *   similarity: {layers: string[], steps: number[], block: string, samples: number} | null,
 *   figures: FigureEntry[], media: MediaEntry[]
 * }} RunData
 * @typedef {{title: string, colours: string[], other: string, runs: RunData[]}} PageData
 */
export {};
