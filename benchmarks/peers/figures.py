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
        peaks: bytes of memory that recording adds at its peak, by number of steps.
    """

    added: float
    kept: float
    difference: float
    peaks: Mapping[int, int]

    @property
    def flat(self) -> bool:
        """Whether memory grows by less than the records themselves take, from the fewest steps to the most."""
        fewest, most = min(self.peaks), max(self.peaks)
        return self.peaks[most] - self.peaks[fewest] < (most - fewest) * self.kept


def figures(pairs: Sequence[Mapping[str, Any]], steps: int, peaks: Mapping[str, int]) -> Figures:
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
        "memory flat: it grows by less than the records": ours.flat,
    }
    for name, other in others.items():
        promised[f"adds less than {name}"] = ours.added < other.added
    if "attention-map-diffusers" in others:
        kept = others["attention-map-diffusers"].kept
        promised[f"at most 1/{SMALLER} of the bytes of stored queries and keys"] = SMALLER * ours.kept <= kept
    return promised
