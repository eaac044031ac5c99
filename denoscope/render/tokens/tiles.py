"""The picture of a token in each of its states; every one has a sign that needs no colour."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.glyphs import Typeface, written
from denoscope.render.tokens.theme import RGB, Theme
from denoscope.text.changes import Change

ABOVE, BELOW = 2, 5
"""Pixels above the letters, and below them for lines under a token."""
DASH = 3
MASK_SIZE = 0.65
"""Size of the placeholder: as large as text it would push short tokens apart."""


class Tiles:
    """Draws tokens.

    Args:
        theme: colours.
        typeface: of the tokens.
        placeholder: what stands for a mask.

    ``tile(text, change, width, lead)`` is the picture ``[height, width, 3]`` of a token; a space that it begins with is
    the ``lead`` pixels before it. ``blank(width)`` is a token that is not yet written.
    """

    def __init__(self, theme: Theme, typeface: Typeface, placeholder: str) -> None:
        self.theme, self.typeface, self.placeholder = theme, typeface, placeholder
        self.small = typeface.at(MASK_SIZE)
        self.mask_width, self.space = self.small.width(placeholder), typeface.width("x x") - typeface.width("xx")
        self.height = typeface.height + ABOVE + BELOW
        self.tile, self.blank = lru_cache(16384)(self._tile), lru_cache(self._blank)

    def width(self, text: str, given: bool) -> int:
        """Pixels of a token without the space before it; ``given`` if it belongs to the prompt."""
        return (self.typeface.bold if given else self.typeface).width(without_lead(text))

    def label(self, text: str) -> np.ndarray:
        """A word about tokens, as high as they are, ``[height, width, 3]``."""
        word = written(self.typeface, text, self.theme.paper, self.theme.muted)
        label = np.full((self.height, *word.shape[1:]), self.theme.paper, np.uint8)
        pasted(label, word, ABOVE, 0)
        return label

    def _tile(self, text: str, change: Change, width: int, lead: int) -> np.ndarray:
        tile = self._blank(width)
        if change in (Change.MASKED, Change.REMASKED):
            self._mask(tile[:, lead:], change)
        else:
            self._token(tile[:, lead if has_lead(text) else 0 :], without_lead(text), change)
        tile.setflags(write=False)
        return tile

    def _blank(self, width: int) -> np.ndarray:
        return np.full((self.height, width, 3), self.theme.paper, np.uint8)

    def _mask(self, area: np.ndarray, change: Change) -> None:
        area[:] = self.theme.faint
        placeholder = self.small.fitted(self.placeholder, area.shape[1])
        letters = written(self.small, placeholder, self.theme.faint, self.theme.muted)[:, : area.shape[1]]
        top = ABOVE + self.typeface.ascent - self.small.ascent
        left = (area.shape[1] - letters.shape[1]) // 2
        pasted(area, letters, top, left)
        if change == Change.REMASKED:
            _dashed(area, self.theme.remasked)
            middle = top + self.small.ascent - self.small.size // 3
            area[middle : middle + 2, left : left + letters.shape[1]] = self.theme.remasked

    def _token(self, area: np.ndarray, text: str, change: Change) -> None:
        ground, letters = self._letters(text, area.shape[1], change)
        area = area[:, : letters.shape[1]]
        area[:] = ground
        pasted(area, letters, ABOVE, 0)
        self._underline(area, change)

    def _letters(self, text: str, width: int, change: Change) -> tuple[RGB, np.ndarray]:
        """Ground of a token, and its text on it."""
        given, accent = change == Change.PROMPT, self._accent(change)
        ground = self.theme.tint(accent) if accent else self.theme.paper
        typeface = self.typeface.bold if given else self.typeface
        ink = self.theme.prompt if given else self.theme.ink
        return ground, written(typeface, typeface.fitted(text, width), ground, ink)[:, :width]

    def _underline(self, area: np.ndarray, change: Change) -> None:
        if change == Change.REVEALED:
            area[-2:] = self.theme.revealed
        elif change == Change.CHANGED:
            area[-4] = area[-1] = self.theme.changed

    def _accent(self, change: Change) -> RGB | None:
        return {Change.REVEALED: self.theme.revealed, Change.CHANGED: self.theme.changed}.get(change)


def has_lead(text: str) -> bool:
    """Whether a token is a word after a space, rather than spaces."""
    return text.startswith(" ") and text.strip(" ") != ""


def without_lead(text: str) -> str:
    """A token without the space before its word."""
    return text[1:] if has_lead(text) else text


def _dashed(area: np.ndarray, accent: RGB) -> None:
    height, width = area.shape[:2]
    across, down = np.arange(width) // DASH % 2 == 0, np.arange(height) // DASH % 2 == 0
    for edge in (0, -1):
        area[edge, across] = accent
        area[down, edge] = accent
