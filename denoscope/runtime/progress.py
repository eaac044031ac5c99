"""Progress of long jobs: a heartbeat file that ``denoscope watch`` reads, and a plain bar in the foreground."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tqdm import tqdm

from denoscope.runtime.files import read_json, write_json
from denoscope.runtime.job import terminal

HEARTBEAT = "progress.json"
INTERVAL_S = 0.5


class Heartbeat:
    """Writes ``progress.json`` into a job's folder while it runs and removes it in the end.

    Args:
        folder: the job's working folder.
        job: what to call the job.
        total: units of work.
        unit: what a unit is called.
    """

    def __init__(self, folder: Path, job: str, total: int, unit: str = "sample") -> None:
        self._path, self._job, self._total, self._unit = folder / HEARTBEAT, job, total, unit
        self._done = self._fresh = 0
        self._started = self._written = 0.0

    def __enter__(self) -> Heartbeat:
        self._started = time.time()
        self._bar = tqdm(total=self._total, desc=self._job, unit=self._unit, file=terminal(), disable=None)
        self._write()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
        self._path.unlink(missing_ok=True)

    def advance(self, units: int = 1, *, fresh: bool = True) -> None:
        """Count finished units; those of an earlier attempt are not ``fresh`` and do not count for the rate."""
        self._done += units
        self._fresh += units if fresh else 0
        self._bar.update(units)
        if time.time() - self._written >= INTERVAL_S or self._done >= self._total:
            self._write()

    def _write(self) -> None:
        self._written = now = time.time()
        rate = self._fresh / (now - self._started) if self._fresh else None
        left = (self._total - self._done) / rate if rate else None
        document = {
            "job": self._job,
            "done": self._done,
            "total": self._total,
            "unit": self._unit,
            "rate": rate,
            "eta_s": left,
            "started": self._started,
            "updated": now,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        write_json(self._path, document, durable=False)


def heartbeats(results: Path) -> list[dict[str, Any]]:
    """The heartbeats of all jobs that run below ``results``, by name."""
    found = []
    for path in (*results.glob(f"*/trace/*.partial/{HEARTBEAT}"), *results.glob(f"training/*.partial/{HEARTBEAT}")):
        try:
            found.append(read_json(path))
        except FileNotFoundError:  # the job ended between the listing and the reading
            continue
    return sorted(found, key=lambda beat: str(beat["job"]))
