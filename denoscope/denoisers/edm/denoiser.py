"""The EDM family's denoiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.checkpoints.weights import load_weights
from denoscope.denoisers.edm.samplers import run_sampler
from denoscope.denoisers.edm.settings import SAMPLER, Sampler
from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.networks.dhariwal import EDMPrecond
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.trace.schema import STATE_PREVIEWS, X0_PREVIEWS


class EDMDenoiser:
    """A preconditioned UNet with one of the family's samplers."""

    caches = False
    describes: Mapping[str, Any] = {"kind": "picture"}

    def __init__(self, network: EDMPrecond, sampler: Sampler) -> None:
        self.network = network
        self.sampler = sampler
        self._device = next(network.parameters()).device

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are float64 ``[batch, C, H, W]``, as the sampler's authors compute them."""
        config = self.network.config
        shape = (config.img_channels, config.img_resolution, config.img_resolution)
        noise = SampleNoise([sample.seed for sample in batch], self._device, torch.float64)
        labels = self._one_hot(batch)

        def denoise(x: Tensor, sigma: float, step: int) -> Tensor:
            return self._denoise(x, sigma, step, labels, recorder)

        previous: Tensor | None = None
        for step in run_sampler(denoise, lambda: noise.normal(*shape), self.sampler):
            yield replace(step, scalars=_scalars(step, previous))
            previous = step.x0

    def previews(self, step: Step) -> dict[str, Tensor]:
        """Pictures of the state and of the prediction."""
        found = {STATE_PREVIEWS: self._picture(step.state, step.time)}
        return found if step.x0 is None else {**found, X0_PREVIEWS: self._picture(step.x0, 0.0)}

    def outcome(self, last: Step) -> list[dict[str, Any]]:
        """Nothing: a picture is no column."""
        return [{} for _ in last.state]

    def _picture(self, state: Tensor, time: float) -> Tensor:
        """Images of a state, scaled so that noise at any level fills the range that clean data have."""
        spread = self.network.config.sigma_data
        scaled = state * (spread / (spread**2 + time**2) ** 0.5 if time else 1.0)
        pixels = (scaled * 127.5 + 128).clamp(0, 255).to(torch.uint8)
        return pixels.permute(0, 2, 3, 1)

    def _denoise(self, x: Tensor, sigma: float, step: int, labels: Tensor | None, recorder: Recorder) -> Tensor:
        level = torch.tensor(sigma, dtype=torch.float32, device=self._device)
        with recorder.forward(step, "conditional", sigma):
            x0: Tensor = self.network(x, level, labels)
        if labels is not None and self.sampler.guidance != 1:
            with recorder.forward(step, "unconditional", sigma):
                free = self.network(x, level, torch.zeros_like(labels))
            x0 = free + self.sampler.guidance * (x0 - free)
        return x0.double()

    def _one_hot(self, batch: Sequence[Sample]) -> Tensor | None:
        classes = self.network.config.label_dim
        if not classes:
            return None
        labels = torch.tensor([sample.request["label"] for sample in batch], device=self._device)
        return F.one_hot(labels, classes).float()


def load(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> EDMDenoiser:
    """Build the network that ``settings`` describe and load the folder's weights, every tensor accounted for."""
    with torch.device("meta"):
        network = EDMPrecond(DhariwalConfig.model_validate(settings["network"]))
    load_weights(network, checkpoint, device, dtype)
    return EDMDenoiser(network.eval(), SAMPLER.validate_python(settings["sampler"]))


def _scalars(step: Step, previous: Tensor | None) -> dict[str, Tensor]:
    """Root mean squares of the state, of the predicted x0, and of that prediction's change since the last step."""
    found = {"state_rms": _rms(step.state)}
    if step.x0 is not None:
        found["x0_rms"] = _rms(step.x0)
        if previous is not None:
            found["x0_change"] = _rms(step.x0 - previous)
    return found


def _rms(x: Tensor) -> Tensor:
    return x.square().flatten(1).mean(1).sqrt()
