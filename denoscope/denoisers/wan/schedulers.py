"""Samplers as schedulers of diffusers, on the noise levels of WAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler

from denoscope.denoisers.wan.settings import Flow, Sampler, UniPC

TRAINED = 1000
"""Noise levels of the training."""
TOPS = {"diffusers": (1.0, 1 / TRAINED), "original": (1 - 1 / TRAINED, 0.0)}
"""First noise level, and the last, which is left out."""


def scheduler_of(sampler: Sampler, config: Mapping[str, Any], device: torch.device) -> Any:
    """A scheduler at its first step; what a run does not say is taken from the checkpoint's ``config``."""
    if isinstance(sampler, UniPC):
        flow = {"prediction_type": "flow_prediction", "use_flow_sigmas": True, "flow_shift": sampler.shift}
        made: Any = UniPCMultistepScheduler.from_config({**config, **flow, "num_train_timesteps": TRAINED})
    else:
        made = FlowMatchEulerDiscreteScheduler(num_train_timesteps=TRAINED, shift=sampler.shift)
    made.set_timesteps(sigmas=levels(sampler), device=device)
    made.set_begin_index(0)
    return made


def levels(sampler: Flow) -> np.ndarray:
    """Noise levels before the shift, which the scheduler makes."""
    first, last = TOPS[sampler.grid]
    return np.linspace(first, last, sampler.steps + 1)[:-1]
