"""Where a finished run is published besides the page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt

from denoscope.settings.base import Settings


class WandB(Settings):
    """Weights & Biases."""

    mode: Literal["offline", "online", "disabled"] = Field(
        "disabled", description="offline needs no account and is uploaded later by wandb sync; online uploads at once"
    )
    project: str = Field("denoscope", min_length=1, description="the project that gets the runs")
    folder: str = Field("results", min_length=1, description="the folder below which wandb/ keeps the runs")


class Publish(Settings):
    """Animations, scalars and texts for the dashboards of others."""

    tensorboard: bool | str = Field(
        False, description="folder in which each run gets one for TensorBoard; true is results/tensorboard"
    )
    wandb: WandB = WandB()
    samples: NonNegativeInt = Field(16, description="samples, from the first, whose animations and texts are published")

    @property
    def anywhere(self) -> bool:
        """Whether anything is published."""
        return bool(self.tensorboard) or self.wandb.mode != "disabled"

    @property
    def tensorboard_folder(self) -> str | None:
        """Where TensorBoard's files go."""
        return "results/tensorboard" if self.tensorboard is True else self.tensorboard or None
