"""Samples of a model outside the workflow, to judge it."""

from __future__ import annotations

import torch
from torch import Tensor

from denoscope.denoisers.edm.denoiser import EDMDenoiser
from denoscope.denoisers.edm.settings import Sampler
from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample, Unrecorded
from denoscope.networks.dhariwal import EDMPrecond

BATCH = 50


def balanced_samples(network: EDMPrecond, sampler: Sampler, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Final states ``[count, C, H, W]`` and their labels, classes in turn, with the seeds that a run would use."""
    denoiser = EDMDenoiser(network.eval(), sampler)
    requests = [Sample(i, sample_seed(seed, i), {"label": i % network.config.label_dim}) for i in range(count)]
    with torch.inference_mode():
        batches = [requests[start : start + BATCH] for start in range(0, count, BATCH)]
        finals = [list(denoiser.sample(batch, Unrecorded()))[-1].state for batch in batches]
    return torch.cat(finals).float(), torch.tensor([sample.request["label"] for sample in requests])
