"""One step of each sampler of masked text diffusion: tokens and predictions in, tokens out.

``log_p [batch, length, vocabulary]`` never has the mask or another special token among its choices, and ``free [batch,
length]`` says which positions a sampler may write: those after the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.text.draw import choose, gumbel_argmax
from denoscope.denoisers.text.records import entropy_of
from denoscope.denoisers.text.settings import ConfidenceParallel, RemaskBernoulli, RemaskCount, Uncertainty


@dataclass(frozen=True)
class Canvas:
    """What a step works on: tokens ``[batch, length]``, which are free to be written, the mask, and random numbers."""

    tokens: Tensor
    free: Tensor
    mask_id: int
    noise: SampleNoise

    @property
    def masked(self) -> Tensor:
        """Which tokens are masked."""
        return self.tokens == self.mask_id

    def written(self, where: Tensor, tokens: Tensor) -> Tensor:
        """The tokens with those at ``where`` replaced, in order."""
        found = self.tokens.clone()
        found[where] = tokens
        return found


def ancestral(canvas: Canvas, log_p: Tensor, move_t: float, move_s: float) -> Tensor:
    """MDLM's reverse step from t to s (Sahoo et al. 2024, equation 7); ``move`` is the chance to be masked.

    Each masked position stays so with probability ``move_s / move_t``; the others take a token that is predicted.
    Revealed tokens stay.
    """
    where = canvas.masked
    weights = log_p[where].exp() * (move_t - move_s)
    weights[:, canvas.mask_id] = move_s
    return canvas.written(where, gumbel_argmax(weights, where, canvas.noise))


def removal(canvas: Canvas, log_p: Tensor) -> Tensor:
    """MDLM's noise removal: what is still masked takes its likeliest token."""
    where = canvas.masked
    return canvas.written(where, log_p[where].argmax(dim=-1))


def analytic_removal(canvas: Canvas, log_p: Tensor) -> Tensor:
    """The analytic sampler's last step (Lou et al. 2024): what is still masked takes a token at random."""
    where = canvas.masked
    return canvas.written(where, gumbel_argmax(log_p[where].exp(), where, canvas.noise))


def remask_bernoulli(canvas: Canvas, log_p: Tensor, share: float, settings: RemaskBernoulli) -> Tensor:
    """Every free position takes a new prediction, and is masked again with probability ``share``."""
    token, _ = choose(log_p, canvas.free, settings.choice, canvas.noise)
    again = (canvas.noise.uniform(canvas.tokens.shape[1]) < share) & canvas.free
    return canvas.written(canvas.free, token).masked_fill(again, canvas.mask_id)


def remask_count(canvas: Canvas, log_p: Tensor, share: float, settings: RemaskCount) -> Tensor:
    """The masks are filled; then ``int(n · share)`` of the ``n`` free positions, at random, are masked again."""
    where = canvas.masked
    token, _ = choose(log_p, where, settings.choice, canvas.noise)
    order = canvas.noise.uniform(canvas.tokens.shape[1]).masked_fill(~canvas.free, 2.0)
    counts = (canvas.free.sum(dim=1).double() * share + 1e-9).int()  # 59 · 0.7 is 41.3, and 60 · 0.7 is not 41.99
    return canvas.written(where, token).masked_fill(smallest(order, counts), canvas.mask_id)


def confidence_parallel(canvas: Canvas, log_p: Tensor, left: int, settings: ConfidenceParallel) -> Tensor:
    """Masks with a confidence of the threshold or above are revealed; at least what ``left`` steps must reveal."""
    where = canvas.masked
    token, p = choose(log_p, where, settings.choice, canvas.noise)
    confidence = torch.full(where.shape, -1.0, dtype=p.dtype, device=p.device).masked_scatter(where, p)
    least = _shared_out(where.sum(dim=1), left)
    reveal = where & ((confidence >= settings.threshold) | smallest(-confidence, least))
    return canvas.written(reveal, token[reveal[where]])


def uncertainty_guided(canvas: Canvas, log_p: Tensor, importance: Tensor, left: int, settings: Uncertainty) -> Tensor:
    """Of the masks, as many as ``left`` steps must reveal, those of largest entropy × importance, take a token."""
    where = canvas.masked
    score = (entropy_of(log_p) * importance).masked_fill(~where, -1.0)
    reveal = smallest(-score, _shared_out(where.sum(dim=1), left)) & where
    token, _ = choose(log_p, reveal, settings.choice, canvas.noise)
    return canvas.written(reveal, token)


def smallest(values: Tensor, counts: Tensor) -> Tensor:
    """Which positions hold each row's ``counts [batch]`` smallest ``values [batch, length]``; ties by position."""
    rank = values.argsort(dim=1, stable=True).argsort(dim=1)
    return rank < counts[:, None]


def _shared_out(masks: Tensor, left: int) -> Tensor:
    """Masks that must be revealed now so that ``left`` steps suffice for all."""
    return torch.ceil(masks / max(1, left)).int()
