"""The loop of every training: optimiser steps, a moving average of the weights, and a state to go on from."""

from __future__ import annotations

import copy
import math
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from denoscope import __version__
from denoscope.runtime.progress import Heartbeat
from denoscope.training.schedule import Optimisation
from denoscope.training.state import restore, save


class DivergedError(ValueError):
    """A training whose loss is no longer a number."""


class Training(ABC):
    """Network, moving average, optimiser, generator and losses; continues from what it saved.

    Args:
        network: with its initial weights.
        config: JSON of what describes the network.
        recipe: how it is trained.
        optimiser: of the network's parameters.
    """

    saved_every: ClassVar[int] = 200
    judged_every: ClassVar[int] = 100

    def __init__(self, network: nn.Module, config: str, recipe: Optimisation, optimiser: torch.optim.Optimizer) -> None:
        self.network, self.recipe, self.optimiser = network, recipe, optimiser
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.step = 0
        self.seconds = 0.0
        """That all attempts took, as far as they were saved."""
        self.losses: list[float] = []
        self.judged: list[tuple[int, Any]] = []
        self._config = config
        self._dropout_state = torch.get_rng_state()

    @abstractmethod
    def loss(self) -> Tensor:
        """Loss of the network on items that are drawn now."""

    @abstractmethod
    def judgement(self) -> Any:
        """What the averaged weights are worth on held-out data: numbers, the same for the same weights."""

    def decided_by(self) -> dict[str, str]:
        """What decides every number of a training: half of one and half of another would be no recipe's result."""
        return {
            "recipe": self.recipe.model_dump_json(),
            "network": self._config,
            "PyTorch version": str(torch.__version__),
            "denoscope version": __version__,
        }

    def run(self, folder: Path, job: str) -> None:
        """Train to the recipe's last step; what is saved in ``folder`` on the way lets a killed training go on."""
        torch.set_rng_state(self._dropout_state)  # dropout draws from the global generator
        restore(self, folder)
        before, started = self.seconds, time.perf_counter()
        with Heartbeat(folder, job, self.recipe.steps, unit="step") as progress:
            progress.advance(self.step, fresh=False)
            while self.step < self.recipe.steps:
                self._advance()
                progress.advance()
                self.seconds = before + time.perf_counter() - started
                if self.step % self.judged_every == 0 or self.step == self.recipe.steps:
                    self.judged.append((self.step, self.judgement()))
                    self.tell(self.step)
                if self.step % self.saved_every == 0:
                    save(self, folder)

    @abstractmethod
    def tell(self, step: int) -> None:
        """Log what was judged last."""

    def _advance(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(self.step)
        self.network.train()
        loss = self.loss()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimiser.step()
        self.step += 1
        self.losses.append(loss.item())
        if not math.isfinite(self.losses[-1]):
            raise DivergedError(f"the loss of step {self.step} is {self.losses[-1]}: lower learning_rate")
        self._update_average()

    def _update_average(self) -> None:
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for average, current in zip(self.average.parameters(), self.network.parameters(), strict=True):
                average.lerp_(current, 1 - decay)
