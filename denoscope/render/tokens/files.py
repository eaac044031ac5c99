"""Writes frames as what the name of a file asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from denoscope.render.encode import write_gif, write_mp4, write_png, write_webp
from denoscope.runtime.files import replacing_folder

WRITERS: dict[str, Callable[[Path, Sequence[np.ndarray], float, float], None]] = {
    ".gif": write_gif,
    ".mp4": partial(write_mp4, steady=True),
    ".webp": write_webp,
}
FRAMES = ".png"


def check_suffix(path: str | Path) -> None:
    """Refuse a file that nothing here can write, before anything is drawn."""
    if Path(path).suffix.lower() not in (*WRITERS, FRAMES):
        raise ValueError(
            f"{path}: its suffix must say what to write: {', '.join(WRITERS)}, or {FRAMES} for a folder of frames"
        )


def write_frames(path: Path, frames: Sequence[np.ndarray], fps: float, hold: float) -> None:
    """Write an animation, or a folder of frames that is named without ``.png``; arguments as for ``write_mp4``."""
    if path.suffix.lower() == FRAMES:
        _write_folder(path.with_suffix(""), frames)
    else:
        WRITERS[path.suffix.lower()](path, frames, fps, hold)


def _write_folder(folder: Path, frames: Sequence[np.ndarray]) -> None:
    others = [found.name for found in folder.glob("*") if not found.match("step-*.png")]
    if others or folder.is_file():
        raise ValueError(f"{folder} holds other things than frames, which would be lost; give another name")
    with replacing_folder(folder) as temporary:
        for step, frame in enumerate(frames):
            write_png(temporary / f"step-{step:04d}.png", frame)
