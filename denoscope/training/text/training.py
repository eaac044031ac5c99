"""Trains a text model: by masking and guessing, or by guessing the next token."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.networks.importance import ImportanceEstimator
from denoscope.networks.text import Logits, logits_of
from denoscope.training.loop import Training
from denoscope.training.text.judge import causal_losses, masked_losses, next_token_loss
from denoscope.training.text.masking import adaptive_chances, draw_levels, draw_masks, draw_prefixes
from denoscope.training.text.recipe import TextRecipe
from denoscope.training.text.windows import all_windows, random_windows

log = logging.getLogger(__name__)
Scalars = Callable[[int, Mapping[str, float]], None]
"""Takes a step and the figures of it."""


class TextTraining(Training):
    """What trainings of text models share.

    Args:
        network: with its initial weights.
        config: JSON of what describes the network.
        recipe: how it is trained.
        streams: tokens to train on and tokens that are held out.
        length: tokens of a sequence.
        scalars: is told the losses whenever they are judged.
    """

    recipe: TextRecipe
    judged_every = 200

    def __init__(
        self,
        network: nn.Module,
        config: str,
        recipe: TextRecipe,
        streams: tuple[Tensor, Tensor],
        length: int,
        scalars: Scalars | None = None,
    ) -> None:
        decay = [p for p in network.parameters() if p.ndim > 1]
        free = [p for p in network.parameters() if p.ndim <= 1]
        groups = [{"params": decay, "weight_decay": recipe.weight_decay}, {"params": free, "weight_decay": 0.0}]
        optimiser = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98))
        super().__init__(network, config, recipe, optimiser)
        self.length = length
        self.train_stream, self.holdout = streams[0], all_windows(streams[1], length)
        self._scalars = scalars

    def logits(self, network: nn.Module) -> Logits:
        """What gives ``network``'s logits."""
        return logits_of(network)

    @abstractmethod
    def judgement(self) -> dict[str, float]:
        """Hold-out losses of the averaged weights, in nats a token."""

    def tell(self, step: int) -> None:
        """Log the losses at every masking level."""
        figures = {"train": sum(self.losses[-self.judged_every :]) / len(self.losses[-self.judged_every :])}
        figures |= self.judged[-1][1]
        log.info("step %d: %s", step, "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        if self._scalars:
            self._scalars(step, figures)

    def windows(self) -> Tensor:
        """Texts of one step."""
        return random_windows(self.train_stream, self.length, self.recipe.batch, self.generator)


class MaskedTraining(TextTraining):
    """Masks a share of each text, a new one each time, and has the network guess it.

    The mean over a text's masked tokens is MDLM's bound (Sahoo et al. 2024, equation 10) with the share as its time.
    With ``recipe.adaptive`` the masks follow ATAT's importance, and its estimator learns the share of the
    probability that the network does not give to the right token.
    """

    def __init__(self, *args: Any, mask_id: int, **others: Any) -> None:
        super().__init__(*args, **others)
        self.mask_id = mask_id

    def loss(self) -> Tensor:
        """Loss of texts that are drawn and masked now."""
        tokens = self.windows()
        masked = draw_masks(self._chances(tokens), self._prefixes(), self.generator)
        noisy = tokens.masked_fill(masked, self.mask_id)
        guessed = self.logits(self.network)(noisy)[masked]
        each = F.cross_entropy(guessed, tokens[masked], reduction="none")
        share = masked / masked.sum(dim=1, keepdim=True) / len(tokens)
        loss = (each * share[masked]).sum()
        return loss + self._importance_loss(tokens, noisy, masked, each.detach()) if self.recipe.adaptive else loss

    def judgement(self) -> dict[str, float]:
        """Hold-out loss at each masking level."""
        return masked_losses(self.logits(self.average), self.holdout, self.mask_id, self.recipe)

    def _chances(self, tokens: Tensor) -> Tensor:
        done = self.step / self.recipe.steps
        phase = next(phase for phase in self.recipe.phases if done < phase.until)
        levels = draw_levels(phase.levels, len(tokens), self.generator)
        if not self.recipe.adaptive:
            return levels[:, None].expand(tokens.shape)
        with torch.no_grad():
            importance = self._estimator()(tokens)
        return adaptive_chances(levels, importance, self.recipe.adaptive, done)

    def _prefixes(self) -> Tensor:
        return draw_prefixes(self.recipe.prefix, self.recipe.batch, self.generator)

    def _estimator(self) -> ImportanceEstimator:
        return cast("ImportanceEstimator", self.network.importance)

    def _importance_loss(self, tokens: Tensor, noisy: Tensor, masked: Tensor, each: Tensor) -> Tensor:
        """How far the learned importance is from 1 − p(right token), given the whole text and the masked one."""
        missed = 1 - (-each).exp()
        estimator = self._estimator()
        return sum((F.mse_loss(estimator.learned(given)[masked], missed) for given in (tokens, noisy)), torch.zeros(()))


class CausalTraining(TextTraining):
    """Has the network guess each token from those before it."""

    def loss(self) -> Tensor:
        """Loss of texts that are drawn now."""
        return next_token_loss(self.logits(self.network), self.windows()).mean()

    def judgement(self) -> dict[str, float]:
        """Hold-out loss of the next token."""
        return causal_losses(self.logits(self.average), self.holdout, self.recipe)
