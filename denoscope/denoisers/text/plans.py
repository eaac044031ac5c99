"""The steps of each sampler, in order: what is done with the prediction at every state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from denoscope.denoisers.text.schedules import EPS, masked_shares, mdlm_times
from denoscope.denoisers.text.settings import (
    Analytic,
    ConfidenceParallel,
    DDPMCache,
    MDLMSampler,
    RemaskBernoulli,
    RemaskCount,
    Sampler,
    Uncertainty,
)
from denoscope.denoisers.text.transitions import (
    Canvas,
    analytic_removal,
    ancestral,
    confidence_parallel,
    remask_bernoulli,
    remask_count,
    removal,
    uncertainty_guided,
)
from denoscope.networks.importance import sharpened

Transition = Callable[[Canvas, Tensor, Tensor | None], Tensor]
"""``(canvas, log_p, importance) → tokens``."""


def plan(settings: Sampler) -> list[Transition]:
    """One transition for every network evaluation of one window; the last leaves no mask, unless told otherwise."""
    match settings:
        case MDLMSampler():
            return _mdlm(settings)
        case RemaskBernoulli():
            return [_plain(partial(remask_bernoulli, share=s, settings=settings)) for s in masked_shares(settings)[1:]]
        case RemaskCount():
            return [_plain(partial(remask_count, share=s, settings=settings)) for s in masked_shares(settings)[1:]]
        case ConfidenceParallel():
            return [_plain(partial(confidence_parallel, left=n, settings=settings)) for n in _countdown(settings.steps)]
        case Uncertainty():
            return [_by_importance(settings, left) for left in _countdown(settings.steps)]


def _mdlm(settings: MDLMSampler) -> list[Transition]:
    move = float if isinstance(settings, DDPMCache) else _log_linear
    pairs = pairwise(mdlm_times(settings.steps))
    steps = [_plain(partial(ancestral, move_t=move(t), move_s=move(s))) for t, s in pairs]
    if not settings.noise_removal:
        return steps
    return [*steps, _plain(analytic_removal if isinstance(settings, Analytic) else removal)]


def _log_linear(t: float) -> float:
    """Chance to be masked at time t, ``1 − exp(−σ(t))`` with ``σ(t) = −ln(1 − (1 − ε) t)``."""
    return (1 - EPS) * t


def _plain(step: Callable[[Canvas, Tensor], Tensor]) -> Transition:
    return lambda canvas, log_p, importance: step(canvas, log_p)


def _by_importance(settings: Uncertainty, left: int) -> Transition:
    def step(canvas: Canvas, log_p: Tensor, importance: Tensor | None) -> Tensor:
        assert importance is not None
        time = torch.full(importance.shape[:1], left / settings.steps, device=importance.device)
        return uncertainty_guided(canvas, log_p, sharpened(importance, time), left, settings)

    return step


def _countdown(steps: int) -> range:
    return range(steps, 0, -1)
