"""Trains an EDM-preconditioned network (Karras et al. 2022, section 5)."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.networks.dhariwal import EDMPrecond, zero_init
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.runtime.progress import Heartbeat
from denoscope.training.data import Images
from denoscope.training.recipe import Recipe
from denoscope.training.state import restore, save

SAVED_EVERY = 200
JUDGED_EVERY = 100


class EDMTraining:
    """Network, moving average, optimiser, generator and losses of one training; continues from what it saved."""

    def __init__(self, network: DhariwalConfig, recipe: Recipe, train: Images, holdout: Images) -> None:
        torch.manual_seed(recipe.seed)  # initial weights and dropout
        self.recipe, self.train_images, self.holdout_images = recipe, train, holdout
        self.network = zero_init(EDMPrecond(network))
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99))
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.step = 0
        self.losses: list[float] = []
        self.judged: list[tuple[int, float]] = []
        self._dropout_state = torch.get_rng_state()

    def run(self, folder: Path, job: str) -> None:
        """Train to the recipe's last step; what is saved in ``folder`` on the way lets a killed training go on."""
        torch.set_rng_state(self._dropout_state)  # dropout draws from the global generator
        restore(self, folder)
        with Heartbeat(folder, job, self.recipe.steps, unit="step") as progress:
            progress.advance(self.step, fresh=False)
            while self.step < self.recipe.steps:
                self._advance()
                progress.advance()
                if self.step % JUDGED_EVERY == 0:
                    self.judged.append((self.step, self.holdout_loss()))
                if self.step % SAVED_EVERY == 0:
                    save(self, folder)

    def holdout_loss(self) -> float:
        """Loss of the averaged weights on images that are not trained on, with the same noise at every call."""
        generator = torch.Generator().manual_seed(self.recipe.seed + 1)
        with torch.no_grad():
            return float(self._loss(self.average, self.holdout_images, generator))

    def _advance(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * self._rate()
        chosen = torch.randint(len(self.train_images.labels), (self.recipe.batch,), generator=self.generator)
        self.network.train()
        loss = self._loss(self.network, self.train_images.at(chosen), self.generator)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.step += 1
        self.losses.append(loss.item())
        self._update_average()

    def _rate(self) -> float:
        """Linear warm-up, constant for the first half, cosine decay to 2 % in the second."""
        done = self.step / self.recipe.steps
        decay = 1.0 if done < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (2 * done - 1)))
        return decay * min(1.0, (self.step + 1) / max(1, self.recipe.warmup))

    def _update_average(self) -> None:
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for average, current in zip(self.average.parameters(), self.network.parameters(), strict=True):
                average.lerp_(current, 1 - decay)

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
