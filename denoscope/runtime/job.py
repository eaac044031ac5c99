"""The surroundings of a workflow job: its log and its threads."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_terminals: list[TextIO] = []


def terminal() -> TextIO:
    """The stream that a person watches: standard error as it was before a job's log took it over."""
    return _terminals[-1] if _terminals else sys.stderr


@contextmanager
def job(log: str | Path, threads: int) -> Iterator[None]:
    """Run a job of the workflow inside this block, its heavy imports too.

    Everything that it prints, also from compiled code and tracebacks, goes to ``log`` from the first line; numeric
    libraries that are imported inside use ``threads`` threads, and not every core for each of several jobs.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    _terminals.append(os.fdopen(os.dup(2), "w"))
    with Path(log).open("w", buffering=1, encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr, force=True)
    logging.getLogger("denoscope").setLevel(logging.INFO)
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    yield
