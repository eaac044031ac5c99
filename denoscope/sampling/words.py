"""Turns what words' columns of cross-attention hold into the records of a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.denoisers.protocol import Prompted, Sample
from denoscope.sampling.dtypes import DTYPES
from denoscope.sampling.order import ShardOrder
from denoscope.settings.base import chosen_steps
from denoscope.settings.model import Shape
from denoscope.taps import Columns
from denoscope.trace.schema import ATTENTION, ATTENTION_MEAN, ATTENTION_TOTAL, CONDITIONAL, SHARES, record_name
from denoscope.words.columns import columns_of
from denoscope.words.errors import WordError
from denoscope.words.target import Target, name_of
from denoscope.words.tokens import PromptTokens

GROUPS = 3
"""Columns after the words: the text's own tokens, the special ones and the padding, which together are everything."""


@dataclass(frozen=True)
class SampleWords:
    """The words of one sample: their names, the key positions of each, and the tokens that each pass reads.

    ``tokens`` are those of its prompt, ``against`` what the unconditional pass reads instead.
    """

    names: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]
    tokens: PromptTokens
    against: PromptTokens

    def read(self, branch: str) -> PromptTokens:
        """The tokens that a pass of guidance reads."""
        return self.tokens if branch == CONDITIONAL else self.against

    @property
    def row(self) -> dict[str, Any]:
        """Columns of the sample table."""
        seen = [name for name, padding in zip(self.tokens.names, self.tokens.padding, strict=True) if not padding]
        return {"words": list(self.names), "tokens": seen}


def sample_words(denoiser: Prompted, samples: Sequence[Sample], asked: str | Sequence[Target]) -> list[SampleWords]:
    """The words of every sample, found before anything is sampled.

    Args:
        denoiser: knows its prompts' tokens.
        samples: to be made; what is ``marked`` in a prompt stands in ``request["marks"]``.
        asked: ``marked``, or the targets that every prompt has.

    Raises:
        WordError: a prompt lacks a word; the message lists the tokens that it has.
    """
    known: dict[tuple[Any, ...], SampleWords] = {}
    found, against = [], denoiser.negative_tokens()
    for sample in samples:
        spans = tuple(map(tuple, sample.request["marks"]))
        key = sample.request["prompt"], spans
        if key not in known:
            known[key] = _words(denoiser.prompt_tokens(sample), against, spans, asked)
        found.append(known[key])
    return found


def _words(tokens: PromptTokens, against: PromptTokens, spans: Any, asked: str | Sequence[Target]) -> SampleWords:
    targets = dict.fromkeys(tokens.prompt[slice(*span)] for span in spans) if isinstance(asked, str) else asked
    try:
        columns = tuple(columns_of(target, tokens, spans) for target in targets)
    except WordError as error:
        raise WordError(f"record.attention.words: {error}") from None
    return SampleWords(tuple(map(name_of, targets)), columns, tokens, against)


class WordRecorder:
    """Makes the records of a batch: maps of every layer, their mean over layers and steps, and shares.

    Args:
        words: of every sample of the batch.
        order: what is recorded.
        device: where the network runs.
    """

    def __init__(self, words: Sequence[SampleWords], order: ShardOrder, device: torch.device) -> None:
        asked = order.record.attention
        assert asked
        self._columns: dict[str, Columns] = {
            branch: Columns.of(
                [_padded(sample, branch, order.columns) for sample in words], len(words[0].tokens.ids)
            ).to(device)
            for branch in order.record.branches
        }
        self._asked, self._dtype, self._count = asked, DTYPES[order.record.dtype], order.columns
        self._grids = {layer: tuple(grid) for layer, grid in order.grids.items()}
        self._coarse = {layer: asked.coarse(grid) for layer, grid in self._grids.items()}
        self._last = max(chosen_steps(order.record.steps, order.steps))
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def columns(self, branch: str) -> Columns:
        """What is recorded of a pass: the words' places are the prompt's, the groups those of what the pass reads."""
        return self._columns[branch]

    def records(self, found: Mapping[str, Tensor], step: int, branch: str) -> dict[str, Tensor]:
        """Tensors of the trace by name, from the softmax ``[batch, (heads,) queries, columns]`` of every layer."""
        made, means = {}, []
        for layer, shares in found.items():
            self._require(layer, shares, self._grids[layer])
            made[record_name(SHARES, layer, branch)] = shares[..., self._count :].float().flatten(1, -2).mean(dim=1)
            maps = pooled(shares[..., : self._count + 1], self._grids[layer], self._asked.downsample)
            if "layers" in self._asked.keep:
                made[record_name(ATTENTION, layer, branch)] = maps
            if "mean" in self._asked.keep:
                heads = maps.float().mean(dim=1) if maps.dim() == 4 else maps
                means.append(resized(heads, self._coarse[layer], finest(self._coarse.values())))
        if means:
            made |= self._means(torch.stack(means).mean(dim=0), step, branch)
        return {name: tensor.to(self._dtype) for name, tensor in made.items()}

    def _means(self, mean: Tensor, step: int, branch: str) -> dict[str, Tensor]:
        """The mean over layers of a step, and at the last that over steps, too."""
        self._sums[branch] = mean + self._sums[branch] if branch in self._sums else mean
        self._counts[branch] = self._counts.get(branch, 0) + 1
        made = {record_name(ATTENTION_MEAN, "", branch): mean}
        if step == self._last:
            made[record_name(ATTENTION_TOTAL, "", branch)] = self._sums[branch] / self._counts[branch]
        return made

    def _require(self, layer: str, shares: Tensor, grid: Sequence[int]) -> None:
        if shares.shape[-2] != prod(grid):
            raise RuntimeError(
                f"{layer} attends from {shares.shape[-2]} positions, planned were {'×'.join(map(str, grid))}: the "
                "network is not what model.network describes"
            )


def about_words(order: ShardOrder) -> dict[str, Any]:
    """What a reader of the trace has to know of its words: how many columns, and the grids of the maps."""
    asked = order.record.attention
    assert asked
    grids = {layer: asked.coarse(tuple(grid)) for layer, grid in order.grids.items()}
    return {
        "columns": order.columns,
        "grids": {layer: list(grid) for layer, grid in grids.items()},
        "mean_grid": list(finest(grids.values())),
    }


def finest(grids: Iterable[Shape]) -> Shape:
    """The grid with most positions."""
    return max(grids, key=prod)


def pooled(maps: Tensor, grid: Shape, factor: int) -> Tensor:
    """Maps ``[…, queries, columns]`` averaged over squares of ``factor`` positions of every frame.

    Where ``factor`` does not divide a side, all squares are a little smaller and neighbours share positions: smaller
    ones at the edge alone would shift the map against the picture.
    """
    if factor == 1:
        return maps
    frames = maps.movedim(-1, 1).reshape(-1, 1, *grid[-2:]).float()
    less = F.adaptive_avg_pool2d(frames, (-(-grid[-2] // factor), -(-grid[-1] // factor)))
    columns_first = less.view(len(maps), maps.shape[-1], *maps.shape[1:-2], -1)
    return columns_first.movedim(1, -1)


def resized(maps: Tensor, grid: Shape, wanted: Shape) -> Tensor:
    """Maps ``[batch, queries, columns]`` between grids, linear in their values: an attention stays a share."""
    if grid == wanted:
        return maps.float()
    spread = maps.float().mT.reshape(len(maps), -1, *grid)
    mode = "bilinear" if len(grid) == 2 else "trilinear"
    return F.interpolate(spread, size=wanted, mode=mode, align_corners=False).flatten(2).mT


def _padded(words: SampleWords, branch: str, count: int) -> list[tuple[int, ...]]:
    """Key positions of ``count`` words, of which those that are too many have none, and of the groups of tokens."""
    tokens = words.read(branch)
    special = tuple(column for column, flag in enumerate(tokens.special) if flag)
    padding = tuple(column for column, flag in enumerate(tokens.padding) if flag)
    return [*words.columns, *[()] * (count - len(words.columns)), tokens.real, special, padding]
