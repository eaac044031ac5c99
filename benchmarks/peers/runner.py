"""Measures sides in this process and prints what it found as JSON: run by an environment's own Python.

``python -m benchmarks.peers.runner FOLDER --sides NAME … [--rounds N --steps N | --memory STEPS …]``
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.contest import forget_peak, high_water
from benchmarks.peers.side import SIDES, Side, load_side


def cpu_seconds(run: Callable[[int], Any], steps: int) -> tuple[float, Any]:
    """Processor time of all threads, and what the run returned."""
    started = time.process_time()
    found = run(steps)
    return time.process_time() - started, found


def paired(side: Side, steps: int, first: bool) -> dict[str, Any]:
    """One pair of runs: the one that records is the ``first`` or the second."""
    runs: list[tuple[str, Callable[[int], Any]]] = [("recorded", side.recorded), ("bare", side.bare)]
    seconds: dict[str, float] = {}
    found: dict[str, Any] = {}
    for name, run in runs if first else runs[::-1]:
        seconds[name], found[name] = cpu_seconds(run, steps)
    latents, kept = found["recorded"]
    same = torch.equal(latents, found["bare"])
    return {**seconds, "bytes": kept, "difference": 0.0 if same else float((latents - found["bare"]).abs().max())}


def overheads(sides: dict[str, Side], steps: int, rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Pairs of every side; the sides take turns, after one round to warm up."""
    pairs: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for number in range(-1, rounds):
        for name, side in sides.items():
            pairs[name].append(paired(side, steps, bool(number % 2)))
    return {name: found[1:] for name, found in pairs.items()}


def peaks(side: Side, counts: Sequence[int]) -> dict[int, dict[str, int]]:
    """Bytes that so many steps, ``bare`` and ``recorded``, add at their peak to a process that has sampled before."""
    side.bare(1)
    side.recorded(1)
    return {steps: {"bare": _peak(side.bare, steps), "recorded": _peak(side.recorded, steps)} for steps in counts}


def _peak(run: Callable[[int], Any], steps: int) -> int:
    forget_peak()
    before = high_water()
    run(steps)
    return high_water() - before


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sides", nargs="+", choices=list(SIDES), required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", type=int, nargs="+")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    sides = {name: load_side(name, asked.folder) for name in asked.sides}
    if asked.memory:
        print(json.dumps({name: peaks(side, asked.memory) for name, side in sides.items()}))
    else:
        print(json.dumps(overheads(sides, asked.steps, asked.rounds)))


if __name__ == "__main__":
    main()
