"""attention-map-diffusers 1.0.0: keeps queries and keys in memory, and computes the maps of the words afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from benchmarks.peers.diffusion import load_pipeline, sampled
from benchmarks.peers.side import PROMPT, WORDS, Side


class Captured:
    """Its "fast" mode, of all steps."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        tokens = pipeline.tokenizer.convert_ids_to_tokens(pipeline.tokenizer(PROMPT).input_ids)
        self._columns = [tokens.index(f"{word}</w>") for word in WORDS]

    def bare(self, steps: int) -> Tensor:
        """Sample without recording."""
        return sampled(self._pipeline, steps)

    def recorded(self, steps: int) -> tuple[Tensor, int]:
        """Sample, and compute the maps."""
        from attention_map_diffusers import AttentionCapture  # type: ignore[import-not-found]

        asked = {"relations": "image->text", "timesteps": "all", "key_indices": self._columns}
        with AttentionCapture(self._pipeline, **asked) as capture:
            latents = sampled(self._pipeline, steps)
        stored = capture.collector.capture_bytes
        capture.compute()
        return latents, stored


def load(folder: Path) -> Side:
    """attention-map-diffusers on the pipeline in ``folder``."""
    return Captured(load_pipeline(folder))
