"""Rules that make one map of a word from its maps of all layers, heads and steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

PARTS = 4
"""Windows begin and end at quarters of the recorded steps."""


@dataclass(frozen=True)
class Rule:
    """Which maps are averaged.

    ``name`` is ``step`` (a layer or head at one step), ``window`` (a layer or head over several steps), ``last`` (all
    layers at the last step) or ``all`` (all layers and steps, as DAAM does: Tang et al. 2022, arXiv:2210.04885).
    ``layer`` and ``head`` are None where all are averaged; ``first`` and ``last`` are numbers of steps, both included.
    """

    name: str
    layer: str | None
    head: int | None
    first: int
    last: int


def aggregated(layers: Mapping[str, np.ndarray], steps: Sequence[int]) -> Iterator[tuple[Rule, np.ndarray]]:
    """Every rule and its map ``[…]``.

    Args:
        layers: maps of each layer, ``[step, heads, …]``; heads that were averaged are one.
        steps: their numbers.
    """
    means = {layer: maps.mean(axis=1) for layer, maps in layers.items()}
    overall = np.mean(list(means.values()), axis=0)
    every: dict[tuple[str | None, int | None], np.ndarray] = {(layer, None): mean for layer, mean in means.items()}
    every |= {(layer, head): maps[:, head] for layer, maps in layers.items() for head in _heads(maps)}
    every[None, None] = overall
    for (layer, head), maps in every.items():
        for place, step in enumerate(steps):
            yield Rule("step", layer, head, step, step), maps[place]
        for first, past in windows(len(steps)):
            yield Rule("window", layer, head, steps[first], steps[past - 1]), maps[first:past].mean(axis=0)
    yield Rule("last", None, None, steps[-1], steps[-1]), overall[-1]
    yield Rule("all", None, None, steps[0], steps[-1]), overall.mean(axis=0)


def _heads(maps: np.ndarray) -> range:
    """Heads that were kept apart."""
    return range(maps.shape[1] if maps.shape[1] > 1 else 0)


def windows(count: int) -> list[tuple[int, int]]:
    """First and past-the-last place of every window of more than one step."""
    ends = sorted({round(part * count / PARTS) for part in range(PARTS + 1)})
    return [(first, past) for first, past in combinations(ends, 2) if past - first > 1]
