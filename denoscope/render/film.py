"""Frames of runs of videos: of finished films, alone or in a grid, and of their way from noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from denoscope.render.grid import grid_frame
from denoscope.render.picture import paper, pasted, sized
from denoscope.render.trajectory import trajectory_frames
from denoscope.trace.reader import TraceArray

SHOWN = 4
"""Frames of a film that stand side by side at every step."""
GAP = 4


def film_frames(film: np.ndarray, size: int) -> list[np.ndarray]:
    """The frames of a film ``[frames, H, W, C]``, each as :func:`sized`."""
    return [sized(frame, size) for frame in film]


def film_trajectory(
    states: TraceArray,
    predictions: TraceArray,
    sample: int,
    times: Sequence[float],
    size: int,
    *,
    title: str,
    caption: bool,
    symbol: str,
) -> list[np.ndarray]:
    """A frame per step: some frames of the state side by side, and below them those of the predicted clean film.

    Args:
        states: of the run, ``[step, sample, frames, H, W, C]``; read step by step, for all may be larger than memory.
        predictions: the same for the steps that have a prediction.
        sample: where the sample lies on the second axis.
        times: noise level of every state.
        size: pixels of height that both rows have together.
        title: line above the frames.
        caption: write the step and its noise level below them.
        symbol: what the noise level is called.
    """
    shown = spread(states.shape[2])
    above, below = (
        np.stack([strip(array[step, sample][shown], max(1, size // 2)) for step in range(len(array))])
        for array in (states, predictions)
    )
    frames = f"frames {', '.join(map(str, shown))} of {states.shape[2]}"
    return trajectory_frames(
        above,
        below,
        times,
        above.shape[1],
        title=title,
        caption=caption,
        symbol=symbol,
        names=(f"state, {frames}", "prediction"),
        stacked=True,
    )


def film_grid(rows: Sequence[Sequence[Sequence[np.ndarray]]], labels: Sequence[str], size: int) -> list[np.ndarray]:
    """A frame per frame of films side by side; ``rows`` holds the frames of every cell, with a label a row."""
    count = len(rows[0][0])
    return [
        grid_frame([[film[index] for film in row] for row in rows], labels, size, f"frame {index} / {count - 1}")
        for index in range(count)
    ]


def strip(frames: np.ndarray, size: int) -> np.ndarray:
    """Frames ``[n, H, W, C]`` side by side as one picture, each as :func:`sized`."""
    cells = [sized(frame, size) for frame in frames]
    height, width = cells[0].shape[:2]
    canvas = paper(height, len(cells) * (width + GAP) - GAP)
    for index, cell in enumerate(cells):
        pasted(canvas, cell, 0, index * (width + GAP))
    return canvas


def spread(count: int, shown: int = SHOWN) -> list[int]:
    """Numbers of at most ``shown`` of ``count`` frames, evenly spread, first and last among them."""
    return [int(frame) for frame in np.unique(np.linspace(0, count - 1, min(shown, count)).round())]
