"""Pictures of the page: strips of all steps of a sample, sheets of many samples' results."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from denoscope.render.picture import enlarged
from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.rows import READ_AT_ONCE, by_sample
from denoscope.trace.reader import Trace, TraceArray, is_film

SHARP_SIDE = 32
"""Pictures up to this side are kept lossless: each of their pixels is seen."""
QUALITY = 80
SHEET_SIDE = 1024
"""Decoded, a sheet takes 4 MB."""
FILM_PIXELS = 8_000_000
"""All steps of a film are in one picture of at most so many pixels: longer films are made smaller, then lose frames."""
FEW_FRAMES = 16
"""A film is made smaller until at least so many of its frames fit, while its sides stay above ``SHARP_SIDE``."""


@dataclass(frozen=True)
class Kept:
    """What the page holds of every step of a picture or film.

    Args:
        frames: their numbers; of a picture 0.
        of: how many there are.
        shrink: side of the squares of pixels of which one is made.
    """

    frames: Sequence[int]
    of: int
    shrink: int

    @property
    def places(self) -> list[float]:
        """Where the frames are in the film, from 0 to 1."""
        return [frame / max(1, self.of - 1) for frame in self.frames]


def kept(shape: Sequence[int]) -> Kept:
    """What the page holds of pictures or films ``[step, sample, (frames,) H, W, C]``."""
    if not is_film(shape[2:]):
        return Kept([0], 1, 1)
    steps, _, frames, height, width, _ = shape

    def fitting(shrink: int) -> int:
        return FILM_PIXELS // (steps * -(-height // shrink) * -(-width // shrink))

    factors = range(1, max(1, min(height, width) // SHARP_SIDE) + 1)
    shrink = next((factor for factor in factors if fitting(factor) >= min(frames, FEW_FRAMES)), factors[-1])
    count = min(frames, max(1, fitting(shrink)))
    spread = np.linspace(0, frames - 1, count) if count > 1 else np.array([(frames - 1) / 2])
    return Kept([int(frame) for frame in spread.round()], frames, shrink)


def strips(trace: Trace, name: str, kept: Kept, players: int, blocks: Blocks) -> dict[str, Any]:
    """All steps of each of the first ``players`` samples in one picture, of films all kept frames of a step in turn."""
    array = trace.tensor(name)
    height, width = (-(-side // kept.shrink) for side in array.shape[-3:-1])
    columns = math.ceil(math.sqrt(len(array) * len(kept.frames)))
    pictures = [webp(tiled(row, columns), height) for row in _rows(trace, name, kept, players)]
    block, offsets = blocks.pictures(pictures, Rank.DETAIL)
    return {
        "block": block,
        "offsets": offsets,
        "columns": columns,
        "steps": list(array.steps),
        "frames": kept.frames,
        "cell": {"height": height, "width": width},
    }


def _rows(trace: Trace, name: str, kept: Kept, players: int) -> Iterator[np.ndarray]:
    """Of each sample the kept frames of all steps ``[step × frame, H, W, C]``: films are long, others are not read."""
    arrays = [trace.pictures(name, place) for place in kept.places]
    at_once = max(1, READ_AT_ONCE // len(arrays))
    for frames in zip(*(by_sample(array, players, at_once) for array in arrays), strict=True):
        row = np.stack([shrunk(frame, kept.shrink) for frame in frames], axis=1)
        yield row.reshape(-1, *row.shape[2:])


def shrunk(pictures: np.ndarray, factor: int) -> np.ndarray:
    """The means of squares of ``factor``² pixels of pictures ``[n, H, W, C]``; edges are repeated to fill the last."""
    if factor == 1:
        return pictures
    around = [(0, 0), *((0, -side % factor) for side in pictures.shape[1:3]), (0, 0)]
    padded = np.pad(pictures, around, mode="edge")
    count, height, width, channels = padded.shape
    squares = padded.reshape(count, height // factor, factor, width // factor, factor, channels)
    return np.asarray(squares.mean(axis=(2, 4), dtype=np.float32).round().astype(np.uint8))


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
