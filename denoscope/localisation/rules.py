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

    ``name`` is ``step`` (at one step), ``window`` (over several steps), ``last`` (all layers at the last step) or
    ``all`` (all layers and steps, as DAAM does: Tang et al. 2022, arXiv:2210.04885). ``layer`` is None where several
    are averaged: those whose maps have ``grid``, as Chefer et al. 2023 do (arXiv:2301.13826), or all where that is
    None, too. ``head`` is None where all are averaged. ``first`` and ``last`` are numbers of steps, both included.
    ``renormalised`` maps are shares of what the prompt's own tokens get, others of what all do.
    """

    name: str
    layer: str | None
    head: int | None
    grid: str | None
    first: int
    last: int
    renormalised: bool


def aggregated(
    layers: Mapping[str, np.ndarray], steps: Sequence[int], grids: Mapping[str, str], *, renormalised: bool
) -> Iterator[tuple[Rule, np.ndarray]]:
    """Every rule and its map ``[…]``.

    Args:
        layers: maps of each layer, ``[step, heads, …]``; heads that were averaged are one.
        steps: their numbers.
        grids: the grid that each layer's maps had, such as ``16×16``.
        renormalised: what the rules are to say of the maps.
    """
    for (layer, head, grid), maps in _series(layers, grids).items():
        for place, step in enumerate(steps):
            yield Rule("step", layer, head, grid, step, step, renormalised), maps[place]
        for first, past in windows(len(steps)):
            window = Rule("window", layer, head, grid, steps[first], steps[past - 1], renormalised)
            yield window, maps[first:past].mean(axis=0)
    overall = np.mean([maps.mean(axis=1) for maps in layers.values()], axis=0)
    yield Rule("last", None, None, None, steps[-1], steps[-1], renormalised), overall[-1]
    yield Rule("all", None, None, None, steps[0], steps[-1], renormalised), overall.mean(axis=0)


def _series(
    layers: Mapping[str, np.ndarray], grids: Mapping[str, str]
) -> dict[tuple[str | None, int | None, str | None], np.ndarray]:
    """Maps of every step ``[step, …]`` by layer, head and grid: of each layer and head, and means over layers."""
    means = {layer: maps.mean(axis=1) for layer, maps in layers.items()}
    found: dict[tuple[str | None, int | None, str | None], np.ndarray] = {
        (layer, None, grids[layer]): mean for layer, mean in means.items()
    }
    found |= {(layer, head, grids[layer]): maps[:, head] for layer, maps in layers.items() for head in _heads(maps)}
    for grid in dict.fromkeys(grids[layer] for layer in layers):
        alike = [mean for layer, mean in means.items() if grids[layer] == grid]
        # The mean of one layer, or of all of them, is there already.
        if 1 < len(alike) < len(layers):
            found[None, None, grid] = np.mean(alike, axis=0)
    found[None, None, None] = np.mean(list(means.values()), axis=0)
    return found


def _heads(maps: np.ndarray) -> range:
    """Heads that were kept apart."""
    return range(maps.shape[1] if maps.shape[1] > 1 else 0)


def windows(count: int) -> list[tuple[int, int]]:
    """First and past-the-last place of every window of more than one step."""
    ends = sorted({round(part * count / PARTS) for part in range(PARTS + 1)})
    return [(first, past) for first, past in combinations(ends, 2) if past - first > 1]
