"""Stable Diffusion as it is trained: a UNet that predicts the velocity, and a CLIP text model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor

from denoscope.training.captioned.data import as_bytes
from denoscope.training.captioned.family import Scaling
from denoscope.training.captioned.pipeline import new_pipeline
from denoscope.training.captioned.recipe import Drawing


class StableDiffusion:
    """Pictures; the velocity is that of Salimans & Ho 2022 (arXiv:2202.00512)."""

    kind = StableDiffusionPipeline
    denoiser = "unet"

    def created(self, network: Mapping[str, Any], captions: Sequence[str]) -> Any:
        """A new ``StableDiffusionPipeline``."""
        return new_pipeline(network, captions)

    def scaling(self, autoencoder: Any, latents: Tensor) -> Scaling:
        """One factor for all channels."""
        scale = float(1 / latents.std())
        autoencoder.register_to_config(scaling_factor=scale)
        return lambda found: found * scale

    def tokens(self, pipeline: Any, texts: Sequence[str]) -> Tensor:
        """As long as CLIP reads."""
        asked = {"padding": "max_length", "truncation": True, "return_tensors": "pt"}
        found: Tensor = pipeline.tokenizer(list(texts), **asked).input_ids
        return found

    def read(self, encoder: Any, tokens: Tensor) -> Tensor:
        """CLIP's last layer, padding as the rest."""
        found: Tensor = encoder(tokens).last_hidden_state
        return found

    def noised(
        self, scheduler: Any, latents: Tensor, noise: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Timesteps are all equally likely."""
        times = torch.randint(scheduler.config.num_train_timesteps, (len(latents),), generator=generator)
        return scheduler.add_noise(latents, noise, times), times, scheduler.get_velocity(latents, noise, times)

    def made(self, pipeline: Any, captions: Sequence[str], drawing: Drawing, seeds: Sequence[int]) -> np.ndarray:
        """Pictures ``[captions, H, W, 3]``."""
        told = pipeline(
            list(captions),
            num_inference_steps=drawing.steps,
            guidance_scale=drawing.guidance,
            eta=drawing.eta,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="pt",
        )
        return as_bytes(2 * told.images - 1)
