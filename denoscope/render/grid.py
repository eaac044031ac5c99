"""Grids of samples: a row per class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from denoscope.render.picture import enlarged, paper, pasted
from denoscope.render.text import font, line
from denoscope.render.trajectory import LINE, MARGIN, SIZE, step_caption

GAP = 2
WIDEST_LABEL = 140


def grid_frame(pictures: Sequence[Sequence[np.ndarray]], labels: Sequence[str], size: int, caption: str) -> np.ndarray:
    """Rows of pictures ``[H, W, C]`` with a label each and a caption below."""
    cells = [[enlarged(picture, size) for picture in row] for row in pictures]
    height, width = cells[0][0].shape[:2]
    label = min(WIDEST_LABEL, max(round(font(SIZE).getlength(text)) for text in labels)) + MARGIN
    columns = max(len(row) for row in cells)
    canvas = paper(len(cells) * (height + GAP) + LINE + 2 * MARGIN, columns * (width + GAP) + label + 2 * MARGIN)
    for index, (row, text) in enumerate(zip(cells, labels, strict=True)):
        top = MARGIN + index * (height + GAP)
        pasted(canvas, line(text, label - MARGIN // 2, height, min(SIZE, height)), top, MARGIN)
        for column, cell in enumerate(row):
            pasted(canvas, cell, top, MARGIN + label + column * (width + GAP))
    room = canvas.shape[1] - 2 * MARGIN
    pasted(canvas, line(caption, room, LINE, SIZE - 1), canvas.shape[0] - MARGIN // 2 - LINE, MARGIN)
    return canvas


def grid_frames(
    states: Sequence[Sequence[np.ndarray]], labels: Sequence[str], times: Sequence[float], size: int, symbol: str
) -> list[np.ndarray]:
    """A frame per step of the grid; ``states`` holds ``[steps, H, W, C]`` for every cell."""
    return [
        grid_frame([[cell[step] for cell in row] for row in states], labels, size, step_caption(step, times, symbol))
        for step in range(len(times))
    ]
