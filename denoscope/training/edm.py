"""Trains an EDM-preconditioned network (Karras et al. 2022, section 5)."""

from __future__ import annotations

import logging
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.networks.dhariwal import EDMPrecond, zero_init
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.training.data import Images
from denoscope.training.loop import Training
from denoscope.training.recipe import Recipe

log = logging.getLogger(__name__)


class EDMTraining(Training):
    """Training of an EDM-preconditioned network on images."""

    recipe: Recipe

    def __init__(self, network: DhariwalConfig, recipe: Recipe, train: Images, holdout: Images) -> None:
        torch.manual_seed(recipe.seed)  # initial weights and dropout
        made = zero_init(EDMPrecond(network))
        optimiser = torch.optim.Adam(made.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99))
        super().__init__(made, network.model_dump_json(), recipe, optimiser)
        self.train_images, self.holdout_images = train, holdout

    def loss(self) -> Tensor:
        """Loss of images drawn at random."""
        chosen = torch.randint(len(self.train_images.labels), (self.recipe.batch,), generator=self.generator)
        return self._loss(cast("EDMPrecond", self.network), self.train_images.at(chosen), self.generator)

    def judgement(self) -> float:
        """Loss of the averaged weights on images that are not trained on, with the same noise at every call."""
        generator = torch.Generator().manual_seed(self.recipe.seed + 1)
        with torch.no_grad():
            return float(self._loss(cast("EDMPrecond", self.average), self.holdout_images, generator))

    def tell(self, step: int) -> None:
        """Log the held-out loss."""
        log.info("step %d: held-out loss %.4f", step, self.judged[-1][1])

    def _loss(self, network: EDMPrecond, images: Images, generator: torch.Generator) -> Tensor:
        """Weighted denoising error, mean over pixels (Karras et al. 2022, equation 8 with table 1's λ)."""
        x, spread = images.pixels, network.config.sigma_data
        draw = torch.randn(len(x), generator=generator)
        sigma = (draw * self.recipe.noise_std + self.recipe.noise_mean).exp()
        noise = torch.randn(x.shape, generator=generator) * sigma[:, None, None, None]
        weight = (sigma**2 + spread**2) / (sigma * spread) ** 2
        labels = F.one_hot(images.labels, network.config.label_dim).float()
        error: Tensor = (network(x + noise, sigma, labels) - x).square()
        return (weight[:, None, None, None] * error).mean()
