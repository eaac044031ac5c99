"""Binary data inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from denoscope.render.picture import enlarged

SHARP_SIDE = 32
"""Pictures up to this side are kept lossless: each of their pixels is seen."""
QUALITY = 80
SHEET_SIDE = 2048


class Blocks:
    """The page's data blocks: bytes by the id of their element."""

    def __init__(self) -> None:
        self._blocks: dict[str, bytes] = {}

    def add(self, content: bytes) -> str:
        """Keep ``content`` and return its id."""
        name = f"block-{len(self._blocks)}"
        self._blocks[name] = content
        return name

    def encoded(self) -> dict[str, str]:
        """All blocks as base64."""
        return {name: base64.b64encode(content).decode("ascii") for name, content in self._blocks.items()}

    def pictures(self, pictures: Sequence[bytes]) -> tuple[str, list[int]]:
        """Keep pictures one after the other; return the block's id and where each starts and the last ends."""
        return self.add(b"".join(pictures)), [0, *np.cumsum([len(picture) for picture in pictures]).tolist()]


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
