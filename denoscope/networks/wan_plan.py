"""The layers of diffusers' WAN transformer, without torch.

A configuration decides every block's name and the grid of tokens that latents are cut into; the workflow reads this
plan to know which layers exist, and how large their attention is, before any checkpoint is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from denoscope.settings.base import Settings

Grid = tuple[int, int, int]
"""Frames, height and width."""


class WanConfig(Settings):
    """Architecture of a ``WanTransformer3DModel`` that reads text; names and defaults are diffusers' own."""

    patch_size: tuple[PositiveInt, PositiveInt, PositiveInt] = Field(
        (1, 2, 2), description="frames, rows and columns of latents that make a token"
    )
    num_attention_heads: PositiveInt = Field(40, description="attention heads of a block")
    attention_head_dim: PositiveInt = Field(128, description="channels of a head")
    in_channels: PositiveInt = Field(16, description="channels of the latents")
    out_channels: PositiveInt = Field(16, description="channels of the prediction")
    text_dim: PositiveInt = Field(4096, description="channels of the encoded text")
    freq_dim: PositiveInt = Field(256, description="sines and cosines of the time")
    ffn_dim: PositiveInt = Field(13824, description="channels within a feed-forward layer")
    num_layers: PositiveInt = Field(40, description="blocks")
    cross_attn_norm: bool = Field(True, description="normalise what the text is asked with")
    qk_norm: Literal["rms_norm_across_heads"] = Field("rms_norm_across_heads", description="norm of queries and keys")
    eps: PositiveFloat = Field(1e-6, description="added to the variance in every norm")
    rope_max_seq_len: PositiveInt = Field(1024, description="longest side of the grid of tokens")

    @model_validator(mode="after")
    def _fits(self) -> WanConfig:
        if self.attention_head_dim % 2:
            raise ValueError(f"attention_head_dim {self.attention_head_dim} is odd: positions turn pairs of channels")
        return self

    @property
    def channels(self) -> int:
        """Channels of every block."""
        return self.num_attention_heads * self.attention_head_dim

    def tokens(self, latents: Grid) -> Grid:
        """The grid of tokens that latents are cut into."""
        frames, rows, columns = (side // patch for side, patch in zip(latents, self.patch_size, strict=True))
        return frames, rows, columns


@dataclass(frozen=True)
class AttentionLayer:
    """A module that attends from every token: heads, and whether to the text or to the other tokens."""

    name: str
    heads: int
    crossed: bool


def blocks(config: WanConfig) -> tuple[str, ...]:
    """Every block, in the order in which they run."""
    return tuple(f"blocks.{number}" for number in range(config.num_layers))


def attention_layers(config: WanConfig) -> Iterator[AttentionLayer]:
    """Every self-attention (``attn1``) and cross-attention (``attn2``), in the order in which they run."""
    for block in blocks(config):
        yield AttentionLayer(f"{block}.attn1", config.num_attention_heads, crossed=False)
        yield AttentionLayer(f"{block}.attn2", config.num_attention_heads, crossed=True)


def tensors(config: WanConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights."""
    width, text, inner = config.channels, config.text_dim, config.ffn_dim
    found: dict[str, tuple[int, ...]] = {"patch_embedding.weight": (width, config.in_channels, *config.patch_size)}
    found["patch_embedding.bias"] = (width,)
    embedder = "condition_embedder"
    found |= _linear(f"{embedder}.text_embedder.linear_1", text, width)
    found |= _linear(f"{embedder}.text_embedder.linear_2", width, width)
    found |= _linear(f"{embedder}.time_embedder.linear_1", config.freq_dim, width)
    found |= _linear(f"{embedder}.time_embedder.linear_2", width, width)
    found |= _linear(f"{embedder}.time_proj", width, 6 * width)
    for block in blocks(config):
        for layer in ("attn1", "attn2"):
            for part in ("to_q", "to_k", "to_v", "to_out.0"):
                found |= _linear(f"{block}.{layer}.{part}", width, width)
            found |= {f"{block}.{layer}.{norm}.weight": (width,) for norm in ("norm_q", "norm_k")}
        if config.cross_attn_norm:
            found |= {f"{block}.norm2.{part}": (width,) for part in ("weight", "bias")}
        found |= _linear(f"{block}.ffn.net.0.proj", width, inner) | _linear(f"{block}.ffn.net.2", inner, width)
        found[f"{block}.scale_shift_table"] = (1, 6, width)
    found |= _linear("proj_out", width, config.out_channels * prod(config.patch_size))
    return {**found, "scale_shift_table": (1, 2, width)}


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
