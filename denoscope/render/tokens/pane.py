"""One text on its part of the canvas: header, tokens, and what was measured below each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.flow import Box
from denoscope.render.tokens.header import Header
from denoscope.render.tokens.heat import Heat
from denoscope.render.tokens.tiles import Tiles
from denoscope.text.changes import UNWRITTEN, Change
from denoscope.text.trajectory import TextTrajectory

LEADING = 4
"""Pixels between two lines."""


class TokenPane:
    """Draws a text step by step.

    Args:
        header: what stands above it.
        trajectory: the text's states.
        tiles: how tokens look.
        boxes: where they stand.
        heats: what is drawn below every token.
        label: a picture left of each line.
    """

    def __init__(
        self,
        header: Header,
        trajectory: TextTrajectory,
        tiles: Tiles,
        boxes: Sequence[Box],
        heats: Sequence[Heat] = (),
        label: np.ndarray | None = None,
    ) -> None:
        self.header, self.trajectory, self.tiles, self.boxes, self.heats = header, trajectory, tiles, boxes, heats
        self.label, self.indent = label, 0 if label is None else label.shape[1]
        self.pitch = tiles.height + sum(heat.height for heat in heats) + LEADING
        self.width = max(header.width, self.indent + max(box.left + box.width for box in boxes))
        self.height = header.height + (boxes[-1].line + 1) * self.pitch - LEADING
        self._changes = [[Change(change) for change in row] for row in trajectory.changes.tolist()]
        self._shown: dict[tuple[int, int], np.ndarray] = {}

    def start(self, view: np.ndarray) -> None:
        """Draw what stays on ``view`` ``[height, width, 3]``."""
        self._shown.clear()
        self.header.start(view)
        if self.label is not None:
            for line in range(self.boxes[-1].line + 1):
                pasted(view, self.label, self.top(line), 0)

    def draw(self, view: np.ndarray, step: int) -> None:
        """Draw what differs from the step before."""
        self.header.draw(view, self.trajectory, step)
        for position, box in enumerate(self.boxes):
            top = self.top(box.line)
            for row, picture in enumerate(self._pictures(step, position, box)):
                if self._shown.get((position, row)) is not picture:  # a picture that is kept is drawn already
                    pasted(view, picture, top, self.indent + box.left)
                    self._shown[position, row] = picture
                top += picture.shape[0]

    def top(self, line: int) -> int:
        """Pixels above a line of tokens."""
        return self.header.height + line * self.pitch

    def _pictures(self, step: int, position: int, box: Box) -> Iterator[np.ndarray]:
        """A token's tile and the values below it."""
        if self.trajectory.ids[step, position] == UNWRITTEN:
            yield self.tiles.blank(box.width)
        else:
            text = self.trajectory.pieces[step][position]
            yield self.tiles.tile(text, self._changes[step][position], box.width, box.lead)
        for heat in self.heats:
            yield heat.cell(step, position, box.width)
