"""What tokens attended to, for the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.rows import fitting, rows
from denoscope.run import Run
from denoscope.trace.reader import TraceArray

ATTENTION_BYTES = 8_000_000
"""Of every run, the attention of as many samples is in the page as fit, not packed."""


def attention(run: Run, players: int, blocks: Blocks) -> dict[str, Any] | None:
    """Keep ``[layer, step, query, key]``, averaged over heads: bytes in units of 1/255 of the largest of each query.

    A record that is averaged over queries has one, which stands for all. ``keys`` are positions of the network's input,
    which begins ``offset`` positions before the text, or before what the network saw of it. None where nothing was
    recorded, or where queries are no positions of the text, as those of a model that writes on a canvas of its own.
    """
    if not run.attention_layers:
        return None
    asked = run.info["settings"]["record"]["attention"]
    arrays = [run.attention(layer) for layer in run.attention_layers]
    each = asked["queries"] == "each"
    queries, keys = arrays[0].shape[-2] if each else 1, arrays[0].shape[-1]
    steps = arrays[0].steps
    if each and queries != windows(run)["size"]:
        return None
    samples = fitting(players, len(arrays) * len(steps) * queries * (keys + 2), ATTENTION_BYTES)
    shares = np.stack([_matrices(array, samples, asked) for array in arrays], axis=1)
    largest = shares.max(axis=-1, keepdims=True)
    units = np.divide(shares, largest, out=np.zeros_like(shares), where=largest > 0) * 255
    return {
        "layers": list(run.attention_layers),
        "steps": list(steps),
        "queries": queries,
        "each": each,
        "keys": list(asked["keys"] or range(keys)),
        "offset": run.shards[0].info["states"]["offset"],
        "largest": rows((largest[..., 0] * 65535).round().astype("<u2"), blocks, Rank.LARGE),
        "shares": rows(units.round().astype(np.uint8), blocks, Rank.LARGE),
    }


def _matrices(array: TraceArray, samples: int, asked: dict[str, Any]) -> np.ndarray:
    """Attention ``[sample, step, query, key]``, float32."""
    found = array[:, :samples]
    if asked["heads"] == "each":
        found = found.mean(axis=2, dtype=np.float32)
    found = found.reshape(*found.shape[:2], -1, found.shape[-1])
    return found.swapaxes(0, 1).astype(np.float32)


def windows(run: Run) -> dict[str, Any]:
    """How much of a text the network saw at each step and from where: a long one is written window after window."""
    sampler, steps = run.info["settings"]["sampler"], range(len(run.times) - 1)
    starts = [0 for _ in steps]
    if stride := sampler.get("stride"):
        once = int(sampler["steps"]) + int(sampler["noise_removal"])
        starts = [stride * (step // once) for step in steps]
    return {"starts": starts, "size": run.states.shape[2] - max(starts)}
