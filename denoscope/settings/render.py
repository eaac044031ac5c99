"""Animations and figures of a run."""

from __future__ import annotations

from typing import Annotated, Literal

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


class AttentionRender(Settings):
    """Films of the words' attention over what was generated, one a word of every animated sample."""

    words: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="those of a prompt's words that get a film; null takes all whose attention is recorded"
    )
    layer: str | None = Field(None, description="whose maps are shown; null shows the mean over the layers")
    background: Literal["final", "predicted"] | None = Field(
        "final", description="the finished picture, what each step predicts, or nothing (null)"
    )
    renormalised: bool = Field(False, description="as a share of what the prompt's own tokens get")
    colormap: str = Field("hot", min_length=1, description="a map of matplotlib's")
    alpha: float = Field(0.6, ge=0, le=1, description="how much the colours cover the picture")
    fps: float = Field(10.0, gt=0, le=50, description="frames per second")
    interpolation_steps: NonNegativeInt = Field(2, le=100, description="frames between each two steps")
    format: Literal["mp4", "avi", "gif", "webp"] = Field("mp4", description="kind of the files")


class PictureRender(Render):
    """How pictures are drawn."""

    attention: AttentionRender | None = Field(
        None, description="films of the words' attention, made as each shard is done; null makes none"
    )

    size: PositiveInt = Field(256, description="pixels to which a picture is enlarged, by a whole factor")
    caption: bool = Field(True, description="write step and noise level under the picture")
    rows: PositiveInt = Field(10, description="classes in the grid, from the first")
    columns: PositiveInt = Field(8, description="samples of each class in the grid")


class VideoRender(PictureRender):
    """How films are drawn: ``fps`` and ``hold`` are the pace of their steps."""

    film_fps: float = Field(16.0, gt=0, le=50, description="frames per second of finished films, which are looped")

    def of_films(self) -> VideoRender:
        """The same at the pace of a finished film, whose last frame stays no longer than the others."""
        return self.model_copy(update={"fps": self.film_fps, "hold": 0.0})


class TextRender(Render):
    """How texts are drawn."""

    style: Literal["compact", "detailed"] = Field(
        "compact", description="the text alone, or every token with its entropy and importance"
    )
    width: int = Field(720, ge=240, le=4000, description="pixels of the text")
    font: str = Field("sans", min_length=1, description="sans, mono, or the path of a font")
    theme: Literal["light", "dark"] = Field("light", description="paper and ink")
    max_frames: int | None = Field(None, ge=2, description="show at most so many steps; null shows all")
