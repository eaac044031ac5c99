"""What the runners found, condensed, and what the project promises of it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ADDED, SMALLER = 0.02, 10
"""Share of processor time that recording may add; how many times fewer bytes than a peer's queries and keys."""


@dataclass(frozen=True)
class Figures:
    """One side.

    Args:
        added: processor time that recording adds, as a share of sampling: the median of the pairs.
        kept: bytes that the record of one step takes.
        difference: the largest difference of any latent from the run without recording.
        peaks: bytes of memory at their peak, of a ``bare`` run and of one that is ``recorded``, by number of steps.
    """

    added: float
    kept: float
    difference: float
    peaks: Mapping[int, Mapping[str, int]]

    @property
    def flat(self) -> bool:
        """Whether what recording adds to memory is the same at the fewest steps and at the most.

        A process's memory varies by some megabytes from run to run, so this allows half of what the records of these
        steps would take if they stayed in memory.
        """
        fewest, most = min(self.peaks), max(self.peaks)
        return self.recording(most) - self.recording(fewest) < (most - fewest) * self.kept / 2

    def recording(self, steps: int) -> int:
        """Bytes by which the peak of a run that is recorded is higher than that of a bare one."""
        return self.peaks[steps]["recorded"] - self.peaks[steps]["bare"]


def figures(pairs: Sequence[Mapping[str, Any]], steps: int, peaks: Mapping[str, Mapping[str, int]]) -> Figures:
    """From what a runner printed of one side."""
    return Figures(
        added=statistics.median(pair["recorded"] / pair["bare"] - 1 for pair in pairs),
        kept=max(pair["bytes"] for pair in pairs) / steps,
        difference=max(pair["difference"] for pair in pairs),
        peaks={int(count): peak for count, peak in peaks.items()},
    )


def verdicts(ours: Figures, others: Mapping[str, Figures]) -> dict[str, bool]:
    """Every promise, and whether it is kept."""
    promised = {
        f"adds at most {100 * ADDED:g} % of processor time": ours.added <= ADDED,
        "latents bit-identical": ours.difference == 0,
        "memory flat: more steps add no more": ours.flat,
    }
    for name, other in others.items():
        promised[f"adds less than {name}"] = ours.added < other.added
    if "attention-map-diffusers" in others:
        kept = others["attention-map-diffusers"].kept
        promised[f"at most 1/{SMALLER} of the bytes of stored queries and keys"] = SMALLER * ours.kept <= kept
    return promised
