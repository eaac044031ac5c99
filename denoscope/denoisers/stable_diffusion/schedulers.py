"""Samplers as schedulers of diffusers, told what a run says and otherwise what the checkpoint says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, LCMScheduler
from torch import Tensor

from denoscope.denoisers.stable_diffusion.settings import FewStep, Sampler

KINDS = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "few-step": LCMScheduler}


def scheduler_of(sampler: Sampler, config: Mapping[str, Any], device: torch.device) -> Any:
    """A scheduler at its first step."""
    made: Any = KINDS[sampler.name].from_config(dict(config))
    if isinstance(sampler, FewStep):
        # A schedule of every training timestep: else it warns of those that latent consistency models do not know.
        every = made.config.num_train_timesteps
        made.set_timesteps(timesteps=list(sampler.timesteps), original_inference_steps=every, device=device)
    else:
        made.set_timesteps(sampler.steps, device=device)
    return made


def clean(told: Any) -> Tensor:
    """The prediction of the clean latents that a scheduler's step made."""
    found: Tensor = told.denoised if hasattr(told, "denoised") else told.pred_original_sample
    return found
