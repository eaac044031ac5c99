"""Trains the autoencoder of a pipeline on pictures or films that are drawn as they are needed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.training.captioned.data import Data
from denoscope.training.captioned.recipe import Autoencoder
from denoscope.training.loop import Training

log = logging.getLogger(__name__)


class AutoencoderTraining(Training):
    """Training of an ``AutoencoderKL`` or an ``AutoencoderKLWan``."""

    recipe: Autoencoder

    def __init__(
        self, network: nn.Module, config: str, recipe: Autoencoder, data: Data, captions: Sequence[Any]
    ) -> None:
        optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, fused=True)
        super().__init__(network, config, recipe, optimiser)
        self._data, self._captions = data, captions
        self._holdout = self._examples(64, -1)

    def loss(self) -> Tensor:
        """Loss of new examples."""
        return self._loss(self.network, self._examples(self.recipe.batch, self.step), self.generator)

    def judgement(self) -> float:
        """Absolute error of the averaged weights on examples that are not trained on, in −1 … 1."""
        with torch.no_grad():
            return float((reconstructed(self.average, self._holdout) - self._holdout).abs().mean())

    def tell(self, step: int) -> None:
        """Log the held-out error."""
        log.info("autoencoder, step %d: mean error %.4f", step, self.judged[-1][1])

    def _examples(self, count: int, step: int) -> Tensor:
        generator = np.random.default_rng([self.recipe.seed, step + 1])
        return self._data.varied(self._captions, count, generator)

    def _loss(self, network: Any, examples: Tensor, generator: torch.Generator) -> Tensor:
        """Absolute and squared error, and a little of the latents' divergence from a normal distribution."""
        latents = network.encode(examples).latent_dist
        found = unclamped(network, latents.sample(generator=generator))
        error = (found - examples).abs().mean() + F.mse_loss(found, examples)
        loss: Tensor = error + self.recipe.kl * latents.kl().mean()
        return loss


def unclamped(autoencoder: Any, latents: Tensor) -> Tensor:
    """What the decoder makes of latents, whose frames it may make in parts.

    WAN's autoencoder then clamps it to −1 … 1: whatever is too bright would have no gradient, and stay so.
    """
    parts: list[Tensor] = []
    hook = autoencoder.decoder.register_forward_hook(lambda module, given, found: parts.append(found))
    try:
        autoencoder.decode(latents)
    finally:
        hook.remove()
    return torch.cat(parts, dim=2)


def reconstructed(autoencoder: Any, examples: Tensor) -> Tensor:
    """Pictures through the autoencoder and back."""
    found: Tensor = autoencoder.decode(autoencoder.encode(examples).latent_dist.mode()).sample
    return found
