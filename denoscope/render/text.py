"""Lines of text as pixels, drawn once and kept."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK = (33, 33, 33)  # grey, so that grey pictures with text keep within the 256 colours of a GIF
PAPER = (255, 255, 255)


FACES = {
    "sans": "DejaVuSans.ttf",
    "sans bold": "DejaVuSans-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
    "mono bold": "DejaVuSansMono-Bold.ttf",
}
"""What comes with matplotlib; DejaVu Sans has Greek letters, Cyrillic, arrows and faces."""


@lru_cache(maxsize=64)
def font(size: int, face: str = "sans") -> ImageFont.FreeTypeFont:
    """A font of ``face``, as :func:`font_file` takes it, ``size`` pixels high."""
    path = font_file(face)
    try:
        # The basic layout draws the same pixels whether or not this Pillow was built with Raqm.
        return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise ValueError(f"{path} cannot be drawn at {size} pixels: {error}; give an outline font") from None


def font_file(face: str) -> Path:
    """The file of a face: one of :data:`FACES`, or the path of a TrueType or OpenType font."""
    if face in FACES:
        spec = find_spec("matplotlib")  # found without importing it
        assert spec is not None
        assert spec.origin is not None
        return Path(spec.origin).parent / "mpl-data/fonts/ttf" / FACES[face]
    if not Path(face).is_file():
        raise ValueError(f"font {face!r} is not there; give {', '.join(map(repr, FACES))}, or the path of a .ttf file")
    return Path(face)


@lru_cache(maxsize=64)
def characters(face: str) -> frozenset[int]:
    """Code points for which a face has a glyph; it draws the others as an empty box."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    path = font_file(face)
    try:
        with TTFont(path, lazy=True, fontNumber=0) as file:
            return frozenset(file.getBestCmap())
    except TTLibError as error:
        raise ValueError(f"{path} is no TrueType or OpenType font: {error}") from None


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
