"""Pictures of the page: strips of all steps of a sample, sheets of many samples' results."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from PIL import Image

from denoscope.render.picture import enlarged
from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.rows import by_sample
from denoscope.trace.reader import TraceArray, is_film

SHARP_SIDE = 32
"""Pictures up to this side are kept lossless: each of their pixels is seen."""
QUALITY = 80
SHEET_SIDE = 1024
"""Decoded, a sheet takes 4 MB."""
FILM_PIXELS = 8_000_000
"""All steps of a film are in one picture of at most so many pixels: of longer films some frames are left out."""


def strips(array: TraceArray, players: int, blocks: Blocks) -> dict[str, Any]:
    """All steps of each of the first ``players`` samples in one picture, of films all frames of a step in turn."""
    frames = kept_frames(array)
    columns = math.ceil(math.sqrt(len(array) * len(frames)))
    height, width, channels = array.shape[-3:]
    pictures = []
    for row in by_sample(array, players):
        shown = row[:, frames] if is_film(array.shape[2:]) else row
        pictures.append(webp(tiled(shown.reshape(-1, height, width, channels), columns), height))
    block, offsets = blocks.pictures(pictures, Rank.DETAIL)
    return {"block": block, "offsets": offsets, "columns": columns, "steps": list(array.steps), "frames": frames}


def kept_frames(array: TraceArray) -> list[int]:
    """Numbers of the frames that the page holds of pictures or films ``[step, sample, (frames,) H, W, C]``."""
    if not is_film(array.shape[2:]):
        return [0]
    steps, _, frames, height, width = array.shape[:5]
    count = min(frames, max(1, FILM_PIXELS // (steps * height * width)))
    spread = np.linspace(0, frames - 1, count) if count > 1 else np.array([(frames - 1) / 2])
    return [int(frame) for frame in spread.round()]


def sheets(array: TraceArray, count: int, blocks: Blocks) -> dict[str, Any]:
    """The last state of all samples, many to a picture."""
    height, width = array.shape[2:4]
    columns = max(1, SHEET_SIDE // width)
    size = columns * max(1, SHEET_SIDE // height)
    last = len(array) - 1
    pictures = [
        webp(tiled(array[last, start : min(start + size, count)], min(columns, count)), height)
        for start in range(0, count, size)
    ]
    block, offsets = blocks.pictures(pictures)
    return {"block": block, "offsets": offsets, "columns": min(columns, count), "perSheet": size}


def tiled(pictures: np.ndarray, columns: int) -> np.ndarray:
    """Pictures ``[n, H, W, C]`` as one picture, in rows of ``columns``."""
    count, height, width, channels = pictures.shape
    rows = -(-count // columns)
    canvas = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    canvas[:count] = pictures
    grid = canvas.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def webp(picture: np.ndarray, side: int) -> bytes:
    """A picture as WebP; ``side`` is the side of one cell of it."""
    buffer = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(enlarged(picture, picture.shape[0])))
    image.save(buffer, format="webp", lossless=side <= SHARP_SIDE, quality=QUALITY, method=4)
    return buffer.getvalue()
