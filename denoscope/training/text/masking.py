"""Which tokens of a text are masked while training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from denoscope.training.text.recipe import Adaptive


def draw_levels(levels: Sequence[float], count: int, generator: torch.Generator) -> Tensor:
    """A masking level ``[count]`` for each text."""
    return torch.tensor(levels)[torch.randint(len(levels), (count,), generator=generator)]


def draw_prefixes(longest: int, count: int, generator: torch.Generator) -> Tensor:
    """How many tokens at the start of each text are kept: 0 to ``longest``, ``[count]``."""
    return torch.randint(longest + 1, (count,), generator=generator)


def draw_masks(chances: Tensor, prefixes: Tensor, generator: torch.Generator) -> Tensor:
    """Masks ``[batch, length]``: each token with its chance ``[batch, length]``, the prefix never, at least one.

    A text in which chance masks nothing loses its likeliest token: it would otherwise teach nothing.
    """
    batch, length = chances.shape
    allowed = torch.arange(length) >= prefixes[:, None]
    drawn = (torch.rand(batch, length, generator=generator) < chances) & allowed
    likeliest = torch.where(allowed, chances + 1e-6 * torch.rand(batch, length, generator=generator), -1).argmax(dim=1)
    empty = ~drawn.any(dim=1)
    drawn[empty, likeliest[empty]] = True
    return drawn


def adaptive_chances(levels: Tensor, importance: Tensor, adaptive: Adaptive, done: float) -> Tensor:
    """Chances ``[batch, length]`` that follow ``importance [batch, length]``, with ``levels [batch]`` as their mean.

    The curriculum blends from uniform chances to adaptive ones until ``done``, the share of the training that has
    passed, reaches ``adaptive.curriculum``.
    """
    weight = {"importance": importance, "inverse": 1 - importance, "balanced": 0.5 + 0.5 * importance}[adaptive.mode]
    weight = weight / weight.mean(dim=1, keepdim=True).clamp_min(1e-6)
    strength = min(1.0, done / adaptive.curriculum)
    return (levels[:, None] * (1 - strength + strength * weight)).clamp(0, 1)
