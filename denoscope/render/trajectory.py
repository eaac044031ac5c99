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
    names: tuple[str, str] = ("state", "prediction"),
    stacked: bool = False,
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
        names: written above the two.
        stacked: the state above, the prediction below it.
    """
    shown = np.concatenate([predictions, states[len(predictions) :]])
    height, width = enlarged(states[0], size).shape[:2]
    first = MARGIN + 2 * LINE, MARGIN
    second = (first[0] + height + LINE + MARGIN // 2, MARGIN) if stacked else (first[0], 2 * MARGIN + width)
    places, bottom, right = (first, second), second[0] + height, second[1] + width
    empty = paper(bottom + MARGIN + LINE * caption, right + MARGIN)
    pasted(empty, line(title, right - MARGIN, LINE, SIZE), MARGIN // 2, MARGIN)
    for name, (top, left) in zip(names, places, strict=True):
        pasted(empty, line(name, width, LINE, SIZE - 2), top - LINE - MARGIN // 2, left)
    frames = []
    for step, pictures in enumerate(zip(states, shown, strict=True)):
        canvas = empty.copy()
        for picture, (top, left) in zip(pictures, places, strict=True):
            pasted(canvas, enlarged(picture, size), top, left)
        if caption:
            below = step_caption(step, times, symbol)
            pasted(canvas, line(below, right - MARGIN, LINE, SIZE - 1), bottom, MARGIN)
        frames.append(canvas)
    return frames


def step_caption(step: int, times: Sequence[float], symbol: str) -> str:
    """Step and noise level, for example ``step 3 / 18   σ = 9.72``."""
    return f"step {step} / {len(times) - 1}   {symbol} = {times[step]:.3g}"
