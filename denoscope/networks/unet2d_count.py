"""Parameters of diffusers' conditional UNet, counted from its configuration. No torch."""

from __future__ import annotations

from denoscope.networks.unet2d_plan import UNet2DConfig


def parameter_count(config: UNet2DConfig) -> int:
    """Number of the network's parameters."""
    widths = config.block_out_channels
    first, time = widths[0], 4 * widths[0]
    total = _linear(first, time) + _linear(time, time) + _linear(9 * config.in_channels, first)
    if config.addition_embed_type:
        total += _linear(config.projection_class_embeddings_input_dim or 0, time) + _linear(time, time)
    channels, kept = first, [first]
    for level, width in enumerate(widths):
        crossed = config.down_block_types[level].startswith("CrossAttn")
        for _ in range(config.layers_per_block):
            total += _residual(channels, width, time) + (_transformers(config, level) if crossed else 0)
            channels = width
            kept.append(channels)
        if level + 1 < len(widths):
            total += _linear(9 * width, width)
            kept.append(width)
    last = len(widths) - 1
    total += 2 * _residual(channels, channels, time) + _transformers(config, last)
    for place, kind in enumerate(config.up_block_types):
        level = last - place
        width, crossed = widths[level], kind.startswith("CrossAttn")
        for _ in range(config.layers_per_block + 1):
            total += _residual(channels + kept.pop(), width, time) + (_transformers(config, level) if crossed else 0)
            channels = width
        total += _linear(9 * width, width) if level else 0
    return total + 2 * first + _linear(9 * first, config.out_channels)


def _residual(before: int, width: int, time: int) -> int:
    skip = _linear(before, width) if before != width else 0
    return 2 * before + _linear(9 * before, width) + _linear(time, width) + 2 * width + _linear(9 * width, width) + skip


def _transformers(config: UNet2DConfig, level: int) -> int:
    """A normalisation, projections in and out, and blocks of self-attention, cross-attention and a gated layer."""
    width = config.block_out_channels[level]
    to_itself = 3 * width * width + _linear(width, width)
    to_text = width * width + 2 * config.cross_attention_dim * width + _linear(width, width)
    gated = _linear(width, 8 * width) + _linear(4 * width, width)
    return (
        2 * width + 2 * _linear(width, width) + config.transformers(level) * (6 * width + to_itself + to_text + gated)
    )


def _linear(before: int, after: int) -> int:
    """Parameters of a linear layer, or of a convolution whose kernel is counted among its inputs."""
    return before * after + after
