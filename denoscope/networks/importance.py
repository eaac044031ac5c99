"""ATAT's importance estimator: how much each token matters, learned and from its frequency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.networks.dit_config import ImportanceConfig

LEARNED, FREQUENCY = 0.7, 0.3
"""Shares of the learned importance and of the frequency prior."""


class ImportanceEstimator(nn.Module):
    """``importance = 0.7 · learned(tokens) + 0.3 · prior(token)``, each in [0, 1].

    Args:
        vocab_size: tokens.
        max_seq_length: positions.
        config: the encoder.
    """

    token_frequency_prior: Tensor

    def __init__(self, vocab_size: int, max_seq_length: int, config: ImportanceConfig) -> None:
        super().__init__()
        dim = config.hidden_dim
        self.token_embed = nn.Embedding(vocab_size, dim)
        self.pos_embed = nn.Embedding(max_seq_length, dim)
        # Part of the checkpoints, and no part of their result.
        self.time_embed = nn.Sequential(nn.Linear(1, dim), nn.SiLU(), nn.Linear(dim, dim))
        layer = nn.TransformerEncoderLayer(dim, config.heads, 4 * dim, batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, config.num_layers, enable_nested_tensor=False)
        self.importance_head = nn.Sequential(
            nn.LayerNorm(dim),
            nn.Linear(dim, dim // 2),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(dim // 2, 1),
            nn.Sigmoid(),
        )
        self.register_buffer("token_frequency_prior", torch.full((vocab_size,), 1 / vocab_size))

    def forward(self, tokens: Tensor, *, over_batch: bool = False) -> Tensor:
        """Importance ``[batch, length]`` of ``tokens [batch, length]``.

        The rarest token of a sequence has prior 1. ``over_batch`` takes the rarest of the whole batch instead, as was
        published; a sample would then depend on those beside it.
        """
        return LEARNED * self.learned(tokens) + FREQUENCY * self.prior(tokens, over_batch=over_batch)

    def learned(self, tokens: Tensor) -> Tensor:
        """The learned part, in (0, 1)."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        hidden = self.transformer(self.token_embed(tokens) + self.pos_embed(positions))
        found: Tensor = self.importance_head(hidden)[..., 0]
        return found

    def prior(self, tokens: Tensor, *, over_batch: bool = False) -> Tensor:
        """``1 − ln p`` of each token, over its largest value."""
        rarity = 1 - torch.log(self.token_frequency_prior[tokens] + 1e-10)
        return rarity / (rarity.max() if over_batch else rarity.amax(dim=-1, keepdim=True))


def sharpened(importance: Tensor, t: Tensor) -> Tensor:
    """Importance at time ``t [batch]``: ``importance^(1 / (t + 0.1))``, sharper the nearer the end."""
    return importance ** (1 / (t[:, None] + 0.1))


def reference_outputs(
    config: Mapping[str, Any], state: Mapping[str, Tensor], inputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Importance of ``tokens``, and at ``t``, of the estimator with weights ``state``, to be verified."""
    encoder = ImportanceConfig.model_validate({key: config[key] for key in ("hidden_dim", "num_layers", "heads")})
    network = ImportanceEstimator(config["vocab_size"], config["max_seq_length"], encoder).eval()
    network.load_state_dict(dict(state), strict=True)
    base = network(inputs["tokens"], over_batch=True)
    return {"importance_base": base, "importance_timed": sharpened(base, inputs["t"])}
