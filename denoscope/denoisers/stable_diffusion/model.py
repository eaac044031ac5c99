"""The model section of a Stable Diffusion run. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field, PositiveInt

from denoscope.checkpoints.bundled import config_path
from denoscope.networks.description import published
from denoscope.networks.unet2d_count import parameter_count
from denoscope.networks.unet2d_plan import Size, UNet2DConfig, attention_layers, modules
from denoscope.settings.base import Settings
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.model import AttentionShape, Model, Shape

FACTOR, TEXT_LENGTH = 8, 77
"""Pixels a latent and tokens a prompt of every published checkpoint."""


class LoRA(Settings):
    """Low-rank changes (Hu et al. 2021, arXiv:2106.09685) that are added to the UNet's weights when it is loaded."""

    checkpoint: Checkpoint
    scale: float = Field(1.0, description="factor of the changes")


class StableDiffusionModel(Model):
    """A UNet on latents with one CLIP text encoder, or with two as SDXL has them."""

    family: Literal["stable_diffusion"]
    unet: Checkpoint | None = Field(
        None, description="where the UNet comes from, a state dict by itself; null takes the one of the checkpoint"
    )
    lora: LoRA | None = Field(None, description="changes of the UNet's weights; null makes none")
    network: UNet2DConfig | None = Field(
        None, description="the UNet; a bundled, trained or local checkpoint brings it in its config.json"
    )
    height: PositiveInt | None = Field(None, description="of a picture, in pixels; null is the UNet's own sample_size")
    width: PositiveInt | None = Field(None, description="of a picture, in pixels; null is the UNet's own sample_size")

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The pipeline, and whence its UNet and the UNet's changes come."""
        others = self.unet, self.lora and self.lora.checkpoint
        return (self.checkpoint, *(other for other in others if other))

    @cached_property
    def architecture(self) -> UNet2DConfig:
        """The UNet's configuration, from here or from the checkpoint's folder."""
        return self.network or UNet2DConfig.model_validate(self._described["unet"])

    @cached_property
    def factor(self) -> int:
        """Pixels that a latent's height or width stands for: two for every downsampler of the autoencoder."""
        levels = self._described.get("vae", {}).get("block_out_channels")
        return 2 ** (len(levels) - 1) if levels else FACTOR

    @cached_property
    def text_length(self) -> int:
        """Tokens that the UNet reads of a prompt."""
        return int(self._described.get("text_encoder", {}).get("max_position_embeddings", TEXT_LENGTH))

    @property
    def size(self) -> Size:
        """Height and width of a picture."""
        own = self.architecture.sample_size * self.factor
        return self.height or own, self.width or own

    @property
    def latents(self) -> Size:
        """Height and width of the latents."""
        height, width = self.size
        return height // self.factor, width // self.factor

    def layers(self) -> dict[str, Shape]:
        """Residual blocks, transformers and resamplers, with channels, height and width of their output."""
        return {module.name: module.shape for module in modules(self.architecture, self.latents)}

    def attention_layers(self) -> tuple[str, ...]:
        """Self-attention (``attn1``) and cross-attention (``attn2``) of every transformer block."""
        return tuple(layer.name for layer in attention_layers(self.architecture))

    def parameters(self) -> int:
        """Number of the UNet's parameters."""
        return parameter_count(self.architecture)

    def word_layers(self) -> dict[str, AttentionShape]:
        """Cross-attention of every transformer block, with the positions that attend to the prompt's tokens."""
        return {
            layer.name: AttentionShape(layer.heads, layer.grid, self.text_length)
            for layer in attention_layers(self.architecture, self.latents)
            if layer.reads_text
        }

    @cached_property
    def _described(self) -> dict[str, Any]:
        """What the checkpoint's ``config.json`` says of its parts; nothing where it has none and need not have one."""
        if self.network and config_path(self.checkpoint) is None:
            return {}
        return published(self.checkpoint, self.family).network
