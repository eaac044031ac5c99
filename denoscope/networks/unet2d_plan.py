"""The layers of diffusers' conditional UNet, without torch.

A configuration decides every module's name, channels and resolution; the workflow reads this plan to know which layers
exist, and how large their attention is, before any checkpoint is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from denoscope.settings.base import Settings

DownBlock = Literal["CrossAttnDownBlock2D", "DownBlock2D"]
UpBlock = Literal["CrossAttnUpBlock2D", "UpBlock2D"]
PerLevel = PositiveInt | tuple[PositiveInt, ...]
Size = tuple[int, int]
"""Height and width."""

SIZES = 6
"""Numbers that SDXL's network is told of a picture: two each for original size, crop and target size."""


class UNet2DConfig(Settings):
    """Architecture of a ``UNet2DConditionModel``; names and defaults are those of its ``config.json``.

    What the published text-to-image models set is here; what none of them sets stays at diffusers' default.
    """

    sample_size: PositiveInt = Field(64, description="height and width of the latents")
    in_channels: PositiveInt = Field(4, description="channels of the latents")
    out_channels: PositiveInt = Field(4, description="channels of the prediction")
    down_block_types: tuple[DownBlock, ...] = Field(
        ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",), min_length=1, description="kind of every level, going down"
    )
    up_block_types: tuple[UpBlock, ...] = Field(
        ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3, min_length=1, description="kind of every level, going up"
    )
    block_out_channels: tuple[PositiveInt, ...] = Field((320, 640, 1280, 1280), description="channels of every level")
    layers_per_block: PositiveInt = Field(2, description="residual blocks of a level, going down")
    cross_attention_dim: PositiveInt = Field(1280, description="channels of the encoded text")
    attention_head_dim: PerLevel = Field(
        8, description="attention heads of a block, despite its name; one number or one a level"
    )
    transformer_layers_per_block: PerLevel = Field(1, description="transformer blocks; one number or one a level")
    norm_num_groups: PositiveInt = Field(32, description="groups of a group norm")
    use_linear_projection: bool = Field(False, description="project by a linear layer instead of a convolution")
    upcast_attention: bool | None = Field(None, description="compute attention in float32")
    addition_embed_type: Literal["text_time"] | None = Field(
        None, description="SDXL's additional condition: pooled text, sizes and crops"
    )
    addition_time_embed_dim: PositiveInt | None = Field(None, description="channels of each size and crop")
    projection_class_embeddings_input_dim: PositiveInt | None = Field(
        None, description="channels of the additional condition"
    )

    @model_validator(mode="after")
    def _fits(self) -> UNet2DConfig:
        levels = len(self.block_out_channels)
        for key in ("down_block_types", "up_block_types", "attention_head_dim", "transformer_layers_per_block"):
            value = getattr(self, key)
            if isinstance(value, tuple) and len(value) != levels:
                raise ValueError(f"{key} has {len(value)} entries for {levels} levels of block_out_channels")
        for level, channels in enumerate(self.block_out_channels):
            if channels % self.heads(level):
                raise ValueError(f"{channels} channels of level {level} do not divide among {self.heads(level)} heads")
        if self.addition_embed_type:
            times, together = self.addition_time_embed_dim, self.projection_class_embeddings_input_dim
            if times is None or together is None or together <= SIZES * times:
                raise ValueError(
                    "addition_embed_type text_time needs addition_time_embed_dim and, for the pooled text besides six "
                    f"of them, projection_class_embeddings_input_dim; they are {times} and {together}"
                )
        return self

    def heads(self, level: int) -> int:
        """Attention heads at a level."""
        given = self.attention_head_dim
        return given[level] if isinstance(given, tuple) else given

    def transformers(self, level: int) -> int:
        """Transformer blocks of each attention module at a level."""
        given = self.transformer_layers_per_block
        return given[level] if isinstance(given, tuple) else given


@dataclass(frozen=True)
class Module:
    """A module that runs once an evaluation: its path, the level it belongs to, its channels, height and width."""

    name: str
    level: int
    channels: int
    grid: Size
    kind: Literal["resnet", "transformer", "sampler"]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Output without the batch: channels, height, width."""
        return self.channels, *self.grid


@dataclass(frozen=True)
class AttentionLayer:
    """A module that attends: heads, height and width of the query positions, and whether the keys are the text's."""

    name: str
    heads: int
    grid: Size
    reads_text: bool


def modules(config: UNet2DConfig, size: Size | None = None) -> Iterator[Module]:
    """Residual blocks, transformers and resamplers, in the order in which they run.

    Args:
        config: of the network.
        size: height and width of the latents; by default the configuration's.
    """
    last = len(config.block_out_channels) - 1
    grids = _grids(size or (config.sample_size, config.sample_size), last + 1)
    for level, channels in enumerate(config.block_out_channels):
        crossed = config.down_block_types[level].startswith("CrossAttn")
        path = f"down_blocks.{level}"
        yield from _level(path, config.layers_per_block, level, channels, grids[level], crossed=crossed)
        if level != last:
            yield Module(f"{path}.downsamplers.0", level, channels, grids[level + 1], "sampler")
    deepest = config.block_out_channels[-1]
    yield Module("mid_block.resnets.0", last, deepest, grids[-1], "resnet")
    yield Module("mid_block.attentions.0", last, deepest, grids[-1], "transformer")
    yield Module("mid_block.resnets.1", last, deepest, grids[-1], "resnet")
    for place, kind in enumerate(config.up_block_types):
        level, path = last - place, f"up_blocks.{place}"
        channels, crossed = config.block_out_channels[level], kind.startswith("CrossAttn")
        yield from _level(path, config.layers_per_block + 1, level, channels, grids[level], crossed=crossed)
        if level:
            yield Module(f"{path}.upsamplers.0", level, channels, grids[level - 1], "sampler")


def attention_layers(config: UNet2DConfig, size: Size | None = None) -> Iterator[AttentionLayer]:
    """Every self-attention (``attn1``) and cross-attention (``attn2``), in the order in which they run."""
    for module in modules(config, size):
        if module.kind != "transformer":
            continue
        for number in range(config.transformers(module.level)):
            block, heads = f"{module.name}.transformer_blocks.{number}", config.heads(module.level)
            yield AttentionLayer(f"{block}.attn1", heads, module.grid, reads_text=False)
            yield AttentionLayer(f"{block}.attn2", heads, module.grid, reads_text=True)


def _grids(size: Size, levels: int) -> list[Size]:
    """Height and width of every level: a downsampler, a convolution of stride 2, rounds halves up."""
    grids = [size]
    while len(grids) < levels:
        height, width = grids[-1]
        grids.append(((height + 1) // 2, (width + 1) // 2))
    return grids


def _level(path: str, count: int, level: int, channels: int, grid: Size, *, crossed: bool) -> Iterator[Module]:
    for number in range(count):
        yield Module(f"{path}.resnets.{number}", level, channels, grid, "resnet")
        if crossed:
            yield Module(f"{path}.attentions.{number}", level, channels, grid, "transformer")
