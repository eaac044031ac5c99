"""Prints the table of all contests, and the one of the peers that record words' attention."""

from __future__ import annotations

import os
import platform

import torch

from benchmarks import attention, attention_films, maps, media, pages, prose, recording, stored, texts
from benchmarks.contest import Contest, Result, measure
from benchmarks.peers import table as peers

SETUPS = (
    attention.transformer_block,
    attention.image_words,
    attention.video_words,
    attention.recomputed,
    recording.everything_recorded,
    media.drawing,
    media.encoding,
    attention_films.drawing,
    prose.published_recorded,
    prose.small_recorded,
    prose.forwards,
    texts.drawing_compact,
    texts.drawing_detailed,
    texts.encoding_compact,
    texts.encoding_detailed,
    texts.bytes_compact,
    texts.bytes_detailed,
    stored.one_layer_at_one_step,
    stored.stored_bytes,
    maps.one_map,
    maps.neighbours,
    pages.bytes_of_50_000,
    pages.bytes_with_neighbours,
    pages.first_picture_of_50_000,
    pages.first_picture_of_1_000_000,
)
HEADER = ("what", "against", "denoscope", "other", "ratio", "target", "peak memory")


def main() -> None:
    """Measure everything and print it as a Markdown table."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}, torch {torch.__version__}")
    print("ratio: median over pairs of runs that take turns; peak memory: what one run adds, denoscope / other;")
    print("after a comma: how good the result is\n")
    _row(HEADER)
    _row(["---"] * len(HEADER))
    for setup in SETUPS:
        _row(_cells(*measure(setup)))
    peers.main()


def _cells(contest: Contest, result: Result) -> list[str]:
    quantity = QUANTITIES[contest.unit]
    scores = [f", {score:.3f}" for score in result.scores or ()] or ["", ""]
    peaks = (result.peak_ours, result.peak_other)
    return [
        contest.what,
        contest.against,
        quantity(result.ours) + scores[0],
        quantity(result.other) + scores[1],
        f"{result.ratio:.2f}× faster" if contest.faster else f"{result.ratio:.2f}×",
        _verdict(contest, result),
        " / ".join(map(_bytes, peaks)) if any(peaks) else "–",
    ]


def _verdict(contest: Contest, result: Result) -> str:
    if contest.target is None:
        return "–"
    met = result.ratio >= contest.target if contest.faster else result.ratio <= contest.target
    promised = f"{'≥' if contest.faster else '≤'} {contest.target:g}×"
    if contest.judge and result.scores:
        promised += f", within {contest.loss:g}"
        met = met and result.scores[0] >= result.scores[1] - contest.loss
    return f"{promised}: {'met' if met else 'MISSED'}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def _bytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e7 else f"{count / 1e6:.2f} MB"


QUANTITIES = {
    "s": _time,
    "CPU s": lambda seconds: f"{seconds:.1f} CPU s",
    "B": _bytes,
    "forwards": lambda count: f"{count:.0f}",
    "ms": lambda milliseconds: f"{milliseconds:.0f} ms",
}


def _row(cells: list[str] | tuple[str, ...]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
