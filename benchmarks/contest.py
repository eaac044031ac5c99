"""Measures two ways of doing the same thing, alternately, so that a busy machine slows both."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Contest:
    """Two ways of doing one thing.

    Args:
        what: what is done, in a few words.
        against: the alternative, in a few words.
        ours: does it with denoscope; returns what is compared if that is not seconds.
        other: does it the other way.
        target: the ratio that the project promises; ours ÷ other at most, or other ÷ ours at least if ``faster``.
        faster: the ratio says how many times faster (or smaller) ours is.
        unit: what is compared: seconds; seconds of processor time in a process of its own, with all that it imports and
            compiles, unless an earlier process kept it; bytes, milliseconds or evaluations of a network that the sides
            return.
        pairs: how often both are run.
        judge: how good a side's result is, more is better; not part of what is measured.
        loss: how much worse than the other's our result may be.
    """

    what: str
    against: str
    ours: Callable[[], object]
    other: Callable[[], object]
    target: float | None = None
    faster: bool = False
    unit: Literal["s", "CPU s", "B", "ms", "forwards"] = "s"
    pairs: int = 7
    judge: Callable[[Any], float] | None = None
    loss: float = 0


@dataclass(frozen=True)
class Result:
    """Medians of both sides, the median of the paired ratios, each side's peak memory in bytes, and its score."""

    ours: float
    other: float
    ratio: float
    peak_ours: int
    peak_other: int
    scores: tuple[float, float] | None = None


Setup = Callable[[], Contest]


def measure(setup: Setup) -> tuple[Contest, Result]:
    """Run a contest: once to warm up, then in pairs whose order alternates; memory in processes of its own."""
    contest = setup()
    if contest.unit == "CPU s":
        return contest, _measured_apart(setup, contest)
    pairs = _pairs(contest)
    ours, other = [_apart(_peak_here, setup, side) for side in SIDES] if contest.unit != "ms" else [0, 0]
    return contest, Result(*_medians(contest, pairs), ours, other)


SIDES = ("ours", "other")


def _medians(contest: Contest, pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    ours, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [right / left if contest.faster else left / right for left, right in pairs]
    return ours, other, statistics.median(ratios)


def _measured_apart(setup: Setup, contest: Contest) -> Result:
    """Each run in a process of its own, which finds only what earlier ones have compiled and left on disk."""
    runs = [[_apart(_all_here, setup, side) for side in SIDES] for _ in range(1 + contest.pairs)][1:]
    pairs = [(ours[0], other[0]) for ours, other in runs]
    (_, peak_ours, score_ours), (_, peak_other, score_other) = runs[0]
    return Result(*_medians(contest, pairs), peak_ours, peak_other, (score_ours, score_other))


def _pairs(contest: Contest) -> list[tuple[float, float]]:
    sides = (contest.ours, contest.other)
    if contest.unit in ("B", "forwards"):
        return [(float(sides[0]()), float(sides[1]()))]  # type: ignore[arg-type]
    measured = _returned if contest.unit == "ms" else _seconds
    for side in sides:
        side()
    pairs = []
    for number in range(contest.pairs):
        first = number % 2
        found = {index: measured(sides[index]) for index in (first, 1 - first)}
        pairs.append((found[0], found[1]))
    return pairs


def _returned(side: Callable[[], object]) -> float:
    return float(side())  # type: ignore[arg-type]


def _seconds(side: Callable[[], object]) -> float:
    started = time.perf_counter()
    side()
    return time.perf_counter() - started


def _apart(measure_here: Callable[[Setup, str], Any], setup: Setup, side: str) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure_here, (setup, side))


def _all_here(setup: Setup, side: str) -> tuple[float, int, float]:
    """Seconds of processor time, memory added, and score of one run."""
    contest = setup()
    run = getattr(contest, side)
    before, started = high_water(), time.process_time()
    result = run()
    seconds, peak = time.process_time() - started, high_water() - before
    return seconds, peak, contest.judge(result) if contest.judge else 0.0


def _peak_here(setup: Setup, side: str) -> int:
    """Memory that one run adds to what the process held before, at its peak."""
    run = getattr(setup(), side)
    forget_peak()
    before = high_water()
    run()
    return high_water() - before


def forget_peak() -> None:
    """Let the peak be what the process holds now, where the system can: on Linux.

    First the allocator returns what it keeps of freed memory: one run would reuse more of it than another, unseen.
    """
    gc.collect()
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def high_water() -> int:
    """The most memory that this process has held, in bytes."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
