"""Films of one moving shape: what their captions say, and things that move so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from denoscope.scenes.scene import APART, COLOURS, KINDS, SHAPES, Kind, Thing

DIRECTIONS: dict[str, tuple[int, int]] = {
    "up": (0, -1),
    "down": (0, 1),
    "left": (-1, 0),
    "right": (1, 0),
    "up and left": (-1, -1),
    "up and right": (1, -1),
    "down and left": (-1, 1),
    "down and right": (1, 1),
}
"""x to the right, y downwards."""
SIZES = {"small": (0.13, 0.155), "large": (0.19, 0.22)}
"""Half the height of a thing, as a share of the picture's side."""
SPEEDS = {"slowly": (0.18, 0.26), "quickly": (0.36, 0.42)}
"""Way between the first frame and the last, as a share of the picture's side."""
FRAMES, SIDE = 9, 32
"""Frames of a film and their height and width, where nothing else is said."""


@dataclass(frozen=True)
class Motion:
    """A thing of a size that moves in a direction at a speed."""

    kind: Kind
    direction: str
    size: str
    speed: str

    def __str__(self) -> str:
        return f"a {self.size} {self.kind} moving {self.direction} {self.speed}"


def all_motions() -> list[Motion]:
    """Every caption of a film there is, in order."""
    return [Motion(*parts) for parts in product(KINDS, DIRECTIONS, SIZES, SPEEDS)]


def read_motion(text: str) -> Motion:
    """The caption that a text is.

    Raises:
        ValueError: it is none; the message gives an example.
    """
    known = _motions_by_text()
    if text not in known:
        raise ValueError(
            f"{text!r} is no caption of motion, such as 'a large red circle moving up and left quickly'; "
            f"sizes: {', '.join(SIZES)}; colours: {', '.join(COLOURS)}; shapes: {', '.join(SHAPES)}; "
            f"directions: {', '.join(DIRECTIONS)}; speeds: {', '.join(SPEEDS)}"
        )
    return known[text]


@cache
def _motions_by_text() -> dict[str, Motion]:
    return {str(motion): motion for motion in all_motions()}


def split_motions(holdout: int, seed: int) -> tuple[list[Motion], list[Motion]]:
    """Captions to train on, and ``holdout`` others."""
    known = all_motions()
    order = np.random.default_rng(seed).permutation(len(known))
    return [known[i] for i in sorted(order[holdout:].tolist())], [known[i] for i in sorted(order[:holdout].tolist())]


def path(motion: Motion, frames: int, generator: np.random.Generator) -> list[Thing]:
    """The thing in every frame, at an even speed and always whole."""
    dx, dy = DIRECTIONS[motion.direction]
    radius, way = generator.uniform(*SIZES[motion.size]), generator.uniform(*SPEEDS[motion.speed])
    step = np.array([dx, dy]) * way / math.hypot(dx, dy)
    low, high = radius + APART - np.minimum(step, 0), 1 - radius - APART - np.maximum(step, 0)
    start = generator.uniform(low, high)
    places = start + np.linspace(0, 1, frames)[:, None] * step
    return [Thing(motion.kind, float(x), float(y), float(radius)) for x, y in places]
