"""Measures what a film shows, and where it moves, with nothing learned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoscope.scenes.measuring import Found, find, shape_of
from denoscope.scenes.motion import DIRECTIONS
from denoscope.scenes.scene import Kind

MOVED = 0.06
"""A shorter way is none: the measured centre of a thing that stands still is off by less."""


@dataclass(frozen=True)
class Seen:
    """What a film shows: the thing, and where it moves; ``None`` where it changes or stands still."""

    kind: Kind | None
    direction: str | None


def seen(frames: np.ndarray) -> Seen:
    """Measure a film ``[F, H, W, 3]`` uint8: what is found in two of three frames, and its way through them.

    The shape is that of the median frame: in one of few pixels, it depends on where it lies between them.
    """
    found = [thing for frame in frames if (thing := only(find(frame)))]
    colours = [thing.colour for thing in found]
    colour = max(sorted(set(colours)), key=colours.count, default=None)
    if colour is None or 3 * colours.count(colour) < 2 * len(frames):
        return Seen(None, None)
    things = [thing for thing in found if thing.colour == colour]
    kind = Kind(colour, shape_of(float(np.median([thing.filled for thing in things]))))
    first, last = things[0].centre, things[-1].centre
    return Seen(kind, _direction(last[0] - first[0], last[1] - first[1]))


def only(things: Sequence[Found]) -> Found | None:
    """The largest thing, if all others are its edge: a dark thing fades into the ground through other colours."""
    if not things:
        return None
    first, *others = things
    near = ndimage.binary_dilation(first.mask, iterations=2)
    edges = all((near & other.mask).any() and 2 * other.mask.sum() < first.mask.sum() for other in others)
    return first if edges else None


def _direction(x: float, y: float) -> str | None:
    if math.hypot(x, y) < MOVED:
        return None
    return max(
        DIRECTIONS, key=lambda name: (x * DIRECTIONS[name][0] + y * DIRECTIONS[name][1]) / math.hypot(*DIRECTIONS[name])
    )
