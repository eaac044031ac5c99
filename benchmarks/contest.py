"""Measures two ways of doing the same thing, alternately, so that a busy machine slows both."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Contest:
    """Two ways of doing one thing.

    Args:
        what: what is done, in a few words.
        against: the alternative, in a few words.
        ours: does it with denoscope; returns the bytes it stored if bytes are compared.
        other: does it the other way.
        target: the ratio that the project promises; ours ÷ other at most, or other ÷ ours at least if ``faster``.
        faster: the ratio says how many times faster (or smaller) ours is.
        unit: what is compared.
        pairs: how often both are run.
    """

    what: str
    against: str
    ours: Callable[[], object]
    other: Callable[[], object]
    target: float | None = None
    faster: bool = False
    unit: Literal["s", "B"] = "s"
    pairs: int = 7


@dataclass(frozen=True)
class Result:
    """Medians of both sides, the median of the paired ratios, and each side's peak memory in bytes."""

    ours: float
    other: float
    ratio: float
    peak_ours: int
    peak_other: int


Setup = Callable[[], Contest]


def measure(setup: Setup) -> tuple[Contest, Result]:
    """Run a contest: once to warm up, then in pairs whose order alternates; memory in processes of its own."""
    contest = setup()
    pairs = _pairs(contest)
    ours, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [right / left if contest.faster else left / right for left, right in pairs]
    peaks = [_peak(setup, side) for side in ("ours", "other")]
    return contest, Result(ours, other, statistics.median(ratios), *peaks)


def _pairs(contest: Contest) -> list[tuple[float, float]]:
    sides = (contest.ours, contest.other)
    if contest.unit == "B":
        return [(float(sides[0]()), float(sides[1]()))]  # type: ignore[arg-type]
    for side in sides:
        side()
    pairs = []
    for number in range(contest.pairs):
        first = number % 2
        seconds = {index: _seconds(sides[index]) for index in (first, 1 - first)}
        pairs.append((seconds[0], seconds[1]))
    return pairs


def _seconds(side: Callable[[], object]) -> float:
    started = time.perf_counter()
    side()
    return time.perf_counter() - started


def _peak(setup: Setup, side: str) -> int:
    """Memory that one run adds to what the process held before, at its peak."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_peak_here, (setup, side))


def _peak_here(setup: Setup, side: str) -> int:
    run = getattr(setup(), side)
    with suppress(OSError):  # Linux forgets the peak of the preparation
        Path("/proc/self/clear_refs").write_text("5")
    before = _high_water()
    run()
    return _high_water() - before


def _high_water() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
