"""Rules that make one map of a word from its maps of all layers, heads and steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from denoscope.localisation.pointing import upsampled_film

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
    layers: Mapping[str, np.ndarray], steps: Sequence[int], size: tuple[int, int, int], *, renormalised: bool
) -> Iterator[tuple[list[Rule], np.ndarray]]:
    """Every rule, some at a time, and their maps ``[rule, *size]``.

    Args:
        layers: maps of each layer, ``[step, head, *grid]`` of pictures or films; heads that were averaged are one.
        steps: their numbers.
        size: frames, height and width to which maps are resized.
        renormalised: what the rules are to say of the maps.
    """
    spans = [(step, step) for step in steps]
    spans += [(steps[first], steps[past - 1]) for first, past in windows(len(steps))]
    # Means and resizing are linear, so steps are averaged while the maps are small.
    weights = _averaging(spans, steps)
    averaged = {layer: np.tensordot(weights, maps, 1) for layer, maps in layers.items()}
    for chosen, maps in _series(averaged, size):
        yield [Rule(_name(*span), *chosen, *span, renormalised) for span in spans], maps
    # What came last is the mean of all layers.
    for name, first in (("last", steps[-1]), ("all", steps[0])):
        whole = spans.index((first, steps[-1]))
        yield [Rule(name, None, None, None, *spans[whole], renormalised)], maps[[whole]]


def _name(first: int, last: int) -> str:
    return "step" if first == last else "window"


def _averaging(spans: Sequence[tuple[int, int]], steps: Sequence[int]) -> np.ndarray:
    """Matrix ``[span, step]`` that averages each span's steps, of which the first and the last are given."""
    inside = np.array([[first <= step <= last for step in steps] for first, last in spans], dtype=np.float32)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))


def _series(
    layers: Mapping[str, np.ndarray], size: tuple[int, int, int]
) -> Iterator[tuple[tuple[str | None, int | None, str | None], np.ndarray]]:
    """Layer, head and grid, and their maps ``[span, *size]``: each layer, its heads, each grid, and at last all."""
    alike: dict[str, list[np.ndarray]] = {}
    for layer, maps in layers.items():
        grid = "×".join(map(str, maps.shape[2:]))
        # A picture is a film of one frame.
        resized = upsampled_film(maps if maps.ndim == 5 else maps[:, :, None], size)
        alike.setdefault(grid, []).append(resized.mean(axis=1))
        yield (layer, None, grid), alike[grid][-1]
        for head in range(maps.shape[1] if maps.shape[1] > 1 else 0):
            yield (layer, head, grid), resized[:, head]
    for grid, means in alike.items():
        # The mean of one layer, or of all of them, is not made twice.
        if 1 < len(means) < len(layers):
            yield (None, None, grid), np.mean(means, axis=0)
    yield (None, None, None), np.mean([mean for means in alike.values() for mean in means], axis=0)


def windows(count: int) -> list[tuple[int, int]]:
    """First and past-the-last place of every window of more than one step."""
    ends = sorted({round(part * count / PARTS) for part in range(PARTS + 1)})
    return [(first, past) for first, past in combinations(ends, 2) if past - first > 1]
