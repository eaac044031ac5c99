"""The schedulers of DiffusionGemma, which also tell which tokens of the canvas they keep."""

from __future__ import annotations

from functools import wraps
from typing import Any

from diffusers.schedulers.scheduling_block_refinement import BlockRefinementScheduler
from diffusers.schedulers.scheduling_entropy_bound import EntropyBoundScheduler
from torch import Tensor

from denoscope.denoisers.block_diffusion_lm.settings import CanvasRefinement, CanvasSampler


class TellingRefinement(BlockRefinementScheduler):
    """Keeps what it has once chosen."""

    kept: Tensor | None = None
    """Which positions of the canvas are no noise, bool ``[batch, canvas]``; None before a canvas' first step."""

    @wraps(BlockRefinementScheduler.step)
    def step(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """One step."""
        found: Any = super().step(*args, **kwargs)
        self.kept = found.transfer_index if self.kept is None else self.kept | found.transfer_index
        return found


class TellingEntropyBound(EntropyBoundScheduler):
    """Chooses anew in each step."""

    kept: Tensor | None = None
    """Which positions of the canvas are no noise, bool ``[batch, canvas]``; None before a canvas' first step."""

    @wraps(EntropyBoundScheduler.step)
    def step(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """One step."""
        found: Any = super().step(*args, **kwargs)
        self.kept = found.accepted_index
        return found


Telling = TellingRefinement | TellingEntropyBound


def scheduler(sampler: CanvasSampler) -> Telling:
    """The scheduler that ``sampler`` describes."""
    found: Telling
    if isinstance(sampler, CanvasRefinement):
        found = TellingRefinement(threshold=sampler.threshold, editing_threshold=sampler.editing)
    else:
        found = TellingEntropyBound(entropy_bound=sampler.bound, t_max=sampler.t_max, t_min=sampler.t_min)
    return found
