"""Animations and figures of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from denoscope.settings.base import Settings


class Render(Settings):
    """Which samples are animated, and how fast."""

    samples: NonNegativeInt | Literal["all"] = Field(
        8, description="samples, from the first, that get an animation; the default makes fewer where a run has fewer"
    )
    frames: bool = Field(False, description="also write every frame as PNG")
    fps: float = Field(5.0, gt=0, le=50, description="frames per second")
    hold: float = Field(1.0, ge=0, le=600, description="seconds for which the last frame stays longer than the others")


class PictureRender(Render):
    """How pictures are drawn."""

    size: PositiveInt = Field(256, description="pixels to which a picture is enlarged, by a whole factor")
    caption: bool = Field(True, description="write step and noise level under the picture")
    rows: PositiveInt = Field(10, description="classes in the grid, from the first")
    columns: PositiveInt = Field(8, description="samples of each class in the grid")


class TextRender(Render):
    """How texts are drawn."""

    style: Literal["compact", "detailed"] = Field(
        "compact", description="the text alone, or every token with its entropy and importance"
    )
    width: int = Field(720, ge=240, le=4000, description="pixels of the text")
    font: str = Field("sans", min_length=1, description="sans, mono, or the path of a font")
    theme: Literal["light", "dark"] = Field("light", description="paper and ink")
    max_frames: int | None = Field(None, ge=2, description="show at most so many steps; null shows all")
