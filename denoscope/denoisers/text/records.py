"""What is recorded of tokens and of the probabilities behind them."""

from __future__ import annotations

import torch
from torch import Tensor

from denoscope.trace.schema import ENTROPY, IMPORTANCE, TOP_IDS, TOP_PROBS, UNSEEN


def entropy_of(log_p: Tensor) -> Tensor:
    """Entropy ``[batch, length]`` in nats of log-probabilities ``[batch, length, vocabulary]``."""
    # What has no probability adds 0, not NaN, as in torch.special.entr, which is slower.
    found: Tensor = -torch.linalg.vecdot(log_p.exp(), log_p.clamp_min(torch.finfo(log_p.dtype).min))
    return found


def token_records(log_p: Tensor, importance: Tensor | None, top: int) -> dict[str, Tensor]:
    """Entropy, the ``top`` likeliest tokens with their probabilities, and importance where there is one."""
    found = {ENTROPY: entropy_of(log_p).half()}
    if top:
        best = log_p.topk(top, dim=-1)
        found |= {TOP_IDS: best.indices.int(), TOP_PROBS: best.values.exp().half()}
    return found if importance is None else {**found, IMPORTANCE: importance.half()}


def token_scalars(tokens: Tensor, free: Tensor, mask_id: int, entropy: Tensor | None) -> dict[str, Tensor]:
    """Share of the free positions that is masked, and the mean entropy of those that are, ``[batch]`` each.

    Positions where nothing was predicted (``UNSEEN``) do not count; without any other the mean is 0.
    """
    masked = (tokens == mask_id) & free
    count = masked.sum(dim=1)
    found = {"masked": count / free.sum(dim=1).clamp_min(1)}
    if entropy is not None:
        predicted = masked & (entropy != UNSEEN)
        found["entropy"] = entropy.where(predicted, 0.0).sum(dim=1) / predicted.sum(dim=1).clamp_min(1)
    return found
