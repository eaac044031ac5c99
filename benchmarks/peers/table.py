"""Runs the sides, each where it can run, and prints the table of what recording words' attention costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.figures import Figures, figures, verdicts
from benchmarks.peers.pipeline import make_pipeline

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / "build" / "peers"
OURS, CAPTURE, DAAM = "denoscope", "attention-map-diffusers", "daam"
STEPS, ROUNDS, COUNTS = 2, 9, (4, 16, 64)
HEADER = (
    "three words recorded",
    "processor time",
    f"kept of {STEPS} steps",
    f"memory added at {' / '.join(map(str, COUNTS))} steps",
    "latents",
)


def main() -> None:
    """Measure all sides that are there and print what they cost and whether the promises are kept."""
    with tempfile.TemporaryDirectory() as folder:
        make_pipeline(Path(folder))
        found = dict(_measured(Path(folder)))
    print("\n" + "\n".join(table(found)), flush=True)


def table(found: Mapping[str, Figures]) -> list[str]:
    """The lines of a Markdown table, and of the promises below it."""
    rows = [HEADER, ["---"] * len(HEADER), *(_cells(name, side) for name, side in found.items())]
    missing = [name for name in (CAPTURE, DAAM) if name not in found]
    others = {name: side for name, side in found.items() if name != OURS}
    return [
        *("| " + " | ".join(row) + " |" for row in rows),
        *(f"{name} is not installed and was left out" for name in missing),
        "",
        *(f"- {promise}: {'met' if kept else 'MISSED'}" for promise, kept in verdicts(found[OURS], others).items()),
    ]


def groups() -> Iterator[tuple[Path | str, list[str]]]:
    """Pythons, and the sides that run together in a process of each."""
    here = [name for name in (OURS, CAPTURE) if name == OURS or (INSTALLED / name / "installed").exists()]
    yield sys.executable, here
    if (INSTALLED / DAAM / "installed").exists():
        yield INSTALLED / DAAM / "bin" / "python", [DAAM]


def _measured(folder: Path) -> Iterator[tuple[str, Figures]]:
    for python, sides in groups():
        pairs = _run(python, folder, sides, "--steps", str(STEPS), "--rounds", str(ROUNDS))
        for side in sides:
            peaks = _run(python, folder, [side], "--memory", *map(str, COUNTS), "--threads", str(os.cpu_count()))
            yield side, figures(pairs[side], STEPS, peaks[side])


def _run(python: Path | str, folder: Path, sides: Sequence[str], *options: str) -> dict[str, Any]:
    """What the runner prints in a process of its own.

    Raises:
        RuntimeError: it failed; the message is the end of what it said.
    """
    command = [str(python), "-m", "benchmarks.peers.runner", str(folder), *options, "--sides", *sides]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{INSTALLED / CAPTURE}", "HF_HUB_OFFLINE": "1"}
    if python != sys.executable:
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' and '.join(sides)} failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _cells(name: str, side: Figures) -> list[str]:
    peaks = " / ".join(f"{side.recording(steps) / 1e6:.0f}" for steps in sorted(side.peaks))
    same = "bit-identical" if side.difference == 0 else f"differ by {side.difference:.0e}"
    return [name, f"{100 * side.added:+.1f} %", f"{STEPS * side.kept / 1e6:.2f} MB", f"{peaks} MB", same]
