"""Draws things of known shape and colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from denoscope.scenes.scene import COLOURS, Thing

FINER = 4
"""Edges are smoothed by drawing so many times as large."""
GROUNDS = (225, 255)
"""Grey levels of the ground."""


def draw(things: Sequence[Thing], size: int, ground: int = 245) -> np.ndarray:
    """A picture ``[size, size, 3]`` uint8 of things on a grey ground."""
    picture = Image.new("RGB", (size * FINER, size * FINER), (ground, ground, ground))
    pencil = ImageDraw.Draw(picture)
    for thing in things:
        _shape(pencil, thing, size * FINER)
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX))


def _shape(pencil: ImageDraw.ImageDraw, thing: Thing, side: int) -> None:
    x, y, r = thing.x * side, thing.y * side, thing.radius * side
    colour = COLOURS[thing.kind.colour]
    match thing.kind.shape:
        case "circle":
            pencil.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        case "square":
            pencil.rectangle((x - r, y - r, x + r, y + r), fill=colour)
        case "triangle":
            pencil.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=colour)
        case shape:
            raise ValueError(f"shape {shape} is unknown")


def film(things: Sequence[Thing], size: int, ground: int = 245) -> np.ndarray:
    """Frames ``[F, size, size, 3]`` uint8 of one thing a frame."""
    return np.stack([draw([thing], size, ground) for thing in things])
