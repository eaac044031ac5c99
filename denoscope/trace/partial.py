"""The folder in which a shard grows: finished batches survive a killed job.

``<shard>.partial/`` holds a folder named after the hash of what decides the shard's bytes, and in it one folder per
finished batch with a safetensors file per step and the batch's forwards. It is no declared output, so nothing removes
it between attempts.
"""

from __future__ import annotations

import hashlib
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
BATCH = "batch.json"


class Partial:
    """Finished batches of an unfinished shard.

    Args:
        folder: where they lie, below a folder of their key; those of other keys are removed.
        key: plain builtins that decide the shard's bytes.
    """

    def __init__(self, folder: Path, key: Any) -> None:
        self._root = folder
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
        self.folder = folder / digest
        self.folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if other.is_dir() and other != self.folder:
                shutil.rmtree(other, ignore_errors=True)  # what stays does no harm: its name is another
        for leftover in self.folder.glob(".batch-*.tmp"):  # the batch in hand when a job was killed
            shutil.rmtree(leftover)
        for path in self.folder.glob("batch-*"):
            if fault := _fault(path):
                log.warning("%s is damaged (%s): its samples are made again", path, fault)
                shutil.rmtree(path)
        if self.batches():
            log.info("continuing: %d finished batches lie in %s", len(self.batches()), self.folder)

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
            sizes = {path.name: path.stat().st_size for path in sorted(temporary.iterdir())}
            write_json(temporary / BATCH, {"samples": list(samples), "files": sizes, **writer.notes})

    def remove(self) -> None:
        """Delete the folder: its content has been merged."""
        shutil.rmtree(self._root, ignore_errors=True)


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
        self.notes: dict[str, Any] = read_json(folder / BATCH)
        self.samples: list[int] = self.notes["samples"]

    def file(self, step: int) -> Path:
        """The safetensors file of a step."""
        return self.folder / _step_file(step)


def _step_file(step: int) -> str:
    return f"step-{step:06d}.safetensors"


def _fault(path: Path) -> str | None:
    """What is wrong with a finished batch: a kill while it was deleted, or a power failure, may damage it."""
    try:
        files = read_json(path / BATCH)["files"]
        wrong = [name for name, size in files.items() if (path / name).stat().st_size != size]
    except (OSError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return f"{', '.join(wrong)} truncated" if wrong else None
