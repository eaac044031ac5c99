/**
 * What the page's data say. The builder (data.py, atlas.py, texts.py … of this package) writes them.
 *
 * @typedef {{block: string, offsets: number[], columns: number, steps: number[], frames: number[],
 *   cell: {height: number, width: number}}} Strips
 *   One picture per sample that holds all its steps in a grid of `columns`; offsets of the pictures in the block. Of a
 *   film every step has several, the frames of these numbers, as large as `cell`: films may be smaller than they were.
 * @typedef {{block: string, offsets: number[], columns: number, perSheet: number}} Sheets
 *   Pictures that hold the final state of `perSheet` samples each, in a grid of `columns`.
 * @typedef {{name: string, grid: [number, number], steps: number[], most: number, block: string}} AttentionMaps
 *   For every sample and step height × width bytes: attention received, 255 for `most` times an even share.
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
 * @typedef {{samples: number, per: number, blocks: string[]}} Rows
 *   Equally long rows, one for each of the first `samples`, `per` of them in every block but the last.
 * @typedef {{count: number, width: 2 | 4, dropSpace: boolean, block: string}} VocabularyData
 *   Numbers and ends (uint32) of the tokens that a run uses, then their bytes. A token's place among them is its code, an
 *   unsigned integer of `width` bytes, the largest for a mask.
 * @typedef {{name: string, steps: number[], low: number, high: number, rows: Rows}} TokenScores
 *   For every position and step a byte, from `low` to `high`.
 * @typedef {{steps: number[], count: number, tokens: Rows, roots: Rows}} AlternativesData
 *   For every position, rank and step a code, and the root of its probability in units of 1/255.
 * @typedef {{name: string, steps: number[], tokens: Rows}} LensData
 *   For every position and step the code of the token that the model's head reads from a layer.
 * @typedef {{layers: string[], steps: number[], queries: number, each: boolean, keys: number[], offset: number,
 *   largest: Rows, shares: Rows}} TokenAttention
 *   For every layer, step and query (one for all unless `each`) its largest value (uint16, in 1/65535), and for every key
 *   a byte in units of 1/255 of that. Key 0 lies `offset` before what the network saw.
 * @typedef {{length: number, autoregressive: boolean, mask: number, vocabulary: VocabularyData, tokens: Rows, cached: Rows,
 *   windows: {starts: number[], size: number}, scores: TokenScores[], alternatives: AlternativesData | null,
 *   lens: LensData[], attention: TokenAttention | null}} TextData
 *   `tokens` are codes for every position and step, `cached` bytes for every step, `windows` what the network saw of the
 *   text at each step.
 * @typedef {{words: string[], pieces: [string, number][]}} PromptData
 *   Names of the words ("" fills up), and the prompt in parts, each with the number of its word, -1 for none.
 * @typedef {{name: string, grid: [number, number, number], heads: number, rows: Rows}} WordSource
 *   Maps of a layer, or of the mean over layers (""): frames, height and width. For every column, head and step its
 *   largest value (float32), then for each of these its cells in units of that: first of the last column, which is what
 *   the prompt's own tokens get together (uint16, in 1/65535), then of the others (in 1/255).
 * @typedef {{steps: number[], prompts: PromptData[], of: number[], sources: WordSource[],
 *   shares: {layers: string[], rows: Rows}}} WordsData
 *   `of` is each sample's prompt. `shares` are what own, special and padding tokens get, for every layer and step
 *   (uint16, in 1/65535).
 * @typedef {{name: string, title: string, caption: string, png: string, pdf: string, svg: string}} FigureEntry
 * @typedef {{title: string, mp4: string, gif: string, embedded: boolean}} MediaEntry
 * @typedef {{
 *   name: string, of: {run: number, length: number} | null, views: string[], symbol: string, times: number[], count: number, columns: Column[], maps: Maps | null,
 *   picture: {height: number, width: number, frames: number} | null, thumbs: Sheets | null, similarity: Similarity | null,
 *   players: number, state: Strips | null, x0: Strips | null, texts: TextData | null,
 *   scalars: {names: string[], block: string, steps: number}, attention: AttentionMaps[],
 *   words: WordsData | null,
 *   figures: FigureEntry[], media: MediaEntry[]
 * }} RunData
 *   `of` says that the samples are the single tokens of the texts of another run, `length` of each.
 * @typedef {{title: string, colours: string[], other: string, runs: RunData[], packed: string[],
 *   beside: Record<string, {key: string, file: string}>}} PageData
 */
export {};
