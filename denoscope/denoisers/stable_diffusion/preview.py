"""Latents as small pictures, without the autoencoder."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE, COUNT, SEED = 16, 16, 0
"""Latents that the preview is fitted on."""


@torch.inference_mode()
def linear_preview(autoencoder: Any) -> Tensor:
    """Weights ``[channels + 1, 3]`` that turn a latent position into its mean colour, the last row being the constant.

    A least-squares fit of what the decoder makes of smooth random latents: good for any autoencoder, and exact enough
    to see what is where.
    """
    channels, scale = autoencoder.config.latent_channels, autoencoder.config.scaling_factor
    device = next(autoencoder.parameters()).device
    coarse = torch.randn(COUNT, channels, SIDE // 4, SIDE // 4, generator=torch.Generator().manual_seed(SEED))
    latents = F.interpolate(coarse, size=SIDE, mode="bilinear").to(device)
    pictures = F.adaptive_avg_pool2d(autoencoder.decode(latents / scale).sample, SIDE)
    found: Tensor = torch.linalg.lstsq(_rows(latents), pictures.movedim(1, -1).flatten(0, -2)).solution
    return found


def preview(latents: Tensor, weights: Tensor, factor: int) -> Tensor:
    """Colours in −1 … 1 of ``latents [batch, channels, H, W]``, ``factor`` times as large: ``[batch, 3, …, …]``."""
    colours = (_rows(latents) @ weights).view(len(latents), *latents.shape[2:], 3)
    return F.interpolate(colours.movedim(-1, 1), scale_factor=factor, mode="nearest")


def _rows(latents: Tensor) -> Tensor:
    rows = latents.float().movedim(1, -1).flatten(0, -2)
    return torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
