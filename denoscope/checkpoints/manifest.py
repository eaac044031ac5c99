"""The manifest beside a checkpoint: what its files are and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from denoscope.checkpoints.errors import CheckpointError
from denoscope.runtime.files import file_sha256, read_json, write_json

MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
PIPELINE = "pipeline"
"""Folder of a model that is a whole pipeline, in place of ``WEIGHTS``: what diffusers reads."""
TOKENIZER = "tokenizer.json"


def file_entry(path: Path) -> dict[str, Any]:
    """SHA-256 and size of a file."""
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}


def folder_files(folder: Path) -> dict[str, Path]:
    """The files below a folder by their names in it, sorted; without hidden ones, such as the workflow's time stamp."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    shown = (name for name in files if not any(part.startswith(".") for part in name.parts))
    return {name.as_posix(): files[name] for name in sorted(shown)}


def folder_entry(folder: Path) -> dict[str, Any]:
    """SHA-256 over the names and hashes of a folder's files, as ``sha256sum`` lists them, and their size in all."""
    entries = {name: file_entry(path) for name, path in folder_files(folder).items()}
    listed = "".join(f"{entry['sha256']}  {name}\n" for name, entry in entries.items())
    return {
        "sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "bytes": sum(entry["bytes"] for entry in entries.values()),
    }


def write_manifest(folder: Path, source: Mapping[str, Any], licence: str, files: Mapping[str, Any]) -> None:
    """Describe a checkpoint's folder: its source as configured, its licence, and every file."""
    write_json(folder / MANIFEST, {"source": dict(source), "licence": licence, "files": dict(files)})


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest and check that its files are there in full size.

    Raises:
        CheckpointError: the manifest or a file is missing, or a file has another size.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise CheckpointError(f"{path} is missing: run the workflow, which fetches checkpoints first")
    manifest: dict[str, Any] = read_json(path)
    for name, entry in manifest["files"].items():
        file = folder / name
        size = file.stat().st_size if file.exists() else None
        if size != entry["bytes"]:
            raise CheckpointError(
                f"{file} has {'gone' if size is None else f'{size} bytes'}, the manifest says {entry['bytes']}: "
                f"delete {folder} and run the workflow again"
            )
    return manifest
