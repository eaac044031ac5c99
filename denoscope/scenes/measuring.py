"""Finds shapes and their colours in a picture, with nothing learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoscope.scenes.scene import COLOURS, Caption, Kind, lies

LEAST = 0.012
"""Smaller patches of a colour, as shares of the picture, are no thing: the smallest triangle has 0.029."""
FAR = 90.0
"""Further than this from every colour, in 8-bit RGB, a pixel belongs to none."""
SQUARE, CIRCLE = 0.87, 0.69
"""A square fills its box, a circle π/4 = 0.79 of it, a triangle half: shapes are told apart at these shares.

They lie nearer to the circle than to the others, since what blurs a small shape leaves a circle one, but takes the
corners of a square and the tip of a triangle, and with the tip the height of its box.
"""


@dataclass(frozen=True)
class Found:
    """A thing in a picture: where it is, ``[H, W]`` bool, and its box.

    Args:
        colour: the nearest one.
        mask: its pixels.
        centre: of its box, ``(x, y)`` in shares of the picture.
        filled: share of its box that it fills.
    """

    colour: str
    mask: np.ndarray
    centre: tuple[float, float]
    filled: float

    @property
    def kind(self) -> Kind:
        """Its colour, and the shape that fills as much of its box."""
        return Kind(self.colour, shape_of(self.filled))


def find(picture: np.ndarray) -> list[Found]:
    """All things in a picture ``[H, W, 3]`` uint8, the largest first."""
    names, nearest = list(COLOURS), _nearest(picture)
    found = []
    for index, colour in enumerate(names):
        labels, count = ndimage.label(nearest == index)
        for number in range(1, count + 1):
            mask = labels == number
            if mask.mean() >= LEAST:
                found.append(_found(colour, mask))
    return sorted(found, key=lambda thing: -int(thing.mask.sum()))


def word_mask(word: str, found: list[Found]) -> np.ndarray | None:
    """Where the things lie that a shape, a colour or both name: ``[H, W]`` bool; None where there are none."""
    named = [thing.mask for thing in found if word in (thing.kind.shape, thing.kind.colour, str(thing.kind))]
    return np.logical_or.reduce(named) if named else None


def shows(found: list[Found], caption: Caption) -> bool:
    """Whether exactly the caption's things were found, in whatever places."""
    return sorted(thing.kind for thing in found) == sorted(caption.kinds)


def agrees(found: list[Found], caption: Caption) -> bool:
    """Whether the caption is true: its things, and the first where it says, seen from the second."""
    if not shows(found, caption):
        return False
    if caption.relation is None:
        return True
    centres = {thing.kind: thing.centre for thing in found}
    return lies(centres[caption.kinds[0]], centres[caption.kinds[1]], caption.relation)


def _nearest(picture: np.ndarray) -> np.ndarray:
    """For every pixel the number of the nearest colour, or −1 where the ground or nothing is nearer."""
    pixels = picture.astype(np.float32)
    palette = np.array([*COLOURS.values(), (245, 245, 245)], dtype=np.float32)
    gaps = np.linalg.norm(pixels[:, :, None] - palette, axis=-1)
    nearest = gaps.argmin(axis=-1)
    return np.where((nearest == len(COLOURS)) | (gaps.min(axis=-1) > FAR), -1, nearest)


def shape_of(filled: float) -> str:
    """The shape that fills such a share of its box."""
    return "square" if filled > SQUARE else "circle" if filled > CIRCLE else "triangle"


def _found(colour: str, mask: np.ndarray) -> Found:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    middle = float(columns[0] + columns[-1] + 1) / 2, float(rows[0] + rows[-1] + 1) / 2
    return Found(colour, mask, (middle[0] / mask.shape[1], middle[1] / mask.shape[0]), float(mask.sum() / box))
