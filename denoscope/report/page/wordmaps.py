"""Attention of words, for the page: maps as bytes with their units, and the shares of the kinds of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.prompts import pieces
from denoscope.report.page.rows import by_sample, fitting, rows
from denoscope.run import Run
from denoscope.trace.reader import TraceArray
from denoscope.trace.schema import ATTENTION, ATTENTION_MEAN
from denoscope.trace.words import WordMaps

MEAN_BYTES = 8_000_000
"""Of every run, the mean over the layers is in the page of as many samples as fit, not packed."""
LAYER_BYTES = 24_000_000
"""The same for the maps of all single layers."""
SCALE_BYTES = 4


def word_maps(run: Run, players: int, blocks: Blocks) -> dict[str, Any] | None:
    """Describe the maps of the first samples' words and put them into ``blocks``; None where none were recorded."""
    if "words" not in run.shards[0].info:
        return None
    maps, means = run.words, [ATTENTION_MEAN] if ATTENTION_MEAN in run.tensors else []
    told = [_told(run, sample) for sample in range(players)]
    distinct = list(dict.fromkeys(told))
    names = [ATTENTION + layer for layer in maps.layers]
    return {
        "steps": list(maps.steps),
        "prompts": [{"words": list(words), "pieces": pieces(prompt, words)} for prompt, words in distinct],
        "of": [distinct.index(one) for one in told],
        "sources": [
            *_sources(run, maps, means, fitting_samples(run, means, players, MEAN_BYTES), blocks, Rank.DETAIL),
            *_sources(run, maps, names, fitting_samples(run, names, players, LAYER_BYTES), blocks, Rank.LARGE),
        ],
        "shares": _shares(run, maps, players, blocks),
    }


def fitting_samples(run: Run, names: Sequence[str], players: int, budget: int) -> int:
    """How many of ``players`` have all maps of the tensors ``names`` within ``budget`` bytes."""
    return fitting(players, sum(map(_row_bytes, map(run.tensor, names))), budget) if names else 0


def quantised(row: np.ndarray) -> np.ndarray:
    """One sample's maps ``[step, (head,) query, column]`` as bytes.

    First stands, as float32, the largest value of each column, head and step. Then, of the last column, its queries in
    units of 1/65535 of that: others are divided by these where they are small, too. Then those of the others, in 1/255.
    """
    heads = row if row.ndim == 4 else row[:, None]
    columns = heads.astype(np.float32).transpose(3, 1, 0, 2)
    largest = columns.max(axis=-1, keepdims=True)
    parts = np.divide(columns, largest, out=np.zeros_like(columns), where=largest > 0)
    own, words = (parts[-1] * 65535).round(), (parts[:-1] * 255).round()
    content = (largest.astype("<f4"), own.astype("<u2"), words.astype(np.uint8))
    return np.frombuffer(b"".join(part.tobytes() for part in content), np.uint8)


def _sources(
    run: Run, maps: WordMaps, names: Sequence[str], samples: int, blocks: Blocks, rank: Rank
) -> Iterator[dict[str, Any]]:
    for name in names:
        layer = name.removeprefix(ATTENTION) if name != ATTENTION_MEAN else None
        array, grid = run.tensor(name), maps.grid(layer)
        yield {
            "name": layer or "",
            "grid": [1, *grid] if len(grid) == 2 else list(grid),
            "heads": array.shape[2] if len(array.shape) == 5 else 1,
            "rows": rows(map(quantised, by_sample(array, samples)), blocks, rank),
        }


def _row_bytes(array: TraceArray) -> int:
    """Bytes of a sample's row of ``quantised``."""
    steps, _, *heads, queries, columns = array.shape
    return steps * prod(heads) * (columns * (queries + SCALE_BYTES) + queries)  # the last column takes two bytes


def _told(run: Run, sample: int) -> tuple[str, tuple[str, ...]]:
    """A sample's prompt and its words."""
    return str(run.samples["prompt"].iloc[sample]), run.words.names(sample)


def _shares(run: Run, maps: WordMaps, players: int, blocks: Blocks) -> dict[str, Any]:
    """Of every sample the shares of own, special and padding tokens by layer and step, in units of 1/65535."""
    layers = list(run.shards[0].info["words"]["grids"])
    found = np.stack([maps.shares(layer)[:, :players] for layer in layers]).transpose(2, 0, 1, 3)
    units = (found.clip(0, 1) * 65535).round().astype("<u2")
    return {"layers": layers, "rows": rows(units, blocks)}
