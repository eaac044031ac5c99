"""Samplers of the EDM family: each yields every step, and the network is reached through one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from torch import Tensor

from denoscope.denoisers.edm.settings import Euler, FewStep, Heun, Karras, OneStep, Sampler
from denoscope.denoisers.protocol import Step

Denoise = Callable[[Tensor, float, int], Tensor]
"""``(x, σ, step) → x0``: one evaluation, or two with guidance."""
Noise = Callable[[], Tensor]
"""Fresh standard normal noise in the shape of the state."""


def karras_sigmas(settings: Karras) -> list[float]:
    """Noise levels σ_0 … σ_{N-1}, then 0, in float64 (Karras et al. 2022, equation 5)."""
    low, high = settings.sigma_min ** (1 / settings.rho), settings.sigma_max ** (1 / settings.rho)
    ramp = np.linspace(0.0, 1.0, settings.steps) if settings.steps > 1 else np.zeros(1)
    return [*((high + ramp * (low - high)) ** settings.rho).tolist(), 0.0]


def noise_levels(settings: Sampler) -> list[float]:
    """Noise level of every state of the sampler, from pure noise to 0, in float64."""
    return [settings.sigma, 0.0] if isinstance(settings, OneStep) else karras_sigmas(settings)


def heun(denoise: Denoise, x: Tensor, noise: Noise, settings: Heun) -> Iterator[Step]:
    """Heun's second-order method with optional churn (Karras et al. 2022, algorithm 2)."""
    sigmas = karras_sigmas(settings)
    for i, (sigma, following) in enumerate(pairwise(sigmas)):
        hat = sigma * (1 + churn(settings, sigma))
        x_hat = x + (hat**2 - sigma**2) ** 0.5 * settings.s_noise * noise() if hat > sigma else x
        x0 = denoise(x_hat, hat, i)
        yield Step(i, sigma, x, x0)
        slope = (x_hat - x0) / hat
        x = x_hat + (following - hat) * slope
        if following > 0:
            slope_next = (x - denoise(x, following, i)) / following
            x = x_hat + (following - hat) * (slope + slope_next) / 2
    yield Step(len(sigmas) - 1, 0.0, x)


def churn(settings: Heun, sigma: float) -> float:
    """The factor γ by which the noise level is raised before a step."""
    inside = settings.s_min <= sigma <= (settings.s_max if settings.s_max is not None else np.inf)
    return min(settings.s_churn / settings.steps, 2**0.5 - 1) if inside else 0.0


def euler(denoise: Denoise, x: Tensor, noise: Noise, settings: Euler) -> Iterator[Step]:
    """Euler's method on the probability-flow ODE."""
    sigmas = karras_sigmas(settings)
    for i, (sigma, following) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma, i)
        yield Step(i, sigma, x, x0)
        x = x + (following - sigma) * (x - x0) / sigma
    yield Step(len(sigmas) - 1, 0.0, x)


def one_step(denoise: Denoise, x: Tensor, noise: Noise, settings: OneStep) -> Iterator[Step]:
    """The generator's single evaluation (Yin et al. 2024, arXiv:2405.14867)."""
    x0 = denoise(x, settings.sigma, 0)
    yield Step(0, settings.sigma, x, x0)
    yield Step(1, 0.0, x0)


def few_step(denoise: Denoise, x: Tensor, noise: Noise, settings: FewStep) -> Iterator[Step]:
    """Predict, then add fresh noise of the next level to the prediction, as distilled generators are trained.

    This is multistep sampling of Song et al. 2023 (arXiv:2303.01469, algorithm 1) with a smallest level of 0 in its
    noise term: the level added is τ itself, not √(τ² − ε²).
    """
    sigmas = karras_sigmas(settings)
    for i, (sigma, following) in enumerate(pairwise(sigmas)):
        x0 = denoise(x, sigma, i)
        yield Step(i, sigma, x, x0)
        x = x0 + following * noise() if following > 0 else x0
    yield Step(len(sigmas) - 1, 0.0, x)


def run_sampler(denoise: Denoise, noise: Noise, settings: Sampler) -> Iterator[Step]:
    """Draw the first state and run the sampler that ``settings`` name."""
    x = noise() * noise_levels(settings)[0]
    match settings:
        case Heun():
            return heun(denoise, x, noise, settings)
        case Euler():
            return euler(denoise, x, noise, settings)
        case OneStep():
            return one_step(denoise, x, noise, settings)
        case FewStep():
            return few_step(denoise, x, noise, settings)
