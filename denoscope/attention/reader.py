"""Reads the attention of words from a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Unpack

import numpy as np

from denoscope.attention.maps import OF_ALL, OF_PROMPT, AttentionError, AttentionMap, MapInfo, SampleTokens, Selection
from denoscope.trace.reader import Trace, TraceArray
from denoscope.trace.schema import ATTENTION, ATTENTION_MEAN, CONDITIONAL, STATE_PREVIEWS, X0_PREVIEWS, record_name
from denoscope.trace.words import WordMaps

CONFIGURE = "set record.attention: {layers: ['*attn2'], words: marked} in its configuration and run the workflow again"
TOLD = 12
"""Layers that a message lists, at most."""


class AttentionReader:
    """Where the words of prompts were seen, sample by sample and step by step.

    Args:
        trace: of a run, or of one of its shards.
        symbol: what the time or noise level of a step is called.

    Raises:
        AttentionError: no attention of words was recorded; the message says how to record it.
    """

    def __init__(self, trace: Trace, symbol: str) -> None:
        self.trace, self.symbol = trace, symbol
        try:
            self.words = WordMaps(trace)
        except KeyError:
            raise AttentionError(f"{_name(trace)} records no attention of words: {CONFIGURE}") from None
        self._rows = {int(number): row for row, number in enumerate(trace.samples["sample"])}

    @property
    def samples(self) -> tuple[int, ...]:
        """Numbers of the samples with a word that has a map."""
        return tuple(sample for sample in self._rows if self.tokens(sample).words)

    @property
    def steps(self) -> tuple[int, ...]:
        """The recorded steps."""
        return self.words.steps

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers whose maps were kept."""
        return self.words.layers

    def videos(self) -> tuple[int, ...]:
        """The :attr:`samples` if they are films; none if they are pictures."""
        return self.samples if len(self.trace.tensor(STATE_PREVIEWS).shape) == 6 else ()

    def tokens(self, sample: int) -> SampleTokens:
        """The words of a sample that have maps, its prompt and all of its tokens.

        Raises:
            AttentionError: there is no such sample.
        """
        row = self.trace.samples.iloc[self._row(sample)]
        words = tuple(name for name in row["words"] if name)
        return SampleTokens(words, str(row["prompt"]), tuple(row["tokens"]))

    def load_step(self, sample: int, word: str, step: int, **selection: Unpack[Selection]) -> AttentionMap:
        """A word's map at a recorded step.

        Raises:
            AttentionError: there is no such sample, word, step, layer, head or branch; the message says what there is.
        """
        if step not in self.steps:
            raise AttentionError(f"step {step} was not recorded; recorded steps: {_listed(self.steps)}")
        return self.load_all_steps(sample, word, **selection)[self.steps.index(step)]

    def load_all_steps(self, sample: int, word: str, **selection: Unpack[Selection]) -> list[AttentionMap]:
        """A word's maps at all recorded steps; errors as :meth:`load_step`."""
        values = self.values(sample, word, **selection)
        info = [self._info(sample, word, (step,), selection) for step in self.steps]
        return [AttentionMap(part, about) for part, about in zip(values, info, strict=True)]

    def values(self, sample: int, word: str, **selection: Unpack[Selection]) -> np.ndarray:
        """The values of all recorded steps as one array, float32 ``[step, *grid]``; errors as :meth:`load_step`."""
        self._check(sample, word, selection)
        return self._found(lambda: self.words.maps(self._row(sample), word, **selection))

    def aggregate(self, sample: int, word: str, **selection: Unpack[Selection]) -> AttentionMap:
        """The mean of a word's maps over the recorded steps; errors as :meth:`load_step`."""
        info = self._info(sample, word, self.steps, selection)
        if info.layer is None and info.head is None:
            renormalised = selection.get("renormalised", False)
            total = partial(self.words.total, renormalised=renormalised, branch=info.branch)
            return AttentionMap(self._found(lambda: total(self._row(sample), word)), info)
        return AttentionMap(self.values(sample, word, **selection).mean(axis=0), info)

    def picture(self, sample: int, place: float | None = None) -> np.ndarray:
        """What was generated, uint8 ``[H, W, C]``, or ``[frames, H, W, C]``.

        Of a film ``place``, from 0 to 1, reads a single frame, ``[H, W, C]``.
        """
        return self._previews(STATE_PREVIEWS, place)[-1, self._row(sample)]

    def predictions(self, sample: int, place: float | None = None, *, steps: Sequence[int] | None = None) -> np.ndarray:
        """The predicted picture at recorded ``steps``, by default at all: ``[step, …]``, each as :meth:`picture`.

        Where a step predicts none, it is that of the state. Nothing else is read.
        """
        wanted = self.steps if steps is None else steps
        row, states = self._row(sample), self._previews(STATE_PREVIEWS, place)
        predicted = self._previews(X0_PREVIEWS, place) if X0_PREVIEWS in self.trace.tensors else states
        found = [(predicted if step in predicted.steps else states, step) for step in wanted]
        return np.stack([array[array.position(step), row] for array, step in found])

    def _previews(self, name: str, place: float | None) -> TraceArray:
        return self.trace.tensor(name) if place is None else self.trace.pictures(name, place)

    def _check(self, sample: int, word: str, selection: Selection) -> None:
        names, layer = self.tokens(sample).words, selection.get("layer")
        if word not in names:
            raise AttentionError(f"sample {sample} has no map of '{word}'; it has {_listed(names)}")
        if layer is None and not any(name.startswith(ATTENTION_MEAN) for name in self.trace.tensors):
            raise AttentionError(f"the mean over the layers was not kept: choose a layer of {_listed(self.layers)}")
        if layer is not None and layer not in self.layers:
            near = get_close_matches(layer, self.layers, n=3, cutoff=0.3) or self.layers
            raise AttentionError(f"layer '{layer}' has no maps of words; there are {_listed(near)}")
        name = record_name(ATTENTION_MEAN if layer is None else ATTENTION, layer or "", _branch(selection))
        if name not in self.trace.tensors:
            raise AttentionError(f"the {_branch(selection)} branch was not recorded: name it in record.branches")

    def _info(self, sample: int, word: str, steps: tuple[int, ...], selection: Selection) -> MapInfo:
        layer = selection.get("layer")
        self._check(sample, word, selection)
        return MapInfo(
            sample=sample,
            word=word,
            prompt=self.tokens(sample).prompt,
            steps=steps,
            times=tuple(self.trace.times[step] for step in steps),
            grid=self.words.grid(layer),
            picture=tuple(self.trace.tensor(STATE_PREVIEWS).shape[2:-1]),
            layer=layer,
            head=selection.get("head"),
            branch=_branch(selection),
            unit=OF_PROMPT if selection.get("renormalised") else OF_ALL,
        )

    def _row(self, sample: int) -> int:
        if sample not in self._rows:
            raise AttentionError(f"there is no sample {sample}; there are {_listed(tuple(self._rows))}")
        return self._rows[sample]

    def _found(self, read: Callable[[], np.ndarray]) -> np.ndarray:
        try:
            return read()
        except KeyError as error:
            raise AttentionError(str(error.args[0])) from None


def _branch(selection: Selection) -> str:
    return selection.get("branch", CONDITIONAL)


def _name(trace: Trace) -> str:
    """The run's folder, or the shard's."""
    return str(getattr(trace, "folder", trace.shards[0].folder))


def _listed(found: Sequence[str | int]) -> str:
    """Names, or the first of them where they are many; of steps and samples in a row only the ends."""
    if not found:
        return "none"
    if isinstance(found[0], int) and len(found) > 2 and list(found) == list(range(found[0], found[0] + len(found))):
        return f"{found[0]} to {found[-1]}"
    more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return ", ".join(map(str, found[:TOLD])) + more
