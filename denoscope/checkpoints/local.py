"""The files of a checkpoint on this machine. No torch: the workflow's inputs name them, too."""

from __future__ import annotations

from pathlib import Path

from denoscope.checkpoints.manifest import MANIFEST


def local_files(path: Path) -> list[Path]:
    """The file itself, or the files of a folder, sorted: without code, and without the manifest of who fetched it."""
    if not path.is_dir():
        return [path]
    return [
        file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix != ".py" and file != path / MANIFEST
    ]
