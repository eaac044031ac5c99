"""How films of attention look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from denoscope.render.attention.colours import colour_table


@dataclass(frozen=True)
class Look:
    """Choices that hold for all frames of a film.

    Args:
        size: pixels of a frame, (width, height); None makes the longer side of the picture about 512.
        colormap: a map of matplotlib's.
        alpha: how much the colours cover a picture: 0 leaves it as it is, 1 hides it.
        scale: ``film``: one scale of colours, from the smallest value of all frames to the largest, so that frames
            compare; ``frame``: each frame has its own.
        colorbar: draw the scale beside the map, in shares of attention.
        timestamp: write step and noise level below the map.

    Raises:
        ValueError: a choice is none, or out of range; of the size, when a film is laid out.
    """

    size: tuple[int, int] | None = None
    colormap: str = "hot"
    alpha: float = 0.6
    scale: Literal["film", "frame"] = "film"
    colorbar: bool = True
    timestamp: bool = True

    def __post_init__(self) -> None:
        colour_table(self.colormap)
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha:g}: give 0 (only the picture) to 1 (only the colours)")
        if self.scale not in ("film", "frame"):
            raise ValueError(f"scale is {self.scale!r}: give film or frame")


@dataclass(frozen=True)
class Labels:
    """What is written about a film: a line above it, a smaller one below that, and what the colours measure."""

    title: str
    subtitle: str
    unit: str
