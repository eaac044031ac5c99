"""Judges text models on held-out text, and what they have to beat."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.networks.text import Logits
from denoscope.training.text.baselines import Bigram, Unigram
from denoscope.training.text.masking import draw_masks
from denoscope.training.text.recipe import LEVELS, TextRecipe

AT_ONCE = 64
"""Texts of one evaluation."""
NEXT = "next"
"""What the loss of an autoregressive model is called among those of masking levels."""


def masked_losses(logits: Logits, windows: Tensor, mask_id: int, recipe: TextRecipe) -> dict[str, float]:
    """Mean loss a masked token at every masking level, in nats; the first ``recipe.prefix`` tokens are kept."""
    return {name: _masked_loss(logits, windows, masked, mask_id) for name, masked in level_masks(windows, recipe)}


def causal_losses(logits: Logits, windows: Tensor, recipe: TextRecipe) -> dict[str, float]:
    """Mean loss of the next token after the prefix, in nats."""
    with torch.no_grad():
        found = torch.cat([next_token_loss(logits, part) for part in torch.split(windows, AT_ONCE)])
    return {NEXT: float(found[:, max(0, recipe.prefix - 1) :].double().mean())}


def next_token_loss(logits: Logits, tokens: Tensor) -> Tensor:
    """Loss ``[batch, length - 1]`` of every token but the first, given those before it."""
    return F.cross_entropy(logits(tokens)[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")


def baseline_losses(
    train: Tensor, windows: Tensor, vocab_size: int, recipe: TextRecipe, *, causal: bool
) -> dict[str, dict[str, float]]:
    """Losses of a unigram and a bigram, counted on ``train``, at the very tokens that the model is judged on."""
    unigram, bigram = Unigram(train, vocab_size), Bigram(train, vocab_size)
    if causal:
        start = max(1, recipe.prefix)
        one, two = unigram.losses(windows), bigram.losses(windows.roll(1, dims=1), windows)
        return {"unigram": {NEXT: float(one[:, start:].mean())}, "bigram": {NEXT: float(two[:, start:].mean())}}
    masks = list(level_masks(windows, recipe))
    return {
        "unigram": {name: float(unigram.losses(windows)[masked].mean()) for name, masked in masks},
        "bigram": {name: float(bigram.masked_losses(windows, masked)[masked].mean()) for name, masked in masks},
    }


def level_masks(windows: Tensor, recipe: TextRecipe) -> list[tuple[str, Tensor]]:
    """A mask ``[n, length]`` for each level, by the level's name; the same at every call."""
    prefixes = torch.full((len(windows),), recipe.prefix)
    found = []
    for level in LEVELS:
        generator = torch.Generator().manual_seed(recipe.seed + 1)
        found.append((f"mask_{level:.1f}", draw_masks(torch.full(windows.shape, level), prefixes, generator)))
    return found


def _masked_loss(logits: Logits, windows: Tensor, masked: Tensor, mask_id: int) -> float:
    total = 0.0
    with torch.no_grad():
        for tokens, hidden in zip(torch.split(windows, AT_ONCE), torch.split(masked, AT_ONCE), strict=True):
            guessed = logits(tokens.masked_fill(hidden, mask_id))[hidden]
            total += float(F.cross_entropy(guessed.double(), tokens[hidden], reduction="sum"))
    return total / int(masked.sum())
