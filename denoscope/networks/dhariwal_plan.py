"""The block plan of the Dhariwal UNet, without torch.

A configuration decides every block's name, channels and resolution. The network is built from this plan and the
workflow reads the same plan to know which layers exist before any checkpoint is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

CHANNELS_PER_HEAD = 64


class DhariwalConfig(BaseModel):
    """Architecture of the EDM-preconditioned Dhariwal UNet; the names are those of the published configurations."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    img_resolution: PositiveInt = Field(description="height and width of the image in pixels")
    img_channels: PositiveInt = Field(description="colour channels of the image")
    label_dim: int = Field(0, ge=0, description="number of classes; 0 for an unconditional network")
    sigma_min: float = Field(0.0, ge=0, description="smallest noise level the network accepts")
    sigma_max: PositiveFloat = Field(1e9, description="largest noise level the network accepts")
    sigma_data: PositiveFloat = Field(0.5, description="standard deviation of the training data")
    model_channels: PositiveInt = Field(192, description="channels at full resolution")
    channel_mult: tuple[PositiveInt, ...] = Field((1, 2, 3, 4), min_length=1, description="channel factor per level")
    channel_mult_emb: PositiveInt = Field(4, description="embedding size as a factor of model_channels")
    num_blocks: PositiveInt = Field(3, description="residual blocks per level")
    attn_resolutions: tuple[PositiveInt, ...] = Field((32, 16, 8), description="resolutions with self-attention")
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout probability while training")
    label_dropout: float = Field(
        0.0, ge=0, le=1, description="share of training labels dropped; above 0 the network has an unconditional class"
    )

    @model_validator(mode="after")
    def _fits(self) -> DhariwalConfig:
        smallest, rest = divmod(self.img_resolution, 2 ** (len(self.channel_mult) - 1))
        if rest or not smallest:
            raise ValueError(
                f"img_resolution {self.img_resolution} cannot be halved {len(self.channel_mult) - 1} times, "
                f"once per level of channel_mult {list(self.channel_mult)}"
            )
        for block in blocks(self):
            if block.attention and block.out_channels % CHANNELS_PER_HEAD:
                raise ValueError(
                    f"block {block.name} has attention on {block.out_channels} channels, which is no multiple of "
                    f"{CHANNELS_PER_HEAD} (the channels of a head): change model_channels or channel_mult"
                )
        return self


@dataclass(frozen=True)
class Block:
    """One module of the encoder or decoder."""

    side: Literal["enc", "dec"]
    key: str
    in_channels: int
    out_channels: int
    resolution: int
    kind: Literal["conv", "block", "down", "up"] = "block"
    attention: bool = False

    @property
    def name(self) -> str:
        """Module path below the UNet, for example ``enc.8x8_block0``."""
        return f"{self.side}.{self.key}"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Output shape without the batch: channels, height, width."""
        return self.out_channels, self.resolution, self.resolution


def blocks(config: DhariwalConfig) -> tuple[Block, ...]:
    """All modules of the encoder, then of the decoder, in the order in which they run."""
    encoder = tuple(_encoder(config))
    return encoder + tuple(_decoder(config, [block.out_channels for block in encoder]))


def parameter_count(config: DhariwalConfig) -> int:
    """Number of the network's parameters."""
    width = config.model_channels * config.channel_mult_emb
    embedding = _linear(config.model_channels, width) + _linear(width, width) + config.label_dim * width
    plan = blocks(config)
    last = plan[-1].out_channels
    ends = 2 * last + _linear(9 * last, config.img_channels)
    return embedding + sum(_parameters(block, width) for block in plan) + ends


def _parameters(block: Block, embedding: int) -> int:
    before, width = block.in_channels, block.out_channels
    first = _linear(9 * before, width)
    if block.kind == "conv":
        return first
    norms = 2 * before + 2 * width
    residual = first + _linear(9 * width, width) + _linear(embedding, 2 * width) + norms
    skip = _linear(before, width) if before != width else 0
    attention = 2 * width + _linear(width, 3 * width) + _linear(width, width) if block.attention else 0
    return residual + skip + attention


def _linear(before: int, after: int) -> int:
    """Parameters of a linear layer, or of a convolution whose kernel is counted among its inputs."""
    return before * after + after


def _encoder(config: DhariwalConfig) -> Iterator[Block]:
    channels = config.model_channels * config.channel_mult[0]
    for level, mult in enumerate(config.channel_mult):
        res = config.img_resolution >> level
        if level == 0:
            yield Block("enc", f"{res}x{res}_conv", config.img_channels, channels, res, "conv")
        else:
            yield Block("enc", f"{res}x{res}_down", channels, channels, res, "down")
        for index in range(config.num_blocks):
            width = config.model_channels * mult
            attention = res in config.attn_resolutions
            yield Block("enc", f"{res}x{res}_block{index}", channels, width, res, attention=attention)
            channels = width


def _decoder(config: DhariwalConfig, skips: list[int]) -> Iterator[Block]:
    channels = skips[-1]
    for level, mult in reversed(list(enumerate(config.channel_mult))):
        res = config.img_resolution >> level
        if level == len(config.channel_mult) - 1:
            yield Block("dec", f"{res}x{res}_in0", channels, channels, res, attention=True)
            yield Block("dec", f"{res}x{res}_in1", channels, channels, res)
        else:
            yield Block("dec", f"{res}x{res}_up", channels, channels, res, "up")
        for index in range(config.num_blocks + 1):
            width = config.model_channels * mult
            attention = res in config.attn_resolutions
            joined = channels + skips.pop()
            yield Block("dec", f"{res}x{res}_block{index}", joined, width, res, attention=attention)
            channels = width
