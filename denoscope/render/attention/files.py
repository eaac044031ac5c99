"""Writes films of attention as what the name of a file asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from denoscope.render.encode import (
    FASTEST,
    SLOWEST,
    check_pace,
    write_avi,
    write_gif,
    write_mp4,
    write_png,
    write_webp,
)

WRITERS: dict[str, Callable[[Path, Sequence[np.ndarray], float, float], None]] = {
    "mp4": write_mp4,
    "avi": write_avi,
    "gif": write_gif,
    "webp": write_webp,
}
STILL = "png"


def kind_of(path: Path, kind: str | None, *, still: bool = False) -> str:
    """What is written: ``kind``, or what the suffix of ``path`` says; of one ``still`` picture, png too.

    Raises:
        ValueError: neither is known, or they contradict each other.
    """
    known = [*WRITERS, STILL] if still else list(WRITERS)
    suffix = path.suffix.lower().removeprefix(".")
    found = kind or suffix
    if found not in known:
        raise ValueError(f"{path}: its suffix, or the format, must be one of {', '.join(known)}")
    if suffix not in ("", found):
        raise ValueError(f"{path} is asked for as {found}: give it that suffix, or leave the format out")
    return found


def write_film(path: Path, kind: str, frames: Sequence[np.ndarray], fps: float, seconds: float | None = None) -> Path:
    """Write a film, whole or not at all, and return its path, with a suffix.

    Args:
        path: the file.
        kind: what :func:`kind_of` gives.
        frames: uint8 ``[H, W, 3]``.
        fps: frames per second.
        seconds: how long a single frame stays, at a pace near ``fps`` that makes it whole frames; None shows frames at
            ``fps``.

    Raises:
        ValueError: the pace is out of range, or this kind of file cannot hold a frame for as long.
    """
    check_pace(fps, seconds or 0)
    path = path.with_suffix(f".{kind}")
    if kind == STILL:
        write_png(path, frames[0])
    else:
        WRITERS[kind](path, frames, *_still_pace(fps, seconds) if seconds else (fps, 0.0))
    return path


def _still_pace(fps: float, seconds: float) -> tuple[float, float]:
    """Frames per second and how long the first is held, so that it stays for ``seconds`` in all."""
    count = max(1, round(seconds * fps))
    pace = min(FASTEST, max(SLOWEST, count / seconds))
    return pace, (count - 1) / pace
