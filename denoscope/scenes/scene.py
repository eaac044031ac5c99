"""What a picture of shapes is to show, and the caption that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

SHAPES = ("circle", "square", "triangle")
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 40, 40),
    "green": (30, 150, 70),
    "blue": (35, 80, 205),
    "yellow": (245, 200, 20),
    "purple": (140, 60, 170),
    "black": (25, 25, 30),
}
RELATIONS: dict[str, tuple[int, int]] = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
"""Where the first of two things lies seen from the second: x to the right, y downwards."""
RADII = (0.12, 0.19)
"""Half the height of a thing, as a share of the picture's side."""
APART = 0.05
"""Least gap between two things, and between a thing and the edge."""


@dataclass(frozen=True, order=True)
class Kind:
    """A shape of a colour."""

    colour: str
    shape: str

    def __str__(self) -> str:
        return f"{self.colour} {self.shape}"


KINDS = tuple(Kind(colour, shape) for colour in COLOURS for shape in SHAPES)


@dataclass(frozen=True)
class Thing:
    """A shape in a picture: its centre and half its height, as shares of the picture's side."""

    kind: Kind
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Caption:
    """One thing, or two and where the first lies seen from the second."""

    kinds: tuple[Kind, ...]
    relation: str | None = None

    def __str__(self) -> str:
        first, *rest = (f"a {kind}" for kind in self.kinds)
        return f"{first} {self.relation} {rest[0]}" if rest else first


def all_captions() -> list[Caption]:
    """Every caption there is, in order: one thing, or two different ones in every relation."""
    single = [Caption((kind,)) for kind in KINDS]
    return single + [Caption((a, b), relation) for a, b in product(KINDS, KINDS) if a != b for relation in RELATIONS]


def read_caption(text: str) -> Caption:
    """The caption that a text is.

    Raises:
        ValueError: it is none; the message gives an example.
    """
    known = _captions_by_text()
    if text not in known:
        raise ValueError(
            f"{text!r} is no caption of scenes, such as 'a red circle' or 'a red circle left of a blue square'; "
            f"colours: {', '.join(COLOURS)}; shapes: {', '.join(SHAPES)}; relations: {', '.join(RELATIONS)}; "
            "no thing stands in it twice"
        )
    return known[text]


def word_kind(word: str) -> str | None:
    """Whether a word names a ``shape`` (alone or with its colour) or a ``colour``; None where it names neither."""
    if word in SHAPES or any(word == str(kind) for kind in KINDS):
        return "shape"
    return "colour" if word in COLOURS else None


@cache
def _captions_by_text() -> dict[str, Caption]:
    return {str(caption): caption for caption in all_captions()}


def split_captions(holdout: int, seed: int) -> tuple[list[Caption], list[Caption]]:
    """Captions to train on, and ``holdout`` others: single things are always trained on."""
    known = all_captions()
    single, pairs = [c for c in known if c.relation is None], [c for c in known if c.relation]
    order = np.random.default_rng(seed).permutation(len(pairs))
    apart = sorted(order[:holdout].tolist())
    return single + [pairs[i] for i in sorted(order[holdout:].tolist())], [pairs[i] for i in apart]


def arranged(caption: Caption, generator: np.random.Generator) -> list[Thing]:
    """Things that a caption is true of, anywhere in the picture.

    Two things lie apart along the relation's axis, and further apart there than across it.
    """
    while True:
        radii = generator.uniform(*RADII, len(caption.kinds))
        places = [generator.uniform(radius + APART, 1 - radius - APART, 2) for radius in radii]
        things = [
            Thing(kind, float(x), float(y), float(radius))
            for kind, (x, y), radius in zip(caption.kinds, places, radii, strict=True)
        ]
        if caption.relation is None or holds(things[0], things[1], caption.relation):
            return things


def holds(first: Thing, second: Thing, relation: str) -> bool:
    """Whether the first thing lies as ``relation`` says, seen from the second, with a gap between them."""
    along, across = _offsets(first, second, relation)
    return along >= first.radius + second.radius + APART and along > abs(across) + APART


def lies(first: tuple[float, float], second: tuple[float, float], relation: str) -> bool:
    """Whether a centre ``(x, y)`` lies rather in that direction from another than across it."""
    dx, dy = RELATIONS[relation]
    x, y = first[0] - second[0], first[1] - second[1]
    return x * dx + y * dy > abs(x * dy + y * dx)


def _offsets(first: Thing, second: Thing, relation: str) -> tuple[float, float]:
    dx, dy = RELATIONS[relation]
    x, y = first.x - second.x, first.y - second.y
    return x * dx + y * dy, x * dy + y * dx


def vocabulary(captions: Sequence[Caption]) -> list[str]:
    """The words of captions, sorted."""
    return sorted({word for caption in captions for word in str(caption).split()})
