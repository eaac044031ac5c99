"""Latents as small films, without the autoencoder."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE, FRAMES, COUNT, SEED = 16, 2, 4, 0
"""Latents that the preview is fitted on."""


@torch.inference_mode()
def linear_preview(autoencoder: Any) -> Tensor:
    """Weights ``[channels + 1, 3]`` that turn a scaled latent position into its mean colour, the last row constant.

    A least-squares fit of what the decoder makes of smooth random latents.
    """
    channels, device = autoencoder.config.z_dim, next(autoencoder.parameters()).device
    generator = torch.Generator().manual_seed(SEED)
    coarse = torch.randn(COUNT, channels, FRAMES, SIDE // 4, SIDE // 4, generator=generator)
    latents = F.interpolate(coarse, size=(FRAMES, SIDE, SIDE), mode="trilinear").to(device)
    found = decoded(autoencoder, latents)
    first, later = (
        F.adaptive_avg_pool3d(part, (count, SIDE, SIDE))
        for part, count in ((found[:, :, :1], 1), (found[:, :, 1:], FRAMES - 1))
    )
    colours = torch.cat([first, later], dim=2)
    solved: Tensor = torch.linalg.lstsq(_rows(latents), colours.movedim(1, -1).flatten(0, -2)).solution
    return solved


def decoded(autoencoder: Any, latents: Tensor) -> Tensor:
    """Films in −1 … 1 of scaled latents: ``[batch, 3, frames, H, W]``."""
    mean, std = (
        torch.tensor(autoencoder.config[name], device=latents.device).view(-1, 1, 1, 1)
        for name in ("latents_mean", "latents_std")
    )
    found: Tensor = autoencoder.decode(latents.float() * std + mean).sample
    return found


def preview(latents: Tensor, weights: Tensor, factors: tuple[int, int]) -> Tensor:
    """Colours of ``latents [batch, channels, F, H, W]`` as a film of full size, ``[batch, 3, frames, …, …]``.

    The first latent frame stands for one frame, every other for as many as the first of ``factors`` says; the second
    enlarges height and width.
    """
    time, space = factors
    colours = (_rows(latents) @ weights).view(len(latents), *latents.shape[2:], 3).movedim(-1, 1)
    large = F.interpolate(colours, scale_factor=(1, space, space), mode="nearest")
    return torch.cat([large[:, :, :1], large[:, :, 1:].repeat_interleave(time, dim=2)], dim=2)


def _rows(latents: Tensor) -> Tensor:
    rows = latents.float().movedim(1, -1).flatten(0, -2)
    return torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
