"""Which columns of an attention map make up the words of every sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Columns:
    """Key positions of every sample of a batch, and how they add up to words.

    A word's share of attention is ``constant + Σ weight · p`` over the sample's positions: the sum over the word's
    columns, or 1 less the sum over all others, whichever needs fewer. The latter takes for granted that a query attends
    to something: where a mask hides every key from it, what it says of more than half of the keys is 1.

    Args:
        index: key positions, ``[batch, columns]``; what fills a row up has weight 0.
        weight: ``[batch, columns, words]`` in −1, 0, 1.
        constant: ``[batch, words]`` in 0, 1.
    """

    index: Tensor
    weight: Tensor
    constant: Tensor

    @classmethod
    def of(cls, words: Sequence[Sequence[Sequence[int]]], keys: int) -> Columns:
        """From the key positions of each word of each sample, among ``keys``; every sample has as many words.

        Raises:
            ValueError: a position is out of range.
        """
        plans = [[_plan(set(columns), keys) for columns in sample] for sample in words]
        wanted = [sorted(set().union(*(columns for columns, _ in plan))) for plan in plans]
        width, count = max(1, *map(len, wanted)), len(words[0])
        index = torch.zeros(len(words), width, dtype=torch.long)
        weight, constant = torch.zeros(len(words), width, count), torch.zeros(len(words), count)
        for row, (plan, places) in enumerate(zip(plans, wanted, strict=True)):
            index[row, : len(places)] = torch.tensor(places, dtype=torch.long)
            for word, (columns, complement) in enumerate(plan):
                chosen = [place for place, column in enumerate(places) if column in columns]
                weight[row, chosen, word] = -1.0 if complement else 1.0
                constant[row, word] = float(complement)
        return cls(index, weight, constant)

    def to(self, device: torch.device) -> Columns:
        """The same on ``device``."""
        return Columns(self.index.to(device), self.weight.to(device), self.constant.to(device))

    def summed(self, found: Tensor) -> Tensor:
        """Words' shares ``[batch, …, words]`` of the softmax at ``index``, ``[batch, …, columns]``."""
        rows = found.flatten(1, -2) if found.dim() > 2 else found.unsqueeze(1)
        shares = torch.baddbmm(self.constant.unsqueeze(1), rows, self.weight)
        return shares.view(*found.shape[:-1], -1)


def _plan(columns: set[int], keys: int) -> tuple[set[int], bool]:
    """The columns to add up, and whether they are the word's complement."""
    if wrong := sorted(column for column in columns if not 0 <= column < keys):
        raise ValueError(f"key position {wrong[0]} is out of range: this attention has {keys} keys")
    return (set(range(keys)) - columns, True) if 2 * len(columns) > keys else (columns, False)
