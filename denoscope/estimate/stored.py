"""A tensor of a trace that is not there yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from denoscope.settings.model import Shape
from denoscope.settings.sizes import ITEMSIZE


@dataclass(frozen=True)
class Stored:
    """A tensor ``[step, sample, …]`` of a trace.

    Args:
        name: in the trace.
        shape: of one sample at one step.
        dtype: stored type.
        steps: the steps that have it.
        sparse: steps that reuse an evaluation add no row, so that its size is the most that it can be.
        held: values of one sample and step while they are made, where that is more than is stored.
    """

    name: str
    shape: Shape
    dtype: str
    steps: tuple[int, ...]
    sparse: bool = False
    held: int = 0

    @property
    def kind(self) -> str:
        """What it holds: the first part of its name."""
        return self.name.partition("@")[0].partition("/")[0]

    @property
    def step_bytes(self) -> int:
        """Bytes of one sample at one step."""
        return prod(self.shape) * ITEMSIZE[self.dtype]

    @property
    def held_bytes(self) -> int:
        """Bytes of one sample at one step in memory."""
        return max(self.held * ITEMSIZE[self.dtype], self.step_bytes)

    def bytes(self, samples: int) -> int:
        """Bytes of all steps of ``samples``."""
        return len(self.steps) * samples * self.step_bytes


def heaviest_step(tensors: Iterable[Stored], *, held: bool = False) -> int:
    """Bytes of one sample at the step that has most, as stored or as held in memory."""
    found: dict[int, int] = {}
    for tensor in tensors:
        for step in tensor.steps:
            found[step] = found.get(step, 0) + (tensor.held_bytes if held else tensor.step_bytes)
    return max(found.values(), default=0)
