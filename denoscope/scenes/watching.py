"""Measures what a film shows, and where it moves, with nothing learned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoscope.scenes.measuring import Found, find
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
    """Measure a film ``[F, H, W, 3]`` uint8: what is found in most frames, and its way from the first to the last."""
    found = [thing for frame in frames if (thing := only(find(frame)))]
    if 2 * len(found) <= len(frames):
        return Seen(None, None)
    kinds = [thing.kind for thing in found]
    kind = max(sorted(set(kinds)), key=kinds.count)
    if 3 * kinds.count(kind) < 2 * len(frames):
        return Seen(None, None)
    centres = [thing.centre for thing in found if thing.kind == kind]
    return Seen(kind, _direction(centres[-1][0] - centres[0][0], centres[-1][1] - centres[0][1]))


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
