"""Frames of one or several texts on one canvas; only what changes is drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.theme import Theme

MARGIN = 12

Direction = Literal["columns", "rows"]


class Pane(Protocol):
    """A text on its part of the canvas."""

    height: int
    width: int

    def start(self, view: np.ndarray) -> None:
        """Draw what stays on ``view`` ``[height, width, 3]``."""

    def draw(self, view: np.ndarray, step: int) -> None:
        """Draw what differs from the step before."""


def film(
    panes: Sequence[Pane], steps: int, footer: Sequence[np.ndarray], theme: Theme, direction: Direction = "columns"
) -> list[np.ndarray]:
    """Draw all frames, uint8 ``[H, W, 3]``.

    Args:
        panes: what is drawn, side by side or one below the other.
        steps: number of frames.
        footer: pictures in a line below all panes.
        theme: colours.
        direction: ``columns`` or ``rows``.
    """
    places = _places(panes, direction)
    bottom = max(top + pane.height for pane, (top, _) in zip(panes, places, strict=True)) + MARGIN
    right = max(left + pane.width for pane, (_, left) in zip(panes, places, strict=True)) + MARGIN
    lines = _lines(footer, right - 2 * MARGIN)
    height = bottom + sum(max(picture.shape[0] for picture in line) + MARGIN // 2 for line in lines) + MARGIN // 2
    canvas = np.full((height if lines else bottom, right, 3), theme.paper, np.uint8)
    _footer(canvas, lines, bottom)
    _separators(canvas[:bottom], places, theme, direction)
    views = [canvas[top:, left:][: p.height, : p.width] for p, (top, left) in zip(panes, places, strict=True)]
    for pane, view in zip(panes, views, strict=True):
        pane.start(view)
    frames = []
    for step in range(steps):
        for pane, view in zip(panes, views, strict=True):
            pane.draw(view, step)
        frames.append(canvas.copy())
    return frames


def _places(panes: Sequence[Pane], direction: Direction) -> list[tuple[int, int]]:
    """Top and left of every pane."""
    places, offset = [], MARGIN
    for pane in panes:
        places.append((offset, MARGIN) if direction == "rows" else (MARGIN, offset))
        offset += (pane.height if direction == "rows" else pane.width) + 2 * MARGIN
    return places


def _separators(canvas: np.ndarray, places: Sequence[tuple[int, int]], theme: Theme, direction: Direction) -> None:
    for top, left in places[1:]:
        if direction == "rows":
            canvas[top - MARGIN, MARGIN:-MARGIN] = theme.line
        else:
            canvas[MARGIN:, left - MARGIN] = theme.line


def _lines(pictures: Sequence[np.ndarray], room: int) -> list[list[np.ndarray]]:
    """Break a row of pictures where it gets too long."""
    lines: list[list[np.ndarray]] = []
    for picture in pictures:
        if lines and sum(one.shape[1] + MARGIN for one in lines[-1]) + picture.shape[1] <= room:
            lines[-1].append(picture)
        else:
            lines.append([picture])
    return lines


def _footer(canvas: np.ndarray, lines: Sequence[Sequence[np.ndarray]], top: int) -> None:
    for line in lines:
        left, height = MARGIN, max(picture.shape[0] for picture in line)
        for picture in line:
            pasted(canvas, picture[:, : canvas.shape[1] - left], top + (height - picture.shape[0]) // 2, left)
            left += picture.shape[1] + MARGIN
        top += height + MARGIN // 2
