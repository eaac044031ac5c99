"""What the kinds of pipelines do differently when they are trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from denoscope.training.captioned.recipe import Drawing

Scaling = Callable[[Tensor], Tensor]


class Family(Protocol):
    """A kind of pipeline."""

    kind: Any
    """diffusers' class."""
    denoiser: str
    """The pipeline's name of the network that removes noise."""

    def created(self, network: Mapping[str, Any], captions: Sequence[str]) -> Any:
        """A pipeline with new weights, whose tokenizer knows the words of ``captions``."""

    def scaling(self, autoencoder: Any, latents: Tensor) -> Scaling:
        """What gives ``latents`` unit variance; the autoencoder's configuration tells it from now on."""

    def tokens(self, pipeline: Any, texts: Sequence[str]) -> Tensor:
        """Tokens of texts, cut and padded to one length: ``[texts, length]``."""

    def read(self, encoder: Any, tokens: Tensor) -> Tensor:
        """What the denoiser reads of tokens: ``[texts, length, channels]``."""

    def noised(
        self, scheduler: Any, latents: Tensor, noise: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Latents at times drawn at random: with their noise, the times, and what is to be predicted."""

    def made(self, pipeline: Any, captions: Sequence[str], drawing: Drawing, seeds: Sequence[int]) -> np.ndarray:
        """What a pipeline makes of each caption, from a seed of its own: uint8, colours last."""


def family_of(name: str) -> Family:
    """The family that a ``config.json`` names."""
    if name == "wan":
        from denoscope.training.captioned.wan import Wan

        return Wan()
    from denoscope.training.captioned.stable_diffusion import StableDiffusion

    return StableDiffusion()
