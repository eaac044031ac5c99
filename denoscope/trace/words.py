"""Reads the attention of words from a trace."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denoscope.trace.reader import Trace
from denoscope.trace.schema import ATTENTION, ATTENTION_MEAN, ATTENTION_TOTAL, CONDITIONAL, SHARES, record_name

TOLD = 12
"""Layers that a message lists, at most."""


class WordMaps:
    """Attention of the words of every sample's prompt.

    Args:
        trace: that records them.

    Raises:
        KeyError: it records none.
    """

    def __init__(self, trace: Trace) -> None:
        info = trace.shards[0].info
        if "words" not in info:
            raise KeyError("no attention of words was recorded: set record.attention.words")
        self._trace, self._about = trace, info["words"]

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers whose maps were kept, in the model's order."""
        return tuple(layer for layer in self._about["grids"] if ATTENTION + layer in self._trace.tensors)

    @property
    def steps(self) -> tuple[int, ...]:
        """The recorded steps."""
        return self._trace.tensor(SHARES + next(iter(self._about["grids"]))).steps

    def names(self, sample: int) -> tuple[str, ...]:
        """The words of a sample that have maps.

        Raises:
            IndexError: there is no such sample.
        """
        if not 0 <= sample < len(self._trace.samples):
            raise IndexError(f"there is no sample {sample}: the run has {len(self._trace.samples)}")
        return tuple(self._trace.samples["words"].iloc[sample])

    def grid(self, layer: str | None = None) -> tuple[int, ...]:
        """Height and width, or frames, height and width, of a layer's maps, or of the mean over the layers."""
        if layer is None:
            return tuple(self._about["mean_grid"])
        if layer not in self._about["grids"]:
            raise KeyError(f"'{layer}' was not recorded; layers with words: {', '.join(self._about['grids'])}")
        return tuple(self._about["grids"][layer])

    def heads(self, layer: str) -> int | None:
        """Number of heads that were kept apart; None where they were averaged."""
        shape = self._trace.tensor(ATTENTION + layer).shape
        return shape[2] if len(shape) == 5 else None

    def maps(
        self,
        sample: int,
        word: str,
        layer: str | None = None,
        *,
        head: int | None = None,
        renormalised: bool = False,
        branch: str = CONDITIONAL,
    ) -> np.ndarray:
        """A word's share of attention at every recorded step: float32 ``[step, *grid]``.

        Args:
            sample: number of the sample.
            word: one of its :meth:`names`.
            layer: None takes the mean over the layers.
            head: of a layer whose heads were kept apart; None averages them.
            renormalised: as a share of what the own tokens of the pass's text get, instead of all tokens.
            branch: pass of classifier-free guidance.

        Raises:
            KeyError: there is no such word, layer, head or branch; the message lists what there is. Or a pass without
                a text is to be renormalised.
        """
        if head is not None and layer is None:
            told = ", ".join(self.layers[:TOLD]) or "none, and record.attention.keep has to say layers"
            raise KeyError(f"head {head} belongs to a layer: choose one, too; layers with maps: {told}")
        column = self._column(sample, word)
        kind, name = (ATTENTION_MEAN, "") if layer is None else (ATTENTION, layer)
        grid = self.grid(layer)
        found = self._trace.tensor(record_name(kind, name, branch))[:, sample].astype(np.float32)
        if found.ndim == 4:
            found = found.mean(axis=1) if head is None else found[:, self._checked(layer, head, found.shape[1])]
        elif head is not None:
            raise KeyError(f"the heads of {layer} were averaged: set heads: each")
        _require_text(found, renormalised, branch)
        return _share(found, column, grid, renormalised=renormalised)

    def total(self, sample: int, word: str, *, renormalised: bool = False, branch: str = CONDITIONAL) -> np.ndarray:
        """A word's share of attention, mean over layers and recorded steps: float32 ``[*grid]``."""
        column = self._column(sample, word)
        found = self._trace.tensor(record_name(ATTENTION_TOTAL, "", branch))[0, sample].astype(np.float32)
        _require_text(found, renormalised, branch)
        return _share(found, column, self.grid(), renormalised=renormalised)

    def shares(self, layer: str, branch: str = CONDITIONAL) -> np.ndarray:
        """What the own tokens of the pass's text, the special ones and the padding get: ``[step, sample, 3]`` float32.

        The text of the unconditional pass is the negative prompt.
        """
        self.grid(layer)
        return np.asarray(self._trace.tensor(record_name(SHARES, layer, branch))[:], dtype=np.float32)

    def _column(self, sample: int, word: str) -> int:
        names = self.names(sample)
        if word not in names:
            raise KeyError(f"sample {sample} has no map of '{word}'; it has {', '.join(names) or 'none'}")
        return names.index(word)

    def _checked(self, layer: Any, head: int, heads: int) -> int:
        if not 0 <= head < heads:
            raise KeyError(f"{layer} has no head {head}: it has {heads}")
        return head


def _require_text(found: np.ndarray, renormalised: bool, branch: str) -> None:
    """Refuse shares of nothing; the last column is what the own tokens of the pass's text get."""
    if renormalised and branch != CONDITIONAL and not (found[..., -1] > 0).any():
        raise KeyError(
            f"the {branch} pass reads no text, and a share of what its tokens get is none: leave renormalised out, or "
            "set sampler.negative"
        )


def _share(found: np.ndarray, column: int, grid: tuple[int, ...], *, renormalised: bool) -> np.ndarray:
    """One column of ``[…, queries, columns]`` on its grid; the last column is what the prompt's own tokens get."""
    share = found[..., column]
    if renormalised:
        # Where the prompt gets nothing, a word has no share of it.
        share = np.divide(share, found[..., -1], out=np.zeros_like(share), where=found[..., -1] > 0)
    assert share.shape[-1] == prod(grid)
    return share.reshape(*share.shape[:-1], *grid)
