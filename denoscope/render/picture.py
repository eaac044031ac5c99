"""Pictures for frames."""

from __future__ import annotations

import numpy as np
from PIL import Image

from denoscope.render.text import PAPER


def enlarged(picture: np.ndarray, size: int) -> np.ndarray:
    """A uint8 picture ``[H, W, C]`` as RGB, every pixel a square: the largest whole factor that fits ``size``."""
    factor = max(1, size // picture.shape[0])
    rgb = picture if picture.shape[2] == 3 else np.broadcast_to(picture[..., :1], (*picture.shape[:2], 3))
    return rgb.repeat(factor, axis=1).repeat(factor, axis=0)  # short rows first, then whole rows are copied


def sized(picture: np.ndarray, size: int) -> np.ndarray:
    """:func:`enlarged`, or where the picture is higher than ``size``, the mean over squares of pixels."""
    factor = -(-picture.shape[0] // size)
    if factor > 1:
        rgb = Image.fromarray(np.ascontiguousarray(enlarged(picture, picture.shape[0])))
        return np.asarray(rgb.reduce(factor))
    return enlarged(picture, size)


def paper(height: int, width: int) -> np.ndarray:
    """An empty canvas ``[height, width, 3]``."""
    return np.full((height, width, 3), PAPER, dtype=np.uint8)


def pasted(canvas: np.ndarray, picture: np.ndarray, top: int, left: int) -> None:
    """Put ``picture`` on ``canvas``."""
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
