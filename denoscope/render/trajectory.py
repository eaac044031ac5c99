"""The frames of one sample's way from noise to picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from denoscope.render.picture import enlarged, paper, pasted
from denoscope.render.text import line

MARGIN, LINE, SIZE = 12, 22, 13


def trajectory_frames(
    states: np.ndarray,
    predictions: np.ndarray,
    times: Sequence[float],
    size: int,
    *,
    title: str,
    caption: bool,
    symbol: str,
) -> list[np.ndarray]:
    """A frame per step: the state on the left, the prediction of the clean picture on the right.

    Args:
        states: ``[steps, H, W, C]`` uint8.
        predictions: the same for the steps that have a prediction; a last step without one repeats its state.
        times: noise level of every state.
        size: pixels to which a picture is enlarged.
        title: line above the pictures.
        caption: write the step and its noise level below them.
        symbol: what the noise level is called.
    """
    shown = np.concatenate([predictions, states[len(predictions) :]])
    height, width = enlarged(states[0], size).shape[:2]
    top, columns = MARGIN + 2 * LINE, (MARGIN, 2 * MARGIN + width)
    empty = paper(height + 2 * MARGIN + LINE * (2 + caption), 2 * width + 3 * MARGIN)
    pasted(empty, line(title, 2 * width + MARGIN, LINE, SIZE), MARGIN // 2, MARGIN)
    for name, column in zip(("state", "prediction"), columns, strict=True):
        pasted(empty, line(name, width, LINE, SIZE - 2), MARGIN // 2 + LINE, column)
    frames = []
    for step, pictures in enumerate(zip(states, shown, strict=True)):
        canvas = empty.copy()
        for picture, column in zip(pictures, columns, strict=True):
            pasted(canvas, enlarged(picture, size), top, column)
        if caption:
            below = step_caption(step, times, symbol)
            pasted(canvas, line(below, 2 * width + MARGIN, LINE, SIZE - 1), top + height, MARGIN)
        frames.append(canvas)
    return frames


def step_caption(step: int, times: Sequence[float], symbol: str) -> str:
    """Step and noise level, for example ``step 3 / 18   σ = 9.72``."""
    return f"step {step} / {len(times) - 1}   {symbol} = {times[step]:.3g}"
