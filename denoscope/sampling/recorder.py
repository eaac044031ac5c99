"""Records what happens inside a network while a batch is denoised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from denoscope.sampling.dtypes import DTYPES
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.words import WordRecorder
from denoscope.settings.base import chosen_steps
from denoscope.taps import ActivationTap, AttentionTap
from denoscope.trace.schema import ACTIVATIONS, ATTENTION, TOKENS, record_name

Tap = ActivationTap | AttentionTap


class TapRecorder:
    """Opens the taps around the forwards that a run wants recorded, and keeps a row about every forward.

    Of the forwards of a step, the first of each wanted branch is recorded: with Heun's method that is the evaluation
    at the step's own state, not the correction. Where steps reuse evaluations, every one is recorded, and a wanted step
    takes the last. The taps are also tried at a branch's first forward, whatever the steps, so that one that cannot
    deliver ends the job before its first step.

    Args:
        network: the model to tap.
        order: what to record.
        reused: whether steps may reuse evaluations.
        words: makes the records of words, where the attention of words is recorded.
    """

    def __init__(
        self, network: nn.Module, order: ShardOrder, *, reused: bool = False, words: WordRecorder | None = None
    ) -> None:
        record = order.record
        self._reused, self._words = reused, words
        self.forwards: list[dict[str, Any]] = []
        self._branches = record.branches
        self._steps = frozenset(chosen_steps(record.steps, order.steps))
        self._seen: set[tuple[int, str]] = set()
        self._tried: set[str] = set()
        self._found: dict[str, Tensor] = {}
        dtype = DTYPES[record.dtype]
        shared: list[tuple[str, Tap]] = []
        # By name, not by the globs: those would also match modules inside the blocks that the configuration chose.
        if order.layers:
            tap = ActivationTap(network, layers=tuple(order.layers), reduce=record.reduce, dtype=dtype)
            shared.append((ACTIVATIONS, tap))
        if order.token_layers:
            tokens = ActivationTap(network, layers=tuple(order.token_layers), reduce="tokens", dtype=dtype)
            shared.append((TOKENS, tokens))
        # Each pass reads a text of its own, so that its tap adds up other keys.
        self._taps = {branch: [*shared, *_attention(network, order, words, branch)] for branch in record.branches}

    @contextmanager
    def forward(self, step: int, branch: str, time: float) -> Iterator[None]:
        """Enclose one evaluation of the network."""
        number = len(self.forwards)
        row = {"forward_id": number, "step": step, "branch": branch, "cached": False, "forward_time": time}
        self.forwards.append(row)
        wanted = (self._reused or step in self._steps) and (step, branch) not in self._seen
        if branch not in self._branches or (not wanted and branch in self._tried):
            yield
            return
        self._tried.add(branch)
        taps = self._taps[branch]
        with ExitStack() as stack:
            for _, tap in taps:
                stack.enter_context(tap)
            yield
        if not wanted:
            for _, tap in taps:
                tap.take()
            return
        self._seen.add((step, branch))
        for kind, tap in taps:
            found = {layer: _only(records, layer) for layer, records in tap.take().items()}
            if kind == ATTENTION and self._words:
                self._found |= self._words.records(found, step, branch)
            else:
                self._found |= {record_name(kind, layer, branch): record for layer, record in found.items()}

    def take(self, step: int) -> Mapping[str, Tensor]:
        """Hand over what is recorded of ``step``: ``[batch, …]`` by tensor name."""
        found = self._found if step in self._steps else {}
        if not self._reused:
            self._found = {}
        return found


def _attention(
    network: nn.Module, order: ShardOrder, words: WordRecorder | None, branch: str
) -> Iterator[tuple[str, Tap]]:
    """The tap for the attention of a pass, where it is recorded."""
    asked = order.record.attention
    if asked:
        yield (
            ATTENTION,
            AttentionTap(
                network,
                layers=tuple(order.attention_layers),
                keys=words.columns(branch) if words else asked.keys,
                heads=asked.heads,
                queries="mean" if asked.averages_queries else "each",
                dtype=DTYPES[order.record.dtype],
            ),
        )


def _only(records: list[Tensor], layer: str) -> Tensor:
    if len(records) > 1:
        raise RuntimeError(
            f"layer {layer} recorded {len(records)} times in one forward: choose the layers inside it, one for each"
        )
    return records[0]
