"""What every side does, in its own environment: sample with and without recording. Needs nothing but PyTorch."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

PROMPT = "a red circle left of a green triangle"
WORDS = ("red", "circle", "triangle")
GUIDANCE = 7.5
SIDES = {
    "denoscope": "benchmarks.peers.ours",
    "attention-map-diffusers": "benchmarks.peers.attention_map_diffusers",
    "daam": "benchmarks.peers.daam",
}
"""Modules whose ``load`` makes a side of a pipeline's folder, by package."""


class Side(Protocol):
    """One way of recording the words' attention at all cross-attention layers and all steps."""

    def bare(self, steps: int) -> Tensor:
        """Sample without recording; the last latents."""

    def recorded(self, steps: int) -> tuple[Tensor, int]:
        """Sample and record; the last latents, and the most bytes that the record took."""


def load_side(name: str, folder: Path) -> Side:
    """The side ``name`` on the pipeline in ``folder``."""
    side: Side = import_module(SIDES[name]).load(folder)
    return side
