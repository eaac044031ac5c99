"""The Dhariwal UNet with EDM preconditioning, by the tensor names of the published EDM and DMD2 checkpoints.

Dhariwal & Nichol 2021, arXiv:2105.05233; Karras et al. 2022, arXiv:2206.00364. Written from the papers and from the
published tensor names; attention goes through
:func:`torch.nn.functional.scaled_dot_product_attention`, where the attention tap can read it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.networks.dhariwal_plan import CHANNELS_PER_HEAD, Block, DhariwalConfig, blocks

Resample = Literal["up", "down"] | None


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation with at least four channels a group and at most 32 groups."""
    return nn.GroupNorm(min(32, channels // 4), channels, eps=1e-5)


class ResampledConv(nn.Module):
    """An optional 2× box resampling followed by an optional convolution.

    ``resample_filter`` holds the 2×2 box that published checkpoints carry. Average pooling and nearest-neighbour
    enlargement are what convolving with it amounts to.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None
    resample_filter: Tensor

    def __init__(self, in_channels: int, out_channels: int, kernel: int, resample: Resample = None) -> None:
        super().__init__()
        self.resample = resample
        if kernel:
            conv = nn.Conv2d(in_channels, out_channels, kernel)
            assert conv.bias is not None
            self.weight, self.bias = nn.Parameter(conv.weight), nn.Parameter(conv.bias)
        else:
            self.weight = self.bias = None
        if resample:
            self.register_buffer("resample_filter", torch.full((1, 1, 2, 2), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C_in, H, W]`` to ``[B, C_out, H', W']``."""
        if self.resample == "up":
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        elif self.resample == "down":
            x = F.avg_pool2d(x, 2)
        if self.weight is None:
            return x
        return F.conv2d(x, self.weight, self.bias, padding=self.weight.shape[-1] // 2)


class UNetBlock(nn.Module):
    """Residual block with adaptive group normalisation and optional self-attention."""

    def __init__(self, block: Block, embedding: int, dropout: float) -> None:
        super().__init__()
        width = block.out_channels
        resample: Resample = block.kind if block.kind in ("up", "down") else None
        self.dropout = dropout
        self.norm0 = group_norm(block.in_channels)
        self.conv0 = ResampledConv(block.in_channels, width, 3, resample)
        self.affine = nn.Linear(embedding, 2 * width)
        self.norm1 = group_norm(width)
        self.conv1 = ResampledConv(width, width, 3)
        widens = block.in_channels != width
        self.skip = ResampledConv(block.in_channels, width, int(widens), resample) if widens or resample else None
        self.heads = width // CHANNELS_PER_HEAD if block.attention else 0
        if self.heads:
            self.norm2 = group_norm(width)
            self.qkv = ResampledConv(width, 3 * width, 1)
            self.proj = ResampledConv(width, width, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Map ``[B, C_in, H, W]`` and ``[B, E]`` to ``[B, C_out, H', W']``."""
        h = self.conv0(F.silu(self.norm0(x)))
        scale, shift = self.affine(embedding)[:, :, None, None].chunk(2, dim=1)
        h = F.silu(torch.addcmul(shift, self.norm1(h), scale + 1))
        h = self.conv1(F.dropout(h, self.dropout, self.training))
        x = h + (self.skip(x) if self.skip is not None else x)
        return x + self._attend(x) if self.heads else x

    def _attend(self, x: Tensor) -> Tensor:
        batch, width, height, breadth = x.shape
        # Published weights order the channels of qkv as [head, channel, q/k/v].
        qkv = self.qkv(self.norm2(x)).view(batch, self.heads, CHANNELS_PER_HEAD, 3, height * breadth)
        q, k, v = qkv.permute(3, 0, 1, 4, 2).contiguous()
        h = F.scaled_dot_product_attention(q, k, v)
        attended: Tensor = self.proj(h.transpose(2, 3).reshape(batch, width, height, breadth))
        return attended


class DhariwalUNet(nn.Module):
    """The raw network F of EDM: ``(x [B, C, H, W], noise [B], labels [B, L]) → [B, C, H, W]``."""

    def __init__(self, config: DhariwalConfig) -> None:
        super().__init__()
        self.label_dropout = config.label_dropout
        self.frequencies = config.model_channels // 2
        width = config.model_channels * config.channel_mult_emb
        self.map_layer0 = nn.Linear(config.model_channels, width)
        self.map_layer1 = nn.Linear(width, width)
        self.map_label = nn.Linear(config.label_dim, width, bias=False) if config.label_dim else None
        self.enc, self.dec = nn.ModuleDict(), nn.ModuleDict()
        for block in blocks(config):
            getattr(self, block.side)[block.key] = (
                ResampledConv(block.in_channels, block.out_channels, 3)
                if block.kind == "conv"
                else UNetBlock(block, width, config.dropout)
            )
        self.out_norm = group_norm(block.out_channels)
        self.out_conv = ResampledConv(block.out_channels, config.img_channels, 3)

    def forward(self, x: Tensor, noise: Tensor, labels: Tensor | None) -> Tensor:
        """Run the UNet on scaled images and ``c_noise``."""
        embedding = self._embed(noise, labels)
        skips = []
        for name, module in self.enc.items():
            x = module(x) if name.endswith("_conv") else module(x, embedding)
            skips.append(x)
        for name, module in self.dec.items():
            x = module(torch.cat([x, skips.pop()], dim=1) if "_block" in name else x, embedding)
        out: Tensor = self.out_conv(F.silu(self.out_norm(x)))
        return out

    def _embed(self, noise: Tensor, labels: Tensor | None) -> Tensor:
        steps = torch.arange(self.frequencies, device=noise.device, dtype=torch.float32) / self.frequencies
        angles = noise.float()[:, None] * (1 / 10000) ** steps
        wave = torch.cat([angles.cos(), angles.sin()], dim=1).to(self.map_layer0.weight.dtype)
        embedding = self.map_layer1(F.silu(self.map_layer0(wave)))
        if self.map_label is not None and labels is not None:
            embedding = embedding + self.map_label(self._drop(labels).to(embedding.dtype))
        return F.silu(embedding)

    def _drop(self, labels: Tensor) -> Tensor:
        if not self.training or not self.label_dropout:
            return labels
        return labels * (torch.rand(len(labels), 1, device=labels.device) >= self.label_dropout)


class EDMPrecond(nn.Module):
    """EDM preconditioning (Karras et al. 2022, table 1): ``(x, σ, labels) → denoised``.

    An all-zero label row is the unconditional class, which is how label dropout presents it while training.
    """

    def __init__(self, config: DhariwalConfig) -> None:
        super().__init__()
        self.config = config
        self.model = DhariwalUNet(config)

    def forward(self, x: Tensor, sigma: Tensor, class_labels: Tensor | None = None) -> Tensor:
        """Denoise ``x [B, C, H, W]`` at noise levels ``sigma [B]`` or ``[]`` for one-hot labels ``[B, L]``."""
        sigma = sigma.to(torch.float32).expand(len(x))
        level = sigma[:, None, None, None]
        spread = self.config.sigma_data
        total = level.square() + spread**2
        c_skip, c_out, c_in = spread**2 / total, level * spread / total.sqrt(), total.rsqrt()
        dtype = self.model.map_layer0.weight.dtype
        raw: Tensor = self.model((c_in * x.float()).to(dtype), sigma.log() / 4, class_labels)
        return c_skip * x.float() + c_out * raw.float()


def zero_init(network: EDMPrecond) -> EDMPrecond:
    """Zero the last layer of every residual branch and of the network, as EDM starts its training."""
    blocks = [module for module in network.modules() if isinstance(module, UNetBlock)]
    lasts = [
        network.model.out_conv,
        *(block.conv1 for block in blocks),
        *(block.proj for block in blocks if block.heads),
    ]
    for last in lasts:
        for parameter in last.parameters():
            nn.init.zeros_(parameter)
    return network


def parameter_count(network: nn.Module) -> int:
    """Number of trained parameters, buffers excluded."""
    return sum(math.prod(p.shape) for p in network.parameters())


def reference_outputs(
    config: Mapping[str, Any], state: Mapping[str, Tensor], inputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Outputs of the network with weights ``state`` for ``x``, ``sigma`` and ``class_labels``, to be verified."""
    network = EDMPrecond(DhariwalConfig.model_validate(config)).eval()
    network.load_state_dict(dict(state), strict=True)
    return {"denoised": network(inputs["x"], inputs["sigma"], inputs.get("class_labels"))}
