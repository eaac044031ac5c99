"""Tokens in boxes, as tables show them."""

from __future__ import annotations

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.tiles import ABOVE, Tiles
from denoscope.text.changes import Change


class Cells(Tiles):
    """Draws tokens in the middle of boxes; a space before a word is not shown."""

    def _mask(self, area: np.ndarray, change: Change) -> None:
        super()._mask(area, change)
        if change == Change.MASKED:
            self._frame(area)

    def _token(self, area: np.ndarray, text: str, change: Change) -> None:
        ground, letters = self._letters(text, area.shape[1], change)
        area[:] = ground
        pasted(area, letters, ABOVE, (area.shape[1] - letters.shape[1]) // 2)
        self._frame(area)
        self._underline(area, change)

    def _frame(self, area: np.ndarray) -> None:
        area[[0, -1]] = self.theme.line
        area[:, [0, -1]] = self.theme.line
