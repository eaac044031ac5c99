"""Choosing a device: every job takes a free accelerator of its own."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from denoscope.runtime.locks import try_lock

log = logging.getLogger(__name__)
POLL_S = 1.0


@contextmanager
def a_device() -> Iterator[torch.device]:
    """A CUDA device that no other denoscope job of this user uses here, or the processor where there is none.

    Several jobs of one workstation each lock a device; a job waits while all are taken. On a cluster the scheduler
    makes one device visible and that one is taken.
    """
    count = torch.cuda.device_count()
    if not count:
        yield torch.device("cpu")
        return
    with locked_slot([f"gpu-{_identity(index)}" for index in range(count)]) as index:
        device = torch.device("cuda", index)
        torch.cuda.set_device(device)
        torch.cuda.reset_peak_memory_stats(device)
        yield device


@contextmanager
def locked_slot(names: list[str], folder: Path | None = None) -> Iterator[int]:
    """Hold the lock of the first free slot among ``names`` and yield its position; wait while all are held.

    The operating system drops a lock when its process ends, however it ends.
    """
    folder = folder or _lock_folder()
    index, descriptor = _wait_for_slot([folder / f"{name}.lock" for name in names])
    try:
        yield index
    finally:
        os.close(descriptor)


def _lock_folder() -> Path:
    """A folder of this user's own for locks; in a place that all may write to, nobody else may have prepared it."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"denoscope-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} is not a folder that only you can write to: remove it, or set XDG_RUNTIME_DIR")
    return folder


def _wait_for_slot(paths: list[Path]) -> tuple[int, int]:
    announced = False
    while True:
        for index, path in enumerate(paths):
            descriptor = try_lock(path)
            if descriptor is not None:
                return index, descriptor
        if not announced:
            log.info("all %d devices are taken by other jobs: waiting", len(paths))
            announced = True
        time.sleep(POLL_S)


def _identity(index: int) -> str:
    """The device's own identity: the number alone depends on what this process is allowed to see."""
    return str(torch.cuda.get_device_properties(index).uuid)
