"""Animations and figures of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from denoscope.settings.base import Settings


class Render(Settings):
    """What is drawn, how large and how fast."""

    samples: NonNegativeInt | Literal["all"] = Field(8, description="samples, from the first, that get an animation")
    frames: bool = Field(False, description="also write every frame as PNG")
    fps: float = Field(5.0, gt=0, le=50, description="frames per second")
    hold: NonNegativeFloat = Field(1.0, description="seconds for which the last frame stays longer than the others")
    size: PositiveInt = Field(256, description="pixels to which a picture is enlarged, by a whole factor")
    caption: bool = Field(True, description="write step and noise level under the picture")
    rows: PositiveInt = Field(10, description="classes in the grid, from the first")
    columns: PositiveInt = Field(8, description="samples of each class in the grid")
