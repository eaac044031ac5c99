"""Prints the table of all contests."""

from __future__ import annotations

import os
import platform

import torch

from benchmarks import attention, media, recording, stored
from benchmarks.contest import Contest, Result, measure

SETUPS = (
    attention.transformer_block,
    attention.image_words,
    attention.video_words,
    attention.recomputed,
    recording.everything_recorded,
    media.drawing,
    media.encoding,
    stored.one_layer_at_one_step,
    stored.stored_bytes,
)
HEADER = ("what", "against", "denoscope", "other", "ratio", "target", "peak memory")


def main() -> None:
    """Measure everything and print it as a Markdown table."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}, torch {torch.__version__}")
    print("ratio: median over pairs of runs that take turns; peak memory: what one run adds, denoscope / other\n")
    _row(HEADER)
    _row(["---"] * len(HEADER))
    for setup in SETUPS:
        _row(_cells(*measure(setup)))


def _cells(contest: Contest, result: Result) -> list[str]:
    quantity = _time if contest.unit == "s" else _bytes
    return [
        contest.what,
        contest.against,
        quantity(result.ours),
        quantity(result.other),
        f"{result.ratio:.2f}× faster" if contest.faster else f"{result.ratio:.2f}×",
        _verdict(contest, result.ratio),
        f"{_bytes(result.peak_ours)} / {_bytes(result.peak_other)}",
    ]


def _verdict(contest: Contest, ratio: float) -> str:
    if contest.target is None:
        return "–"
    met = ratio >= contest.target if contest.faster else ratio <= contest.target
    return f"{'≥' if contest.faster else '≤'} {contest.target:g}×: {'met' if met else 'MISSED'}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def _bytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB"


def _row(cells: list[str] | tuple[str, ...]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
