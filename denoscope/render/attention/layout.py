"""Where the parts of a frame stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from denoscope.render.attention.look import Look
from denoscope.render.text import font

PICTURE = 512
"""Pixels of the longer side of a picture, if nothing else is asked for."""
LEAST = 64
"""Pixels of the shorter side of a picture, at least."""
SMALLEST, LETTERS, PART = 11, 6, 1 / 80
"""Size of letters: at least so many pixels; so many more than a part of a frame's longer side."""


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels."""

    top: int
    left: int
    height: int
    width: int

    @property
    def rows(self) -> slice:
        """Its rows of a canvas."""
        return slice(self.top, self.top + self.height)

    @property
    def columns(self) -> slice:
        """Its columns of a canvas."""
        return slice(self.left, self.left + self.width)


@dataclass(frozen=True)
class Layout:
    """Parts of a frame.

    Args:
        letters: pixels of the letters.
        height: of the frame, even.
        width: of the frame, even.
        picture: where the map is.
        bar: where the colours of the scale are; numbers and unit stand right of it.
        numbers: pixels of the widest number of the scale.
    """

    letters: int
    height: int
    width: int
    picture: Box
    bar: Box
    numbers: int

    @property
    def line(self) -> int:
        """Height of a line of text."""
        return _line(self.letters)

    @property
    def gap(self) -> int:
        """Empty pixels above and below the picture: half of the scale's first and last number stand there."""
        return _gap(self.letters)

    @property
    def room(self) -> int:
        """Width of a line of text, which begins where the picture does."""
        return self.width - self.picture.left - self.letters


def lay_out(look: Look, shape: tuple[int, int], numbers: Sequence[str]) -> Layout:
    """Place a picture of ``shape`` (height, width), the ``numbers`` of its scale, and the lines.

    Raises:
        ValueError: the frame leaves no room for the picture; the message says how large it must be.
    """
    height, width = shape
    factor = max(1, PICTURE // max(shape))
    longest = max(look.size) if look.size else factor * max(shape)
    letters = max(SMALLEST, round(LETTERS + longest * PART))
    widest = max(math.ceil(font(letters - 1).getlength(text)) for text in numbers)
    above = letters // 2 + 2 * _line(letters) + _gap(letters)
    below = _gap(letters) + (_line(letters) + letters // 2 if look.timestamp else letters // 2)
    side = 2 * letters + (_bar(letters, widest) if look.colorbar else 0)
    if look.size:
        room = (look.size[1] - above - below) / height, (look.size[0] - side) / width
        height, width = (max(0, int(part * min(room))) for part in shape)
        if min(height, width) < LEAST:
            ratio = LEAST / min(shape)
            need = side + round(ratio * shape[1]) + 1, above + below + round(ratio * shape[0]) + 1
            raise ValueError(
                f"a frame of {look.size[0]}×{look.size[1]} pixels leaves no room for the picture: give at least "
                f"{need[0]}×{need[1]}, or leave colorbar or timestamp out"
            )
        whole = look.size
    else:
        height, width = factor * height, factor * width
        whole = width + side, height + above + below
    top = above + (whole[1] - above - below - height) // 2
    left = letters + (whole[0] - side - width) // 2
    bar = Box(top, left + width + letters, height, letters)
    return Layout(letters, _even(whole[1]), _even(whole[0]), Box(top, left, height, width), bar, widest)


def _bar(letters: int, numbers: int) -> int:
    """Pixels that a scale takes: space, colours, a tick, the numbers, and the unit on its side."""
    return letters + letters + letters // 2 + numbers + _line(letters)


def _line(letters: int) -> int:
    return round(1.5 * letters)


def _gap(letters: int) -> int:
    return letters // 2 + 2


def _even(pixels: int) -> int:
    return pixels + pixels % 2
