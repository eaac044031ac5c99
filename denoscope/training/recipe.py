"""The recipe of a bundled model: ``models/<name>/recipe.yaml``."""

from __future__ import annotations

from typing import Literal

import yaml
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from denoscope.denoisers.edm.settings import Sampler
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.settings.base import Settings
from denoscope.training.schedule import Optimisation


class Data(Settings):
    """The data set."""

    name: Literal["sklearn-digits"] = Field(description="scikit-learn's handwritten digits")
    holdout: float = Field(0.1, gt=0, lt=1, description="share of the images that is not trained on")


class Scoring(Settings):
    """How the trained model is judged."""

    sampler: Sampler
    samples: PositiveInt = 500
    seed: NonNegativeInt = 0


class Recipe(Optimisation):
    """How a model is trained."""

    data: Data
    noise_mean: float = Field(-1.2, description="mean of the logarithm of the noise level")
    noise_std: PositiveFloat = Field(1.2, description="standard deviation of the logarithm of the noise level")
    scoring: Scoring


class ModelCard(Settings):
    """``models/<name>/config.json``: what a checkpoint's folder says of the network."""

    family: Literal["edm"]
    network: DhariwalConfig
    classes: tuple[str, ...]


def read_recipe(config: str, recipe: str) -> tuple[ModelCard, Recipe]:
    """Read the texts of ``config.json`` and ``recipe.yaml``."""
    return ModelCard.model_validate_json(config), Recipe.model_validate(yaml.safe_load(recipe))
