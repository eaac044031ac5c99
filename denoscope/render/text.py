"""Lines of text as pixels, drawn once and kept."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK = (33, 33, 33)  # grey, so that grey pictures with text keep within the 256 colours of a GIF
PAPER = (255, 255, 255)


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib and has Greek letters; found without importing matplotlib."""
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf"
    # The basic layout draws the same pixels whether or not this Pillow was built with Raqm.
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1024)
def line(text: str, width: int, height: int, size: int, align: str = "left") -> np.ndarray:
    """One line of text on paper, ``[height, width, 3]`` uint8; a line too wide ends in an ellipsis."""
    image = Image.new("RGB", (width, height), PAPER)
    shown = fitted(text, width, size)
    anchor, x = {"left": ("lm", 0), "middle": ("mm", width // 2), "right": ("rm", width)}[align]
    ImageDraw.Draw(image).text((x, height // 2), shown, fill=INK, font=font(size), anchor=anchor)
    pixels = np.asarray(image)
    pixels.setflags(write=False)
    return pixels


def fitted(text: str, width: int, size: int) -> str:
    """``text`` on one line, shortened until it is at most ``width`` pixels wide."""
    text = "".join(character if character.isprintable() else " " for character in text)
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"
