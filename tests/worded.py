"""Runs with attention of words, written as the sampling writes them, without a network."""

from __future__ import annotations

import numpy as np

from denoscope.checkpoints.manifest import write_manifest
from denoscope.runtime.files import write_json
from denoscope.trace import schema
from denoscope.trace.index import index_run
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

LAYERS = {"down.0.attn2": (4, 6), "mid.attn2": (2, 3)}
WORDS = [["kiss", "two swans"], ["kiss", ""], ["", ""]]
STEPS, SIZE, FRAMES, LATENT = 4, (24, 36), 9, 3
HEADS = 2
THROUGHPUT = {
    "samples": 3,
    "samples_made_now": 3,
    "seconds": 1.5,
    "samples_per_second": 2.0,
    "peak_host_bytes": 10**6,
    "peak_device_bytes": 0,
    "device": "cpu",
    "versions": {},
}


def write_run(folder, *, film=False, words=True, keep=("layers", "mean"), first=0):
    """A run of three samples and four steps, the last of them without attention; returns its maps by tensor name."""
    generator = np.random.default_rng(0)
    shard = folder / "trace" / f"{first:06d}"
    partial = Partial(folder / "x.partial", 0)
    grids = {layer: (LATENT, *grid) if film else grid for layer, grid in LAYERS.items()}
    written = {}
    with partial.batch(range(first, first + 3)) as batch:
        for step in range(STEPS):
            arrays = {name: _pictures(generator, film) for name in (schema.STATE_PREVIEWS, schema.X0_PREVIEWS)}
            if step == STEPS - 1:
                arrays.pop(schema.X0_PREVIEWS)
            elif words:
                arrays |= _attention(generator, grids, keep, last=step == STEPS - 2)
            for name, array in arrays.items():
                written.setdefault(name, []).append(array)
            batch.write(step, arrays)
        times = [1.0 - step / STEPS for step in range(STEPS)]
        batch.notes = {"times": times, "forwards": [], "outcome": [{}] * 3, "batch_size": 3}
    rows = [
        {
            "sample": first + n,
            "seed": n,
            "prompt": "two swans (kiss)",
            "words": WORDS[n],
            "tokens": ["two", "swans", "kiss"],
        }
        for n in range(3)
    ]
    about = {"layers": [], "attention_layers": list(LAYERS)}
    if words:
        mean = grids["down.0.attn2"]
        about["words"] = {"columns": 2, "grids": {k: list(v) for k, v in grids.items()}, "mean_grid": list(mean)}
    merge(partial.batches(), rows, shard, about)
    partial.remove()
    write_json(shard / "throughput.json", THROUGHPUT)
    write_manifest(folder, {"source": "fake", "name": "fake"}, "CC0", {})
    run = {"kind": "video" if film else "picture", "time_symbol": "σ", "facts": {}, "layers": {}, "settings": {}}
    index_run([shard], run, folder / "manifest.json", folder)
    return {name: np.stack(parts) for name, parts in written.items()}


def _pictures(generator, film):
    shape = (3, FRAMES, *SIZE, 3) if film else (3, *SIZE, 3)
    return generator.integers(0, 256, shape, dtype=np.uint8)


def _attention(generator, grids, keep, *, last):
    found = {}
    for branch in ("conditional", "unconditional"):
        for layer, grid in grids.items():
            found[schema.record_name(schema.SHARES, layer, branch)] = _shares(generator, 3, 3)
            if "layers" in keep:
                heads = (HEADS,) if layer == "mid.attn2" else ()
                found[schema.record_name(schema.ATTENTION, layer, branch)] = _shares(
                    generator, 3, *heads, np.prod(grid), 3
                )
        if "mean" in keep:
            queries = np.prod(grids["down.0.attn2"])
            found[schema.record_name(schema.ATTENTION_MEAN, "", branch)] = _shares(generator, 3, queries, 3)
            if last:
                found[schema.record_name(schema.ATTENTION_TOTAL, "", branch)] = _shares(generator, 3, queries, 3)
    return found


def _shares(generator, *shape):
    return (0.1 * generator.random(shape)).astype(np.float16)
