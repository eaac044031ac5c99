"""Times and masked shares of text diffusion's steps. No torch."""

from __future__ import annotations

import numpy as np

from denoscope.denoisers.text.settings import (
    ConfidenceParallel,
    MDLMSampler,
    RemaskBernoulli,
    RemaskCount,
    Sampler,
    Scheduled,
    Uncertainty,
)

LAST = 1e-5
"""Where MDLM's time ends."""
EPS = 1e-3
"""What the log-linear noise schedule never masks: ``1 − exp(−σ(t)) = (1 − ε) t``."""


def mdlm_times(steps: int) -> list[float]:
    """MDLM's times of the states, 1 … 1e-5: ``steps + 1`` of them, evenly."""
    return [float(t) for t in np.linspace(1, LAST, steps + 1)]


def masked_shares(settings: Scheduled) -> list[float]:
    """Share of the text that is masked before each step, and after the last: ``steps + 1``, from 1 to 0.

    ``1 − x``, ``1 − sin(π x / 2)`` or ``exp(−3 x)`` at even ``x``; the last is 0 whatever the curve.
    """
    x = np.linspace(0, 1, settings.steps + 1)
    curve = {"linear": 1 - x, "cosine": 1 - np.sin(np.pi / 2 * x), "exponential": np.exp(-3 * x)}[settings.schedule]
    return [*map(float, curve[:-1]), 0.0]


def state_times(settings: Sampler, strides: int = 0) -> list[float]:
    """Time, or share of masks that is planned, of every state of a sampler, the final one included.

    MDLM's noise removal is a step of its own, from the last time to 0. A semi-autoregressive sampler runs its steps
    again for each of ``strides`` further windows; the text of its last window is its last state.
    """
    match settings:
        case MDLMSampler():
            once = mdlm_times(settings.steps)[:-1]
            removal = [LAST] if settings.noise_removal else []
            return [*(once + removal) * (strides + 1), 0.0]
        case RemaskBernoulli() | RemaskCount():
            return masked_shares(settings)
        case ConfidenceParallel() | Uncertainty():
            return [1 - step / settings.steps for step in range(settings.steps + 1)]
