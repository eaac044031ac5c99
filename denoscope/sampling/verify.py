"""Proves that recording changed nothing: a batch is made again without it, and must be the same to the bit."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from denoscope.denoisers.protocol import Denoiser, Sample, Step, Unrecorded

log = logging.getLogger(__name__)


def fingerprint(step: Step) -> str:
    """Hash of all that a step's sampler and network made: its state, prediction, scalars and further records."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in _made(step):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)} ".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def verified(denoiser: Denoiser, filled: Sequence[Sample], seen: Sequence[str]) -> dict[str, Any]:
    """Make ``filled`` again without recording and compare with ``seen``, the fingerprints of the recorded steps.

    Returns:
        For the trace: how many ``samples`` and ``steps`` were compared, and the steps that ``differ``.
    """
    with torch.inference_mode():
        again = [fingerprint(step) for step in denoiser.sample(filled, Unrecorded())]
    differ = [index for index, pair in enumerate(zip(seen, again, strict=True)) if pair[0] != pair[1]]
    if differ:
        log.warning(
            "made again without recording, the samples differ from step %d on: recording changed them, or the network "
            "does not compute the same twice, as where an accelerator's kernels add in another order each time",
            differ[0],
        )
    return {"samples": len({sample.id for sample in filled}), "steps": len(seen), "differ": differ}


def _made(step: Step) -> Iterator[tuple[str, Tensor]]:
    yield "state", step.state
    if step.x0 is not None:
        yield "x0", step.x0
    yield from sorted({**step.scalars, **step.records}.items())
