/**
 * What the page's data say. The builder (data.py, atlas.py, columns.py of this package) writes them.
 *
 * @typedef {{block: string, offsets: number[], columns: number, steps: number[]}} Strips
 *   One picture per sample that holds all its steps in a grid of `columns`; offsets of the pictures in the block.
 * @typedef {{block: string, offsets: number[], columns: number, perSheet: number}} Sheets
 *   Pictures that hold the final state of `perSheet` samples each, in a grid of `columns`.
 * @typedef {{name: string, side: number, steps: number[], most: number, block: string}} AttentionMaps
 *   For every sample and step side × side bytes: attention received, 255 for `most` times an even share.
 * @typedef {{name: string, kind: "category", values: string[], whole: boolean, width: 1 | 2 | 4, block: string}} Categories
 *   For every sample the position of its value, an unsigned integer of `width` bytes; `whole` if values are numbers.
 * @typedef {{name: string, kind: "number", range: [number, number], width: 4 | 8, block: string}} Numbers
 *   For every sample a float of `width` bytes, NaN where there is none.
 * @typedef {Categories | Numbers} Column
 * @typedef {{n_neighbors: number, min_dist: number, side: number, corner: [number, number], positions: string, preserved: string,
 *   trustworthiness: (number | null)[], preservation: (number | null)[]}} Setting
 *   For every step and sample x, y (uint16, in 1/65535 of `side`, from `corner`) and the share of true neighbours shown (uint8).
 * @typedef {{k: number, wide: boolean, scales: number[], blocks: string[]}} NeighborBlocks
 *   A block a step: indices (uint16, uint32 if wide), then distances (uint16, in 1/65535 of the step's scale).
 * @typedef {{components: number, scales: number[], blocks: string[]}} FeatureBlocks
 *   A block a step: int8 in units of the step's scale.
 * @typedef {{name: string, steps: number[], engine: string, searched: string, metric: string, seed: number,
 *   epochs: number, fit: number, settings: Setting[], cluster: string, clusterWidth: 1 | 2, outlier: string,
 *   neighbors: NeighborBlocks, features: FeatureBlocks | null, purity: (number | null)[]}} LayerMap
 *   For every step and sample its cluster (int8 or int16, -1 for none) and outlier score (uint16 over outlierSpan).
 * @typedef {{layers: LayerMap[], outlierSpan: [number, number], outlierRange: [number, number], chance: number | null}} Maps
 * @typedef {{layers: string[], steps: number[], block: string, samples: number}} Similarity
 * @typedef {{name: string, title: string, caption: string, png: string, pdf: string, svg: string}} FigureEntry
 * @typedef {{title: string, mp4: string, gif: string, embedded: boolean}} MediaEntry
 * @typedef {{
 *   name: string, symbol: string, times: number[], count: number, columns: Column[], maps: Maps | null,
 *   picture: {height: number, width: number}, thumbs: Sheets | null, similarity: Similarity | null,
 *   players: number, state: Strips, x0: Strips,
 *   scalars: {names: string[], block: string, steps: number}, attention: AttentionMaps[],
 *   figures: FigureEntry[], media: MediaEntry[]
 * }} RunData
 * @typedef {{title: string, colours: string[], other: string, runs: RunData[], packed: string[],
 *   beside: Record<string, {key: string, file: string}>}} PageData
 */
export {};
