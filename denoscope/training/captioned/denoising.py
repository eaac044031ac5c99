"""Trains text encoder and denoiser of a pipeline together, on latents."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.training.captioned.family import Family
from denoscope.training.captioned.recipe import CaptionedRecipe
from denoscope.training.loop import Training

log = logging.getLogger(__name__)


class DenoisingTraining(Training):
    """Training of a denoiser and a text encoder to predict what the family says of noisy latents.

    Args:
        network: the family's denoiser and ``text_encoder``.
        config: JSON of what describes them.
        recipe: how they are trained.
        family: adds the noise and reads the tokens.
        scheduler: of the pipeline.
        latents: scaled, ``[examples, channels, …, height, width]``.
        tokens: of their captions, ``[examples, length]``.
        empty: tokens of no caption, ``[length]``.
        holdout: latents and tokens of captions that are not trained on.
    """

    recipe: CaptionedRecipe

    def __init__(
        self,
        network: nn.ModuleDict,
        config: str,
        recipe: CaptionedRecipe,
        family: Family,
        scheduler: Any,
        latents: Tensor,
        tokens: Tensor,
        empty: Tensor,
        holdout: tuple[Tensor, Tensor],
    ) -> None:
        optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, fused=True)
        super().__init__(network, config, recipe, optimiser)
        self._family, self._scheduler, self._holdout = family, scheduler, holdout
        self._latents, self._tokens, self._empty = latents, tokens, empty

    def loss(self) -> Tensor:
        """Loss of latents drawn at random, some without their caption."""
        chosen = torch.randint(len(self._latents), (self.recipe.batch,), generator=self.generator)
        tokens = self._tokens[chosen].clone()
        tokens[torch.rand(len(chosen), generator=self.generator) < self.recipe.drop] = self._empty
        return self._loss(self.network, self._latents[chosen], tokens, self.generator)

    def judgement(self) -> float:
        """Loss of the averaged weights on captions that are not trained on, with the same noise at every call."""
        generator = torch.Generator().manual_seed(self.recipe.seed + 1)
        with torch.no_grad():
            return float(self._loss(self.average, *self._holdout, generator))

    def tell(self, step: int) -> None:
        """Log the held-out loss."""
        log.info("step %d: held-out loss %.4f", step, self.judged[-1][1])

    def _loss(self, network: Any, latents: Tensor, tokens: Tensor, generator: torch.Generator) -> Tensor:
        noise = torch.randn(latents.shape, generator=generator)
        noisy, times, wanted = self._family.noised(self._scheduler, latents, noise, generator)
        read = self._family.read(network["text_encoder"], tokens)
        return F.mse_loss(network[self._family.denoiser](noisy, times, read).sample, wanted)
