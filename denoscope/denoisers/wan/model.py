"""The network that a run of the WAN family asks for. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import prod
from typing import Any, Literal

from pydantic import Field

from denoscope.networks.description import published
from denoscope.networks.wan_plan import WanConfig, attention_layers, blocks, tensors
from denoscope.settings.model import Model, Shape

TEXT_LENGTH = 512
"""Tokens that WAN reads: prompts encoded at another length have other keys of padding in every cross-attention."""
COMPRESSION = (4, 8)
"""Frames, and rows or columns, of a latent of the published autoencoder."""


class WanModel(Model):
    """A transformer on latents of films with a UMT5 text encoder."""

    family: Literal["wan"]
    network: WanConfig | None = Field(
        None, description="the transformer; a bundled, trained or local checkpoint brings it in its config.json"
    )

    @cached_property
    def architecture(self) -> WanConfig:
        """The transformer's configuration, from here or from the checkpoint's folder."""
        return self.network or WanConfig.model_validate(self._described["transformer"])

    @cached_property
    def compression(self) -> tuple[int, int]:
        """Frames, and rows or columns, of a latent; the first latent frame is one frame."""
        if self.network:
            return COMPRESSION
        vae = self._described["vae"]
        return vae.get("scale_factor_temporal", COMPRESSION[0]), vae.get("scale_factor_spatial", COMPRESSION[1])

    @cached_property
    def text_length(self) -> int:
        """Tokens of a prompt, padding included."""
        return TEXT_LENGTH if self.network else int(self._described["text_encoder"].get("max_length", TEXT_LENGTH))

    def layers(self) -> dict[str, Shape]:
        """Every block, with its channels; its positions depend on the film's size."""
        return dict.fromkeys(blocks(self.architecture), (self.architecture.channels,))

    def attention_layers(self) -> tuple[str, ...]:
        """Self-attention (``attn1``) and cross-attention (``attn2``) of every block."""
        return tuple(layer.name for layer in attention_layers(self.architecture))

    def parameters(self) -> int:
        """Number of the transformer's parameters."""
        return sum(prod(shape) for shape in tensors(self.architecture).values())

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        return published(self.checkpoint, self.family).network
