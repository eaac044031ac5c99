"""The part of each text that its pipeline looks at."""

from __future__ import annotations

import torch
from torch import Tensor

from denoscope.trace.schema import UNSEEN


def columns(starts: Tensor, width: int) -> Tensor:
    """Positions ``[batch, width]`` from ``starts [batch]`` on."""
    return starts[:, None] + torch.arange(width, device=starts.device)


def picked(x: Tensor, where: Tensor) -> Tensor:
    """``x [batch, length, …]`` at ``where [batch, width]``."""
    return x[torch.arange(len(x), device=x.device)[:, None], where]


def placed(x: Tensor, where: Tensor, length: int) -> Tensor:
    """``x [batch, width, …]`` at ``where`` of ``[batch, length, …]``, ``UNSEEN`` where the pipeline did not look."""
    found = x.new_full((len(x), length, *x.shape[2:]), UNSEEN)
    found[torch.arange(len(x), device=x.device)[:, None], where] = x
    return found
