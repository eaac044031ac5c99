"""The folder in which a shard grows: finished batches survive a killed job.

``<shard>.partial/`` holds ``key.json`` (what decides the shard's bytes) and one folder per finished batch with a
safetensors file per step and the batch's forwards. It is no declared output, so nothing removes it between attempts.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from denoscope.runtime.files import read_json, replacing_folder, write_json

log = logging.getLogger(__name__)


class Partial:
    """Finished batches of an unfinished shard.

    Args:
        folder: where they lie; emptied if it belongs to another ``key``.
        key: plain builtins that decide the shard's bytes.
    """

    def __init__(self, folder: Path, key: Any) -> None:
        self.folder = folder
        if not _same_key(folder, key):
            shutil.rmtree(folder, ignore_errors=True)
            write_json(folder / "key.json", {"key": key})
        for leftover in folder.glob(".batch-*.tmp"):  # the batch in hand when a job was killed
            shutil.rmtree(leftover)
        if self.batches():
            log.info("continuing: %d finished batches lie in %s", len(self.batches()), folder)

    def batches(self) -> list[FinishedBatch]:
        """The finished batches, by first sample."""
        return [FinishedBatch(path) for path in sorted(self.folder.glob("batch-*"))]

    def covered(self) -> set[int]:
        """Numbers of the samples in finished batches."""
        return {sample for batch in self.batches() for sample in batch.samples}

    @contextmanager
    def batch(self, samples: Sequence[int]) -> Iterator[BatchWriter]:
        """Write one batch; it counts as finished only when the block ends well."""
        with replacing_folder(self.folder / f"batch-{samples[0]:09d}") as temporary:
            writer = BatchWriter(temporary)
            yield writer
            write_json(temporary / "batch.json", {"samples": list(samples), **writer.notes})

    def remove(self) -> None:
        """Delete the folder: its content has been merged."""
        shutil.rmtree(self.folder)


class BatchWriter:
    """Writes the steps of one batch as they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.notes: dict[str, Any] = {}

    def write(self, step: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Write what was recorded at ``step``: arrays ``[batch, …]`` by tensor name."""
        save_file(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()}, self._folder / _step_file(step)
        )


class FinishedBatch:
    """A batch on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: dict[str, Any] = read_json(folder / "batch.json")
        self.samples: list[int] = self.notes["samples"]

    def file(self, step: int) -> Path:
        """The safetensors file of a step."""
        return self.folder / _step_file(step)


def _step_file(step: int) -> str:
    return f"step-{step:06d}.safetensors"


def _same_key(folder: Path, key: Any) -> bool:
    path = folder / "key.json"
    return path.exists() and bool(read_json(path)["key"] == json.loads(json.dumps(key)))
