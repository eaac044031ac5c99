"""Model folders that carry their own description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from denoscope.checkpoints.manifest import PIPELINE, WEIGHTS
from denoscope.settings.checkpoint import BundledCheckpoint, Checkpoint, LocalCheckpoint, TrainedCheckpoint

MODELS = Path(__file__).parents[2] / "models"

BUNDLED = ("config.json", WEIGHTS, "scores.json")
"""What a model is used from; that of a family in ``PIPELINES`` from a folder of parts in place of the one file."""
TRAINED = ("config.json", "recipe.yaml")
"""What a model is trained from."""
PIPELINES = frozenset({"stable_diffusion", "wan"})
"""Families whose models are whole pipelines of diffusers: several networks, a tokenizer and a scheduler."""
INDEX = "model_index.json"
"""Names the parts of a pipeline, each of them a folder."""


def model_folder(name: str, files: tuple[str, ...]) -> Path:
    """The folder of a model that has ``files``: those that it is used from, or those that it is trained from.

    Raises:
        ValueError: there is none of that name, or it lacks some; the message lists the models that do.
    """
    folder = MODELS / name
    if missing := _missing(folder, files):
        known = ", ".join(sorted(path.name for path in MODELS.glob("*/") if not _missing(path, files))) or "none"
        raise ValueError(
            f"{folder} has no {', no '.join(missing)}: add it as models/README.md says, or name another model; "
            f"models that ship here: {known}"
        )
    return folder


def weights_name(name: str) -> str:
    """What holds the weights in the folder of the model ``name``: a file, or the folder of a pipeline."""
    return PIPELINE if _is_pipeline(MODELS / name) else WEIGHTS


def pipeline_models() -> list[str]:
    """The models that are whole pipelines."""
    return sorted(path.name for path in MODELS.glob("*/") if _is_pipeline(path))


def _is_pipeline(folder: Path) -> bool:
    found = _document(folder / "config.json").get("family")
    return isinstance(found, str) and found in PIPELINES


def _missing(folder: Path, files: tuple[str, ...]) -> list[str]:
    missing = [name for name in files if not (folder / name).is_file()]
    if WEIGHTS not in files or not _is_pipeline(folder):
        return missing
    return [*(name for name in missing if name != WEIGHTS), *_missing_parts(folder)]


def _missing_parts(folder: Path) -> list[str]:
    """What a model's pipeline lacks of its index and of the parts that the index names."""
    index = folder / PIPELINE / INDEX
    if not index.is_file():
        return [f"{PIPELINE}/{INDEX}"]
    # A part that the pipeline goes without, such as a safety checker, is of [null, null].
    parts = [part for part, kind in _document(index).items() if isinstance(kind, list) and any(kind)]
    return [f"{PIPELINE}/{part}" for part in parts if not (index.parent / part).is_dir()]


def _document(path: Path) -> dict[str, Any]:
    """A JSON document, empty where there is none: who needs a damaged one says so."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def config_path(checkpoint: Checkpoint) -> Path | None:
    """Where the ``config.json`` lies that comes with a checkpoint, or None if none is here.

    Raises:
        ValueError: ``models/`` lacks what a bundled or trained checkpoint needs.
    """
    if isinstance(checkpoint, (BundledCheckpoint, TrainedCheckpoint)):
        files = BUNDLED if isinstance(checkpoint, BundledCheckpoint) else TRAINED
        path = model_folder(checkpoint.name, files) / "config.json"
    elif isinstance(checkpoint, LocalCheckpoint):
        local = Path(checkpoint.path)
        path = (local if local.is_dir() else local.parent) / "config.json"
    else:
        return None
    return path if path.is_file() else None
