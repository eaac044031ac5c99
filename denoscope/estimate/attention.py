"""Shapes and sizes of recorded attention, as functions of the layers' shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Protocol

from denoscope.estimate.limits import CHUNK_VALUES, GROUPS
from denoscope.estimate.stored import Stored
from denoscope.settings.model import AttentionShape, Shape
from denoscope.trace.schema import ATTENTION, ATTENTION_MEAN, ATTENTION_TOTAL, SHARES, record_name

FLOAT32 = 4


class WordsAsked(Protocol):
    """What is asked of words: ``record.attention``."""

    @property
    def heads(self) -> str:
        """``mean`` or ``each``."""

    @property
    def keep(self) -> Sequence[str]:
        """``layers``, ``mean`` or both."""

    def coarse(self, grid: Shape) -> Shape:
        """A layer's grid after down-sampling."""


def map_shape(layer: AttentionShape, keys: int | None, *, each_head: bool, each_query: bool) -> Shape:
    """What is stored of a layer's attention at ``keys`` chosen positions, or at all of them."""
    heads = (layer.heads,) if each_head else ()
    queries = (layer.queries,) if each_query else ()
    return (*heads, *queries, layer.keys if keys is None else keys)


def word_tensors(
    layers: Mapping[str, AttentionShape],
    words: int,
    asked: WordsAsked,
    *,
    steps: tuple[int, ...],
    dtype: str,
    branches: Sequence[str] = ("conditional",),
) -> Iterator[Stored]:
    """The tensors that hold the attention of ``words`` words and of all of a prompt's own tokens.

    Args:
        layers: the layers that are recorded.
        words: the most words that a prompt of the run has.
        asked: what is kept of them.
        steps: that are recorded.
        dtype: stored type.
        branches: passes of guidance that are recorded.
    """
    for branch in branches:
        for name, layer in layers.items():
            yield Stored(record_name(SHARES, name, branch), (GROUPS,), dtype, steps)
            if "layers" in asked.keep:
                heads = (layer.heads,) if asked.heads == "each" else ()
                shape = (*heads, prod(asked.coarse(layer.grid)), words + 1)
                # A map that is stored as it is made is a view of all columns.
                held = prod(heads) * layer.queries * (words + GROUPS) if layer.grid == asked.coarse(layer.grid) else 0
                yield Stored(record_name(ATTENTION, name, branch), shape, dtype, steps, held=held)
        if "mean" in asked.keep and layers:
            finest = max(prod(asked.coarse(layer.grid)) for layer in layers.values())
            yield Stored(record_name(ATTENTION_MEAN, "", branch), (finest, words + 1), dtype, steps)
            yield Stored(record_name(ATTENTION_TOTAL, "", branch), (finest, words + 1), dtype, steps[-1:])


def map_memory(layer: AttentionShape, columns: int, batch: int, *, each_head: bool, each_query: bool) -> int:
    """Bytes, at most, while the tap computes one layer's map of ``columns`` keys in float32.

    Scores of a chunk of queries and what is made of them, then the map in pieces and whole.
    """
    row = batch * layer.heads * columns
    chunk = row * min(layer.queries, max(1, CHUNK_VALUES // row))
    kept = batch * columns * (layer.heads if each_head else 1) * (layer.queries if each_query else 1)
    return 2 * FLOAT32 * (chunk + kept)


def word_memory(layers: Mapping[str, AttentionShape], words: int, asked: WordsAsked, batch: int) -> int:
    """Bytes, at most, of all layers' columns as they are made and, in float32, of what their mean is made of.

    For the mean over layers there are two copies of every map on the finest grid, and that mean's sum over the steps.
    """
    heads = [layer.heads if asked.heads == "each" else 1 for layer in layers.values()]
    queries = [layer.queries for layer in layers.values()]
    made = batch * (words + GROUPS) * sum(map(prod, zip(heads, queries, strict=True))) * FLOAT32
    if "mean" not in asked.keep or not layers:
        return made
    finest = max(prod(asked.coarse(layer.grid)) for layer in layers.values())
    return made + (2 * len(layers) + 2) * batch * finest * (words + 1) * FLOAT32
