"""Keeps what an evaluation tells from being stored again by the steps that reuse it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from denoscope.denoisers.protocol import Step


class Reuse:
    """Follows which samples of a batch are evaluated anew at each step.

    Args:
        samples: samples of the batch, padding excluded.
    """

    def __init__(self, samples: int) -> None:
        self.cached: list[list[bool] | None] = []
        """For every step whose evaluation each sample reuses, None where the step has no evaluation."""
        self._samples = samples
        self._fresh: list[Tensor] = []
        self._stored: dict[str, int] = {}

    def new_rows(self, step: Step, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Of ``tensors [batch, …]`` the rows that the last step with the same name has not stored."""
        cached = None if step.cached is None else step.cached[: self._samples].cpu()
        self.cached.append(None if cached is None else cached.tolist())
        self._fresh.append(torch.zeros(self._samples, dtype=torch.bool) if cached is None else ~cached)
        return {name: tensor[self._wanted(name, step.index).to(tensor.device)] for name, tensor in tensors.items()}

    def _wanted(self, name: str, step: int) -> Tensor:
        """Positions of the samples that were evaluated since ``name`` was last stored."""
        since = torch.stack(self._fresh[self._stored.get(name, -1) + 1 :]).any(dim=0)
        self._stored[name] = step
        return since.nonzero()[:, 0]
