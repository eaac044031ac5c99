"""Text as coverage of pixels, from the first face that has a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from itertools import groupby
from math import ceil

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from denoscope.render.text import FACES, characters, font
from denoscope.render.tokens.theme import LEVELS, RGB, ramp

MISSING = "□"
SIGNS = {"\n": "⏎", "\t": "⇥", "\u200c": "", "\u200d": ""}
"""What is drawn instead of a character; joiners have no shape of their own."""


class Typeface:
    """Faces, of which the first that has a character draws it, at one size.

    Args:
        faces: those of :data:`~denoscope.render.text.FACES` or paths; DejaVu Sans draws what none of them has.
        size: pixels.

    ``width(text)`` is how many pixels a line of text takes, ``coverage(text)`` how it covers them, uint8
    ``[height, width]`` in :data:`LEVELS` steps; both with ``pad`` pixels on either side, into which some letters reach.
    """

    def __init__(self, faces: tuple[str, ...], size: int) -> None:
        self.faces, self.size, self.pad = tuple(dict.fromkeys((*faces, "sans"))), size, 1 + size // 24
        self._fonts = [font(size, face) for face in self.faces]
        self._known = [characters(face) for face in self.faces]
        self.width, self.coverage = lru_cache(65536)(self._width), lru_cache(4096)(self._coverage)
        self._face = cache(self._first_face)

    def at(self, share: float) -> Typeface:
        """The same faces at a share of the size."""
        return Typeface(self.faces, max(8, round(self.size * share)))

    @cached_property
    def bold(self) -> Typeface:
        """The same in bold, where a face has a bold sister."""
        sisters = (f"{face} bold" if f"{face} bold" in FACES else face for face in self.faces)
        return Typeface(tuple(sisters), self.size)

    @cached_property
    def ascent(self) -> int:
        """Pixels above the line on which letters stand."""
        return max(one.getmetrics()[0] for one in self._fonts)

    @cached_property
    def height(self) -> int:
        """Pixels from the highest letter to the lowest."""
        return self.ascent + max(one.getmetrics()[1] for one in self._fonts)

    def missing(self, text: str) -> set[str]:
        """Characters that no face has."""
        return {character for character in _visible(text) if self._face(character) is None}

    def fitted(self, text: str, width: int) -> str:
        """``text``, shortened until it is at most ``width`` pixels wide."""
        if self.width(text) <= width:
            return text
        while text and self.width(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"

    def _width(self, text: str) -> int:
        return ceil(sum(one.getlength(run) for one, run in self._runs(text))) + 2 * self.pad

    def _coverage(self, text: str) -> np.ndarray:
        image = Image.new("L", (self.width(text), self.height))
        pen, x = ImageDraw.Draw(image), float(self.pad)
        for one, run in self._runs(text):
            pen.text((x, self.ascent), run, fill=255, font=one, anchor="ls")
            x += one.getlength(run)
        levels = np.asarray(image).astype(np.uint16) * (LEVELS - 1) + 127
        return (levels // 255).astype(np.uint8)

    def _first_face(self, character: str) -> int | None:
        return next((index for index, known in enumerate(self._known) if ord(character) in known), None)

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        drawn = [MISSING if self._face(character) is None else character for character in _visible(text)]
        for face, run in groupby(drawn, self._face):
            yield self._fonts[face or 0], "".join(run)


def written(typeface: Typeface, text: str, ground: RGB, ink: RGB) -> np.ndarray:
    """A line of text in ``ink`` on ``ground``, uint8 ``[height, width, 3]``."""
    pixels: np.ndarray = ramp(ground, ink)[typeface.coverage(text)]
    return pixels


@lru_cache(65536)
def _visible(text: str) -> str:
    """What is drawn of a text: controls as signs or escapes, accents with their letters."""
    return "".join(map(_sign, unicodedata.normalize("NFC", text)))


def _sign(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    if "\ufe00" <= character <= "\ufe0f":  # variants of the character before
        return ""
    if character.isspace():
        return " "
    return character if character.isprintable() else character.encode("unicode_escape").decode()
