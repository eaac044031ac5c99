"""WAN as it is trained: a transformer that predicts the velocity of a straight flow, and a UMT5 encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from diffusers import WanPipeline
from torch import Tensor

from denoscope.scenes.motion import FRAMES, SIDE
from denoscope.training.captioned.data import as_bytes
from denoscope.training.captioned.family import Scaling
from denoscope.training.captioned.recipe import Drawing
from denoscope.training.captioned.wan_pipeline import new_wan_pipeline


class Wan:
    """Films; noise and data are joined by straight lines (Lipman et al. 2022, arXiv:2210.02747)."""

    kind = WanPipeline
    denoiser = "transformer"

    def created(self, network: Mapping[str, Any], captions: Sequence[str]) -> Any:
        """A new ``WanPipeline``."""
        return new_wan_pipeline(network, captions)

    def scaling(self, autoencoder: Any, latents: Tensor) -> Scaling:
        """Zero mean and unit variance of every channel."""
        mean, std = latents.mean(dim=(0, 2, 3, 4)), latents.std(dim=(0, 2, 3, 4))
        autoencoder.register_to_config(latents_mean=mean.tolist(), latents_std=std.tolist())
        return lambda found: (found - mean.view(-1, 1, 1, 1)) / std.view(-1, 1, 1, 1)

    def tokens(self, pipeline: Any, texts: Sequence[str]) -> Tensor:
        """As long as the tokenizer says."""
        asked = {"padding": "max_length", "truncation": True, "return_tensors": "pt"}
        found: Tensor = pipeline.tokenizer(list(texts), **asked).input_ids
        return found

    def read(self, encoder: Any, tokens: Tensor) -> Tensor:
        """The encoder's last layer, zero where there is padding, as the pipeline does."""
        mask = tokens != encoder.config.pad_token_id
        found: Tensor = encoder(tokens, mask.long()).last_hidden_state * mask[..., None]
        return found

    def noised(
        self, scheduler: Any, latents: Tensor, noise: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Noise levels are uniform but for the scheduler's shift, which sampling has too; times are whole numbers."""
        shift, steps = scheduler.config.flow_shift, scheduler.config.num_train_timesteps
        even = torch.rand(len(latents), generator=generator)
        sigma = shift * even / (1 + (shift - 1) * even)
        level = sigma.view(-1, 1, 1, 1, 1)
        return (1 - level) * latents + level * noise, (steps * sigma).long(), noise - latents

    def made(self, pipeline: Any, captions: Sequence[str], drawing: Drawing, seeds: Sequence[int]) -> np.ndarray:
        """Films ``[captions, F, H, W, 3]``."""
        told = pipeline(
            list(captions),
            height=SIDE,
            width=SIDE,
            num_frames=FRAMES,
            num_inference_steps=drawing.steps,
            guidance_scale=drawing.guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            max_sequence_length=pipeline.tokenizer.model_max_length,
            output_type="pt",
        )
        return as_bytes(2 * told.frames.movedim(2, 1) - 1)
