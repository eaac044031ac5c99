"""What a text model has to beat: counting tokens, and counting pairs."""

from __future__ import annotations

import torch
from torch import Tensor


class Unigram:
    """Token frequencies with one added to each count."""

    def __init__(self, stream: Tensor, vocab_size: int) -> None:
        counts = torch.bincount(stream, minlength=vocab_size).double() + 1
        self.probability = counts / counts.sum()

    def losses(self, tokens: Tensor) -> Tensor:
        """−ln p of every token, in nats."""
        return -self.probability[tokens].log()


class Bigram:
    """Pair frequencies, interpolated with the unigram after Witten and Bell (1991)."""

    def __init__(self, stream: Tensor, vocab_size: int) -> None:
        self.unigram = Unigram(stream, vocab_size)
        self.vocab_size = vocab_size
        before, after = stream[:-1], stream[1:]
        pairs, counts = torch.unique(before * vocab_size + after, return_counts=True)
        self._pairs, self._counts = pairs, counts.double()
        self._followers = torch.bincount(pairs // vocab_size, minlength=vocab_size).double()
        self._total = torch.bincount(before, minlength=vocab_size).double()

    def losses(self, before: Tensor, tokens: Tensor) -> Tensor:
        """−ln p of every token after the token before it, in nats."""
        wanted = before * self.vocab_size + tokens
        place = torch.searchsorted(self._pairs, wanted).clamp_max(len(self._pairs) - 1)
        count = torch.where(self._pairs[place] == wanted, self._counts[place], 0.0)
        new = self._followers[before].clamp_min(1)
        smoothed = (count + new * self.unigram.probability[tokens]) / (self._total[before] + new)
        return -smoothed.log()

    def masked_losses(self, tokens: Tensor, masked: Tensor) -> Tensor:
        """Losses ``[batch, length]`` where tokens are masked: from the token before where that is visible."""
        before = tokens.roll(1, dims=1)
        visible = ~masked.roll(1, dims=1)
        visible[:, 0] = False
        return torch.where(visible, self.losses(before, tokens), self.unigram.losses(tokens))
