"""Choosing tokens from probabilities, every sample with its own random numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.text.settings import Choice


def gumbel_argmax(weights: Tensor, where: Tensor, noise: SampleNoise) -> Tensor:
    """A token for each position of ``where``, with chances in proportion to ``weights``: ``[positions]``.

    ``argmax(q / (1e-10 − ln(u + 1e-10)))`` with uniform ``u``, in the type of the noise (Sahoo et al. 2024).

    Args:
        weights: ``[positions, vocabulary]``, the positions of ``where`` in order.
        where: ``[batch, length]``, true where a token is drawn.
        noise: the samples' random numbers; each draws as many rows as it has positions.
    """
    uniform = noise.uniform_rows(where.sum(dim=1).tolist(), weights.shape[-1])
    return (weights.to(uniform.dtype) / (1e-10 - torch.log(uniform + 1e-10))).argmax(dim=-1)


def choose(log_p: Tensor, where: Tensor, choice: Choice, noise: SampleNoise) -> tuple[Tensor, Tensor]:
    """A token and its probability for each position of ``where``: ``[positions]`` each.

    Args:
        log_p: log-probabilities ``[batch, length, vocabulary]``.
        where: ``[batch, length]``, true where a token is chosen.
        choice: how it is chosen.
        noise: the samples' random numbers; greedy choices draw none.
    """
    p = probabilities(log_p[where], choice)
    token = p.argmax(dim=-1) if choice.method == "greedy" else gumbel_argmax(p, where, noise)
    return token, p.gather(-1, token[:, None])[:, 0]


def probabilities(log_p: Tensor, choice: Choice) -> Tensor:
    """Probabilities ``[…, vocabulary]`` after temperature, top-k and nucleus (Holtzman et al. 2020), summing to 1.

    The nucleus holds the token that crosses ``top_p``; there is always one token left.

    Raises:
        ValueError: the network's output is not finite.
    """
    best = log_p.amax(dim=-1, keepdim=True)
    if not best.isfinite().all():
        raise ValueError("the network's probabilities are not finite: try dtype: float32")
    p = ((log_p - best) / choice.temperature).softmax(dim=-1)  # differences: a low temperature divides no large number
    if choice.top_k is not None and choice.top_k < p.shape[-1]:
        least = p.topk(choice.top_k, dim=-1).values[..., -1:]
        p = p.where(p >= least, 0.0)
    if choice.top_p is not None:
        ordered, order = p.sort(dim=-1, descending=True)
        before = ordered.cumsum(dim=-1) - ordered
        p = p.where((before < choice.top_p * p.sum(dim=-1, keepdim=True)).gather(-1, order.argsort(dim=-1)), 0.0)
    return p / p.sum(dim=-1, keepdim=True)
