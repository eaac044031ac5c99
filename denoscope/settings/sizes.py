"""What a run's settings tell of sizes before anything is on disk. No torch."""

from __future__ import annotations

from dataclasses import dataclass

ITEMSIZE = {"uint8": 1, "float16": 2, "bfloat16": 2, "float32": 4, "int32": 4}
"""Bytes of a value."""


class UnknownSizeError(ValueError):
    """A size that the settings do not decide; the message says why."""


@dataclass(frozen=True)
class StepTensor:
    """What a step writes of every sample, whatever layers are recorded.

    Args:
        shape: of one sample.
        dtype: stored type.
        predicted: it stands only at the steps at which the network runs, not at the last state.
    """

    shape: tuple[int, ...]
    dtype: str
    predicted: bool = False
