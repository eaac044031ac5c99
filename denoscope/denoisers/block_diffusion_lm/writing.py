"""One text while a pipeline writes it, and what a pipeline needs of its network."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from denoscope.denoisers.protocol import Sample


@dataclass(frozen=True)
class Question:
    """A pipeline asks for logits of one sample's text.

    ``state [length]`` holds the token ids, the mask's where nothing stands yet. The logits that are asked for are those
    of the positions from ``start`` on, as many as the writer is ``width``.
    """

    state: Tensor
    start: int


Ask = Callable[[Any], Tensor]
"""``question → logits [1, width, vocabulary]``."""


class Writer(Protocol):
    """A model with its pipeline."""

    network: nn.Module
    mask_id: int
    """What states hold where nothing stands yet."""
    width: int
    """Positions whose logits the pipeline wants at once."""

    def write(self, sample: Sample, ask: Ask) -> Tensor:
        """Run the pipeline for one sample with its own generator; return the last state ``[length]``."""

    def evaluate(self, questions: Sequence[Any]) -> Tensor:
        """One evaluation of the network: logits ``[batch, width, vocabulary]`` for a question of each sample."""

    def read(self, hidden: Tensor, starts: Tensor) -> Tensor:
        """What the head makes of a layer's output: logits ``[batch, width, vocabulary]`` from ``starts [batch]`` on."""


class Writing:
    """A sample's text on its way: the question that waits for its answer, or the last state.

    Args:
        steps: yields the pipeline's questions, takes logits, returns the last state.
    """

    def __init__(self, steps: Generator[Question, Tensor, Tensor]) -> None:
        self._steps = steps
        self.question = next(steps)
        """The last that was asked."""
        self._last: Tensor | None = None

    @property
    def done(self) -> bool:
        """Whether the pipeline has ended."""
        return self._last is not None

    @property
    def state(self) -> Tensor:
        """Token ids ``[length]``."""
        return self.question.state if self._last is None else self._last

    def answer(self, logits: Tensor) -> None:
        """Let the pipeline go on until it asks again; does nothing when it has ended."""
        if self.done:
            return
        try:
            self.question = self._steps.send(logits)
        except StopIteration as end:
            self._last = end.value
