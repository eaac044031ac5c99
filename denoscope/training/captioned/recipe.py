"""The recipe of a pipeline that draws or films what a caption says."""

from __future__ import annotations

import json
from typing import Any, Literal

import yaml
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from denoscope.settings.base import Settings
from denoscope.training.schedule import Optimisation


class Autoencoder(Optimisation):
    """How the autoencoder is trained, before everything else."""

    kl: NonNegativeFloat = Field(1e-5, description="weight of the divergence of its latents from a normal distribution")


class Drawing(Settings):
    """How the trained pipeline draws when it is judged."""

    steps: PositiveInt = 12
    guidance: PositiveFloat = 3.0
    eta: float = Field(0.0, ge=0, le=1, description="fresh noise after each step of DDIM; of pictures only")
    seed: NonNegativeInt = 0


class CaptionedRecipe(Optimisation):
    """How a pipeline is trained: the autoencoder, then text encoder and denoiser together on its latents."""

    data: Literal["scenes", "motion"] = Field(
        description="generated pictures of shapes, or films of a moving one, and captions that are true of them"
    )
    holdout: PositiveInt = Field(200, description="captions that are not trained on")
    pictures: PositiveInt = Field(20_000, description="pictures or films that are drawn and encoded once")
    drop: float = Field(0.1, ge=0, lt=1, description="share of captions that are left empty, for guidance")
    autoencoder: Autoencoder
    scoring: Drawing = Drawing()

    @model_validator(mode="after")
    def _noise_of_ddim(self) -> CaptionedRecipe:
        if self.data == "motion" and self.scoring.eta:
            raise ValueError("scoring.eta is noise that DDIM adds, and films are drawn with UniPC: remove it")
        return self


def read_captioned(config: str, recipe: str) -> tuple[str, dict[str, Any], CaptionedRecipe]:
    """Read ``config.json`` and ``recipe.yaml``: the family, its components, and how they are trained."""
    described = json.loads(config)
    return described["family"], described["network"], CaptionedRecipe.model_validate(yaml.safe_load(recipe))
