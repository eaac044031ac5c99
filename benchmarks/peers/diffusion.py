"""Sampling by a pipeline of diffusers, of whatever version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.peers.side import GUIDANCE, PROMPT


def load_pipeline(folder: Path) -> Any:
    """The pipeline in ``folder``."""
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def sampled(pipeline: Any, steps: int) -> Tensor:
    """The last latents of the prompt."""
    noise = torch.Generator().manual_seed(0)
    asked = {"num_inference_steps": steps, "guidance_scale": GUIDANCE, "generator": noise, "output_type": "latent"}
    found: Tensor = pipeline(PROMPT, **asked).images
    return found
