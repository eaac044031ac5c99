"""DAAM 0.2.0: computes the attention of all tokens itself, and keeps its sum over the steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from benchmarks.peers.diffusion import load_pipeline, sampled
from benchmarks.peers.side import WORDS, Side


class Traced:
    """Its trace, and the heat map of every word."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def bare(self, steps: int) -> Tensor:
        """Sample without recording."""
        return sampled(self._pipeline, steps)

    def recorded(self, steps: int) -> tuple[Tensor, int]:
        """Sample, and compute the heat maps."""
        import torch
        from daam import trace  # type: ignore[import-not-found]

        with torch.no_grad(), trace(self._pipeline) as tracing:
            latents = sampled(self._pipeline, steps)
            maps = tracing.compute_global_heat_map()
            for word in WORDS:
                maps.compute_word_heat_map(word)
        return latents, sum(found.nbytes for _, found in tracing.all_heat_maps)


def load(folder: Path) -> Side:
    """DAAM on the pipeline in ``folder``."""
    return Traced(load_pipeline(folder))
