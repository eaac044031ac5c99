"""Brings a checkpoint into its folder: fetched, verified, as safetensors, with a manifest."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from denoscope.checkpoints.bundled import BUNDLED, model_folder, weights_name
from denoscope.checkpoints.convert import check_safetensors, convert, is_pickle
from denoscope.checkpoints.download import hub_file, hub_folder, hub_listing, url_file
from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.folders import INDEX, pipeline_files
from denoscope.checkpoints.local import local_files
from denoscope.checkpoints.manifest import TOKENIZER, WEIGHTS, file_entry, folder_files, write_manifest
from denoscope.runtime.files import file_sha256, replacing_folder
from denoscope.settings.checkpoint import (
    BundledCheckpoint,
    Checkpoint,
    HubCheckpoint,
    LocalCheckpoint,
    TrainedCheckpoint,
    UrlCheckpoint,
)

log = logging.getLogger(__name__)

CHECKPOINT: TypeAdapter[Checkpoint] = TypeAdapter(Checkpoint)


def fetch(checkpoint: Checkpoint, folder: Path, trained: Path | None = None) -> None:
    """Fill ``folder`` with a checkpoint's files and its ``manifest.json``.

    Args:
        checkpoint: where it comes from.
        folder: where it goes; replaced as a whole, and only when everything is verified.
        trained: weights that the workflow has trained, for that source: a file, or the folder of a pipeline.

    Raises:
        CheckpointError: it cannot be had or cannot be trusted.
        ValueError: ``models/`` has no such bundled model.
    """
    with replacing_folder(folder) as temporary:
        files = {}
        for name, path in _sources(checkpoint, folder, trained):
            files.update(_install(name, path, temporary, keep_link=checkpoint.source == "hub"))
        licence = getattr(checkpoint, "licence", "Apache-2.0")
        write_manifest(temporary, checkpoint.model_dump(exclude_none=True), licence, files)
    shutil.rmtree(_downloads(folder), ignore_errors=True)
    log.info("%s: %s", folder, ", ".join(f"{name} ({entry['bytes']} bytes)" for name, entry in files.items()))


def _sources(checkpoint: Checkpoint, folder: Path, trained: Path | None) -> Iterator[tuple[str, Path]]:
    """The files of a checkpoint: their names in its folder and where they lie now."""
    match checkpoint:
        case BundledCheckpoint():
            yield from _model(model_folder(checkpoint.name, BUNDLED) / weights_name(checkpoint.name))
        case TrainedCheckpoint():
            if trained is None:
                raise CheckpointError(f"{checkpoint.name} is to be trained first: run the workflow, which trains it")
            yield from _model(trained)
        case HubCheckpoint(file=str(file)):
            weights = _weights_name(file)
            path = hub_file(checkpoint, file)
            _require_sha256(path, checkpoint.sha256)
            yield weights, path
        case HubCheckpoint(files=tuple(files)):
            yield from ((name, hub_file(checkpoint, name)) for name in files)
        case HubCheckpoint(folders=tuple(folders)):
            yield from _pipeline(checkpoint, folders)
        case HubCheckpoint():
            yield from hub_folder(checkpoint, str(checkpoint.subfolder))
        case UrlCheckpoint():
            name = checkpoint.url.rpartition("/")[2].partition("?")[0] or "download"
            weights = _weights_name(name)
            # Named by its hash: what another configuration left half-way cannot be taken for it.
            path = _downloads(folder) / f"{checkpoint.sha256}{Path(weights).suffix}"
            url_file(checkpoint.url, checkpoint.sha256, path)
            yield weights, path
        case LocalCheckpoint():
            yield from _local(checkpoint)


def _pipeline(checkpoint: HubCheckpoint, folders: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """The files of a pipeline's folders, weights without the name of their variant."""
    listing = hub_listing(checkpoint, [INDEX, *(f"{folder}/*" for folder in folders)])
    for path, name in pipeline_files(listing, folders, checkpoint.variant).items():
        yield name, hub_file(checkpoint, path)


def _model(weights: Path) -> Iterator[tuple[str, Path]]:
    """Weights of ours, and the tokenizer beside those of a text model; all files of a pipeline's folder."""
    if weights.is_dir():
        yield from folder_files(weights).items()
        return
    yield WEIGHTS, weights
    if (tokenizer := weights.with_name(TOKENIZER)).exists():
        yield TOKENIZER, tokenizer


def _downloads(folder: Path) -> Path:
    """Where downloads for ``folder`` wait until they are whole; hidden, for a checkpoint's name may end in .partial."""
    return folder.with_name(f".{folder.name}.partial")


def _local(checkpoint: LocalCheckpoint) -> Iterator[tuple[str, Path]]:
    root = Path(checkpoint.path)
    if root.is_dir():
        yield from _local_folder(root, checkpoint.sha256)
        return
    if not root.exists():
        raise CheckpointError(f"{root} does not exist: check checkpoint.path")
    _require_sha256(root, checkpoint.sha256)
    yield _weights_name(root.name), root


def _local_folder(root: Path, sha256: str | None) -> Iterator[tuple[str, Path]]:
    if sha256:
        raise CheckpointError(
            f"{root} is a folder, and sha256 belongs to a single file: remove checkpoint.sha256, "
            "or name the file in checkpoint.path"
        )
    files = local_files(root)
    if not files:
        raise CheckpointError(f"{root} holds no files: check checkpoint.path")
    yield from ((path.relative_to(root).as_posix(), path) for path in files)


def _install(name: str, source: Path, folder: Path, *, keep_link: bool) -> dict[str, Any]:
    """Put one file into ``folder``, pickles as safetensors; return its manifest entry."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_pickle(Path(name)):
        target = target.with_suffix(".safetensors")
        convert(source, target)
        origin = {"converted_from": {"file": name, **file_entry(source)}}
        return {target.relative_to(folder).as_posix(): {**file_entry(target), **origin}}
    if target.suffix == ".safetensors":
        check_safetensors(source)
    _place(source, target, link=keep_link)
    return {name: file_entry(target)}


def _place(source: Path, target: Path, *, link: bool) -> None:
    """Link a file of the hub's content-addressed cache, copy any other."""
    if link:
        try:
            os.link(source, target)
            return
        except OSError:
            log.info("%s is on another disk than the cache: copying", target)
    shutil.copyfile(source, target)


def _weights_name(file: str) -> str:
    """A single file is the model: it is called ``model`` with its own suffix."""
    suffix = Path(file).suffix.lower()
    if suffix != ".safetensors" and not is_pickle(Path(file)):
        raise CheckpointError(f"{file} is neither safetensors nor a PyTorch checkpoint (.bin, .pt, .pth, .ckpt)")
    return f"model{suffix}"


def _require_sha256(path: Path, expected: str | None) -> None:
    found = file_sha256(path) if expected else None
    if found != expected:
        raise CheckpointError(f"{path}: SHA-256 is {found}, the configuration says {expected}")
