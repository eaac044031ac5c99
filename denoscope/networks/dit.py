"""MDLM's diffusion transformer (Sahoo et al. 2024, arXiv:2406.07524), names as in the published checkpoints.

A transformer with adaptive layer norm (Peebles & Xie 2023, arXiv:2212.09748) and rotary positions, over tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.networks.dit_config import FREQUENCIES, DiTConfig
from denoscope.networks.importance import ImportanceEstimator


class LayerNorm(nn.Module):
    """Layer norm with a scale and no shift, computed in float32."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        return F.layer_norm(x.float(), self.weight.shape, self.weight.float()).to(x.dtype)


class Rotary(nn.Module):
    """Rotary position embedding (Su et al. 2021), pairs half a head apart."""

    inv_freq: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("inv_freq", _frequencies(dim))

    def forward(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines ``[length, dim]`` of positions 0 … length − 1, in float32."""
        positions = torch.arange(length, dtype=torch.float32, device=self.inv_freq.device)
        # Not what the buffer holds: in half precision its rounding turns far positions by a radian.
        angles = torch.outer(positions, _frequencies(2 * len(self.inv_freq)).to(positions.device)).repeat(1, 2)
        return angles.cos(), angles.sin()


def _frequencies(dim: int) -> Tensor:
    return torch.as_tensor(10000.0 ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim))


def rotated(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """``x [batch, heads, length, dim]`` turned by its positions' angles."""
    cos, sin = turn
    one, two = x.float().chunk(2, dim=-1)
    return (x.float() * cos + torch.cat([-two, one], dim=-1) * sin).to(x.dtype)


class VocabEmbedding(nn.Module):
    """Token embedding whose table is a bare parameter, as in the checkpoints."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(vocab_size, dim))
        nn.init.kaiming_uniform_(self.embedding, a=math.sqrt(5))

    def forward(self, indices: Tensor) -> Tensor:
        """Rows of the table."""
        return self.embedding[indices]


class TimestepEmbedder(nn.Module):
    """Noise level → conditioning vector: sinusoids (cosines first), then two linear layers."""

    def __init__(self, cond_dim: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(FREQUENCIES, cond_dim), nn.SiLU(), nn.Linear(cond_dim, cond_dim))

    def forward(self, sigma: Tensor) -> Tensor:
        """Embed ``sigma [batch]``."""
        half = FREQUENCIES // 2
        speeds = torch.exp(-math.log(10000.0) * torch.arange(half, device=sigma.device) / half)
        angles = sigma.float()[:, None] * speeds
        waves = torch.cat([angles.cos(), angles.sin()], dim=-1)
        found: Tensor = self.mlp(waves.to(next(self.mlp.parameters()).dtype))
        return found


class Block(nn.Module):
    """Self-attention and MLP, each scaled, shifted and gated by the condition."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        dim = config.hidden_dim
        self.heads, self.dropout = config.n_heads, config.dropout
        self.norm1, self.norm2 = LayerNorm(dim), LayerNorm(dim)
        self.attn_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.attn_out = nn.Linear(dim, dim, bias=False)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(approximate="tanh"), nn.Linear(4 * dim, dim))
        self.adaLN_modulation = zeroed(nn.Linear(config.cond_dim, 6 * dim))

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], condition: Tensor) -> Tensor:
        """``x [batch, length, dim]`` after attention and MLP."""
        shift, scale, gate, shift_mlp, scale_mlp, gate_mlp = self.adaLN_modulation(condition)[:, None].chunk(6, dim=-1)
        attended = self.attn_out(self._attention(modulated(self.norm1(x), shift, scale), turn))
        x = x + gate * F.dropout(attended, self.dropout, self.training)
        through = self.mlp(modulated(self.norm2(x), shift_mlp, scale_mlp))
        found: Tensor = x + gate_mlp * F.dropout(through, self.dropout, self.training)
        return found

    def _attention(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        q, k, v = self.attn_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(rotated(q, turn), rotated(k, turn), v).transpose(1, 2).flatten(2)


class OutputLayer(nn.Module):
    """The head: modulated norm, then logits."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.norm_final = LayerNorm(config.hidden_dim)
        self.linear = zeroed(nn.Linear(config.hidden_dim, config.vocab_size))
        self.adaLN_modulation = zeroed(nn.Linear(config.cond_dim, 2 * config.hidden_dim))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Logits ``[batch, length, vocabulary]``."""
        shift, scale = self.adaLN_modulation(condition)[:, None].chunk(2, dim=-1)
        found: Tensor = self.linear(modulated(self.norm_final(x), shift, scale))
        return found


class DiT(nn.Module):
    """``(indices, sigma) → logits``, before the SUBS parameterisation."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.vocab_embed = VocabEmbedding(config.vocab_size, config.hidden_dim)
        self.sigma_map = TimestepEmbedder(config.cond_dim)
        self.rotary_emb = Rotary(config.hidden_dim // config.n_heads)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_blocks))
        self.output_layer = OutputLayer(config)

    def forward(self, indices: Tensor, sigma: Tensor) -> Tensor:
        """Logits ``[batch, length, vocabulary]`` of tokens ``[batch, length]`` at noise levels ``sigma [batch]``."""
        condition = F.silu(self.sigma_map(sigma))
        x = self.vocab_embed(indices)
        turn = self.rotary_emb(indices.shape[1])
        for block in self.blocks:
            x = block(x, turn, condition)
        found: Tensor = self.output_layer(x, condition)
        return found


class MDLM(nn.Module):
    """The published model: a DiT that is not told the time, with ATAT's importance estimator where there is one."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = DiT(config)
        if config.importance is not None:
            self.importance = ImportanceEstimator(config.vocab_size, config.model_length, config.importance)

    def forward(self, indices: Tensor) -> Tensor:
        """Logits ``[batch, length, vocabulary]`` of tokens ``[batch, length]``."""
        found: Tensor = self.backbone(indices, torch.zeros(len(indices), device=indices.device))
        return found

    def read(self, hidden: Tensor) -> Tensor:
        """Logits that the head reads from a block's output ``[batch, length, channels]``."""
        still = torch.zeros(len(hidden), device=hidden.device)
        found: Tensor = self.backbone.output_layer(hidden, F.silu(self.backbone.sigma_map(still)))
        return found


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Scale and shift of adaptive layer norm."""
    return x * (1 + scale) + shift


def zeroed(layer: nn.Linear) -> nn.Linear:
    """A layer that starts at zero, so that a block starts as the identity."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def reference_outputs(
    config: Mapping[str, Any], state: Mapping[str, Tensor], inputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Logits of the network with weights ``state`` for ``indices`` and ``sigma``, to be verified."""
    names = {"hidden_dim": "hidden_size", "model_length": "length"}
    keys = ("hidden_dim", "cond_dim", "n_blocks", "n_heads", "vocab_size", "model_length")
    network = DiT(DiTConfig.model_validate({key: config[names.get(key, key)] for key in keys})).eval()
    network.load_state_dict(dict(state), strict=True)
    return {"logits": network(inputs["indices"], inputs["sigma"])}
