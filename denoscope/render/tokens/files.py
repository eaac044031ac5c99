"""Writes frames as what the name of a file asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from denoscope.render.encode import (
    GIF,
    WEBP,
    Ticks,
    check_pace,
    frame_delays,
    write_gif,
    write_mp4,
    write_png,
    write_webp,
)
from denoscope.runtime.files import replacing_folder

WRITERS: dict[str, Callable[[Path, Sequence[np.ndarray], float, float], None]] = {
    ".gif": write_gif,
    ".mp4": partial(write_mp4, steady=True),
    ".webp": write_webp,
}
FRAMES = ".png"
TICKS: dict[str, Ticks] = {".gif": GIF, ".webp": WEBP}


def check_target(path: str | Path, fps: float, hold: float) -> None:
    """Refuse a file that nothing here can write, at this pace, before anything is drawn.

    Raises:
        ValueError: its suffix says nothing, it cannot hold the pace, or its frames would replace other files.
    """
    suffix = Path(path).suffix.lower()
    if suffix == FRAMES:
        check_folder(Path(path).with_suffix(""))
    elif suffix in WRITERS:
        check_pace(fps, hold)
    else:
        raise ValueError(
            f"{path}: its suffix must say what to write: {', '.join(WRITERS)}, or {FRAMES} for a folder of frames"
        )
    if suffix in TICKS:
        frame_delays(1, fps, hold, TICKS[suffix])


def check_folder(folder: Path) -> None:
    """Refuse a folder for frames that would lose other files.

    Raises:
        ValueError: it would.
    """
    if not folder.name:
        raise ValueError(f"{folder} is no name for a folder of frames: give another")
    others = [found.name for found in folder.glob("*") if not found.match("step-*.png")]
    if others or folder.is_file():
        raise ValueError(f"{folder} holds other things than frames, which would be lost; give another name")


def write_frames(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float) -> Path:
    """Write an animation, or a folder of frames that is named without ``.png``; return what was written.

    Arguments as for ``write_mp4``.
    """
    if path.suffix.lower() == FRAMES:
        return write_folder(path.with_suffix(""), frames)
    WRITERS[path.suffix.lower()](path, frames, fps, hold)
    return path


def write_folder(folder: Path, frames: Sequence[np.ndarray]) -> Path:
    """Write every frame as PNG into a folder that holds nothing else, and return it."""
    check_folder(folder)
    with replacing_folder(folder) as temporary:
        for step, frame in enumerate(frames):
            write_png(temporary / f"step-{step:04d}.png", frame)
    return folder
