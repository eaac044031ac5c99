"""Scores every rule on the words of a run whose pictures or films can be measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from denoscope.localisation.pointing import overlap, points_at
from denoscope.localisation.rules import Rule, aggregated
from denoscope.localisation.truth import things_in, word_masks
from denoscope.run import Run
from denoscope.scenes.measuring import Found
from denoscope.scenes.scene import word_kind
from denoscope.trace.words import WordMaps

BEST = "best"
KINDS = ("shape", "colour")
COLUMNS = {
    "rule": object,
    "layer": object,
    "head": float,
    "grid": object,
    "renormalised": bool,
    "first": int,
    "last": int,
    "kind": object,
    "count": int,
    "pointing": float,
    "overlap": float,
    "chance": float,
}
"""Columns of the table and their types, which must not depend on what was scored."""


@dataclass(frozen=True)
class Scored:
    """A word that stands for something in a sample, and how well every rule finds it.

    ``points`` is of a film the share of the frames with the object in which a rule points at it, ``area`` the object's
    share of these frames.
    """

    sample: int
    kind: str
    points: np.ndarray
    overlaps: np.ndarray
    area: float


def score_table(run: Run) -> pd.DataFrame:
    """How well each rule's maps find the objects that words name.

    Returns:
        ``rule, layer, head, grid, renormalised, first, last, kind, count, pointing, overlap, chance``: for shape words
        and colour words the share of maps that point at their object, the mean intersection over union, and the share
        of pointing that a map without content would have; each rule of shares of all tokens, and of
        ``renormalised`` shares of the prompt's own. A ``best`` row is the ``window`` (where a single step was recorded:
        the ``step``) that points best at shape words in even samples, and of equals overlaps most; all that it says is
        of odd samples, on which it was not chosen. Where no word stands for anything that is there, the table has its
        columns and no rows.
    """
    rules, found = _scored(run)
    rows = [_row(rule, index, kind, found) for index, rule in enumerate(rules) for kind in KINDS]
    return pd.DataFrame([*rows, *_best(rules, found)], columns=list(COLUMNS)).astype(COLUMNS)


def _scored(run: Run) -> tuple[list[Rule], list[Scored]]:
    rules: list[Rule] = []
    found = []
    for sample in range(len(run.samples)):
        made = run.previews[-1, sample]
        things = things_in(made)
        for word, kind, masks in _objects(run.words.names(sample), things, made.shape[-3:-1]):
            made_by, points, overlaps = zip(*_measured(run.words, sample, word, masks), strict=True)
            rules = rules or list(made_by)
            area = float(masks[masks.any(axis=(1, 2))].mean())
            found.append(Scored(sample, kind, np.stack(points), np.stack(overlaps), area))
    return rules, found


def _objects(
    words: tuple[str, ...], things: list[list[Found]], size: tuple[int, int]
) -> Iterator[tuple[str, str, np.ndarray]]:
    """The words that name something in the sample, and where it is in every frame."""
    for word in words:
        kind, masks = word_kind(word), word_masks(word, things, size)
        if kind and masks is not None:
            yield word, kind, masks


def _measured(
    words: WordMaps, sample: int, word: str, masks: np.ndarray
) -> Iterator[tuple[Rule, np.floating, np.floating]]:
    """Every rule, how often its maps point at ``masks [F, H, W]``, and how far they overlap."""
    there = np.flatnonzero(masks.any(axis=(1, 2)))
    for renormalised in (False, True):
        layers = {layer: _maps(words, sample, word, layer, renormalised=renormalised) for layer in words.layers}
        for rules, maps in aggregated(layers, words.steps, masks.shape, renormalised=renormalised):
            points = np.mean([points_at(maps[:, frame], masks[frame]) for frame in there], axis=0)
            yield from zip(rules, points, overlap(maps, masks), strict=True)


def _maps(words: WordMaps, sample: int, word: str, layer: str, *, renormalised: bool) -> np.ndarray:
    """A word's maps in a layer, ``[step, head, *grid]``."""
    heads = words.heads(layer)
    chosen = range(heads) if heads else (None,)
    return np.stack([words.maps(sample, word, layer, head=head, renormalised=renormalised) for head in chosen], axis=1)


def _row(rule: Rule, index: int, kind: str, found: list[Scored]) -> dict[str, object]:
    here = [item for item in found if item.kind == kind]
    return {
        "rule": rule.name,
        **{key: value for key, value in asdict(rule).items() if key != "name"},
        "kind": kind,
        "count": len(here),
        "pointing": _mean([item.points[index] for item in here]),
        "overlap": _mean([item.overlaps[index] for item in here]),
        "chance": _mean([item.area for item in here]),
    }


def _best(rules: list[Rule], found: list[Scored]) -> list[dict[str, object]]:
    choosing = [item for item in found if item.sample % 2 == 0 and item.kind == "shape"]
    # A single recorded step has no windows.
    windows, steps = ([index for index, rule in enumerate(rules) if rule.name == name] for name in ("window", "step"))
    candidates = windows or steps
    if not choosing or not candidates:
        return []
    points, overlaps = (
        np.mean([getattr(item, measure)[candidates] for item in choosing], axis=0) for measure in ("points", "overlaps")
    )
    chosen = candidates[max(range(len(candidates)), key=lambda place: (points[place], overlaps[place]))]
    others = [item for item in found if item.sample % 2]
    return [{**_row(rules[chosen], chosen, kind, others), "rule": BEST} for kind in KINDS]


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
