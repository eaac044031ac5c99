"""The attention tap against plain fused attention and against a softmax computed a second time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.contest import Contest
from denoscope.taps import AttentionTap

KEYS = (5, 6)
"""The columns of one word."""


SELF, WORDS, VIDEO = (2, 8, 4096, 4096, 40), (2, 8, 4096, 77, 40), (1, 12, 7800, 512, 128)
"""Batch, heads, queries, keys, size of a head: SD 1.5 at 64×64 with both branches of guidance; WAN 2.1 1.3B at 480p."""

Inputs = tuple[Tensor, Tensor, Tensor]


class _Attention(nn.Module):
    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value)


class _Network(nn.ModuleDict):
    """Attention layers one after the other."""

    def forward(self, **inputs: Inputs) -> None:
        for name, layer in self.items():
            layer(*inputs[name])


def transformer_block() -> Contest:
    """The self-attention and the cross-attention of a block of SD 1.5."""
    return _fused("a block of SD 1.5: 4096 positions among themselves, then × 77 tokens", pixels=SELF, words=WORDS)


def image_words() -> Contest:
    """The cross-attention alone: with so few keys, reading the queries a second time weighs most. The worst case."""
    return _fused("cross-attention alone of SD 1.5: 4096 positions × 77 tokens", words=WORDS, again=WORDS)


def video_words() -> Contest:
    """Cross-attention of WAN 2.1."""
    return _fused("cross-attention of WAN 2.1: 7800 positions × 512 tokens", words=VIDEO)


def recomputed() -> Contest:
    """The same map from a second, unfused attention: what hooks that recompute the softmax pay."""
    inputs = _inputs(*WORDS)
    model, tap = _tapped(words=WORDS)
    return Contest(
        what="map of two words, cross-attention of SD 1.5",
        against="fused attention, then softmax(QKᵀ) again",
        ours=lambda: _recorded(model, tap, {"words": inputs}),
        other=lambda: _attended_twice(model, inputs),
        faster=True,
        pairs=25,
    )


def _fused(what: str, **shapes: tuple[int, ...]) -> Contest:
    inputs = {name: _inputs(*shape) for name, shape in shapes.items()}
    model, tap = _tapped(**shapes)
    return Contest(
        what=f"map of two words, {what}",
        against="plain fused attention",
        ours=lambda: _recorded(model, tap, inputs),
        other=lambda: _plain(model, inputs),
        target=1.10,
        pairs=25,
    )


def _inputs(batch: int, heads: int, queries: int, keys: int, size: int) -> Inputs:
    """Query, key and value as networks have them: the heads of a position side by side in memory."""
    generator = torch.Generator().manual_seed(0)
    projected = (torch.randn(batch, length, heads, size, generator=generator) for length in (queries, keys, keys))
    query, key, value = (tensor.transpose(1, 2) for tensor in projected)
    return query, key, value


def _tapped(**shapes: tuple[int, ...]) -> tuple[nn.Module, AttentionTap]:
    model = _Network({name: _Attention() for name in shapes})
    return model, AttentionTap(model, layers=[name for name in shapes if name != "pixels"], keys=KEYS)


@torch.inference_mode()
def _recorded(model: nn.Module, tap: AttentionTap, inputs: dict[str, Inputs]) -> None:
    with tap:
        model(**inputs)
    tap.take()


@torch.inference_mode()
def _plain(model: nn.Module, inputs: dict[str, Inputs]) -> None:
    model(**inputs)


@torch.inference_mode()
def _attended_twice(model: nn.Module, inputs: Inputs) -> Tensor:
    query, key, _ = inputs
    model(words=inputs)
    weights = (query @ key.mT * query.shape[-1] ** -0.5).softmax(-1)
    return weights[..., list(KEYS)].mean(1).half()
