"""Judges trained weights as they are on disk."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from denoscope.checkpoints.weights import assign_weights
from denoscope.networks.dhariwal import EDMPrecond
from denoscope.training.data import Images
from denoscope.training.recipe import ModelCard, Recipe
from denoscope.training.sampling import balanced_samples
from denoscope.training.scores import score_digits


def judge(weights: Path, card: ModelCard, recipe: Recipe, real: Images, trained: Images) -> dict[str, dict[str, float]]:
    """Scores of the weights: with the recipe's sampler, and without guidance."""
    with torch.device("meta"):
        network = EDMPrecond(card.network)
    assign_weights(network, load_file(weights), torch.float32, source=str(weights))
    found = {}
    for key, guidance in (("guided", recipe.scoring.sampler.guidance), ("plain", 1.0)):
        sampler = recipe.scoring.sampler.model_copy(update={"guidance": guidance})
        samples, labels = balanced_samples(network, sampler, recipe.scoring.samples, recipe.scoring.seed)
        found[key] = {name: round(value, 4) for name, value in score_digits(samples, labels, real, trained).items()}
    return found
