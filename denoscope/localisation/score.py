"""Scores every rule on the words of a run whose pictures can be measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from denoscope.localisation.pointing import overlap, points_at, upsampled
from denoscope.localisation.rules import Rule, aggregated
from denoscope.run import Run
from denoscope.scenes.measuring import Found, agrees, find, shows, word_mask
from denoscope.scenes.scene import read_caption, word_kind
from denoscope.trace.words import WordMaps

BEST = "best"
KINDS = ("shape", "colour")


@dataclass(frozen=True)
class Scored:
    """A word that stands for something in a sample's picture, and how well every rule finds it."""

    sample: int
    kind: str
    points: np.ndarray
    overlaps: np.ndarray
    area: float


def truth_table(run: Run) -> pd.DataFrame:
    """What each picture of a run of scenes shows: ``sample, prompt, things, objects, relation``.

    ``objects`` says whether exactly the caption's things are there, ``relation`` whether they also lie as it says.
    """
    rows = []
    for sample, prompt in enumerate(run.samples["prompt"]):
        found, caption = find(run.previews[-1, sample]), read_caption(prompt)
        rows.append(
            {
                "sample": sample,
                "prompt": prompt,
                "things": [str(thing.kind) for thing in found],
                "objects": shows(found, caption),
                "relation": agrees(found, caption),
            }
        )
    return pd.DataFrame(rows)


def score_table(run: Run) -> pd.DataFrame:
    """How well each rule's maps find the objects that words name.

    Returns:
        ``rule, layer, head, first, last, kind, count, pointing, overlap, chance``: for shape words and colour words
        the share of maps that point at their object, the mean intersection over union, and the share of pointing that
        a map without content would have. A ``best`` row is the ``window`` that points best at shape words in even
        samples, and of equals overlaps most; all that it says is of odd samples, on which it was not chosen.
    """
    rules, found = _scored(run)
    rows = [_row(rule, index, kind, found) for index, rule in enumerate(rules) for kind in KINDS]
    return pd.DataFrame([*rows, *_best(rules, found)])


def _scored(run: Run) -> tuple[list[Rule], list[Scored]]:
    rules: list[Rule] = []
    found = []
    for sample in range(len(run.samples)):
        picture = run.previews[-1, sample]
        things = find(picture)
        for word, kind, mask in _objects(run.words.names(sample), things):
            made = list(aggregated(_maps(run.words, sample, word, picture.shape[:2]), run.words.steps))
            rules = rules or [rule for rule, _ in made]
            maps = np.stack([a_map for _, a_map in made])
            found.append(Scored(sample, kind, points_at(maps, mask), overlap(maps, mask), float(mask.mean())))
    return rules, found


def _objects(words: tuple[str, ...], things: list[Found]) -> Iterator[tuple[str, str, np.ndarray]]:
    """The words that name something in the picture, and where it is."""
    for word in words:
        kind, mask = word_kind(word), word_mask(word, things)
        if kind and mask is not None:
            yield word, kind, mask


def _maps(words: WordMaps, sample: int, word: str, size: tuple[int, int]) -> dict[str, np.ndarray]:
    found = {}
    for layer in words.layers:
        heads = words.heads(layer)
        parts = [words.maps(sample, word, layer, head=head) for head in (range(heads) if heads else (None,))]
        found[layer] = upsampled(np.stack(parts, axis=1), size)
    return found


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
    candidates = [index for index, rule in enumerate(rules) if rule.name == "window"]
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
