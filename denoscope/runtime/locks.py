"""Locks that end with their process, however it ends."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(RuntimeError):
    """Another process holds the lock."""


def try_lock(path: Path) -> int | None:
    """Take the lock of ``path`` and return its file descriptor, or None if another process holds it.

    Closing the descriptor gives the lock back. The file says who holds it. A link is refused: it could name any file.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
    return descriptor


@contextmanager
def exclusive(path: Path, work: str) -> Iterator[None]:
    """Hold the lock of ``path`` while ``work`` is done.

    Raises:
        LockedError: somebody else is doing it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = try_lock(path)
    if descriptor is None:
        holder = path.read_text(encoding="utf-8") or "another process"
        raise LockedError(f"{work} is being made by {holder}: wait for it, or end it")
    try:
        yield
    finally:
        os.close(descriptor)
