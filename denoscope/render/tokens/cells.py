"""Tokens in boxes, as tables show them."""

from __future__ import annotations

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.tiles import ABOVE, Tiles
from denoscope.text.changes import Change

SPACE = "␣"


class Cells(Tiles):
    """Draws tokens in the middle of boxes; a space before a word is not shown, spaces alone are."""

    def width(self, text: str, given: bool) -> int:
        """Pixels of a token without the space before it; ``given`` if it belongs to the prompt."""
        return super().width(_seen(text), given)

    def _mask(self, area: np.ndarray, change: Change) -> None:
        super()._mask(area, change)
        if change == Change.MASKED:
            self._frame(area)

    def _token(self, area: np.ndarray, text: str, change: Change) -> None:
        ground, letters = self._letters(_seen(text), area.shape[1], change)
        area[:] = ground
        pasted(area, letters, ABOVE, (area.shape[1] - letters.shape[1]) // 2)
        self._frame(area)
        self._underline(area, change)

    def _frame(self, area: np.ndarray) -> None:
        area[[0, -1]] = self.theme.line
        area[:, [0, -1]] = self.theme.line


def _seen(text: str) -> str:
    """A token of spaces alone has a sign for each."""
    return text if text.strip(" ") else SPACE * len(text)
