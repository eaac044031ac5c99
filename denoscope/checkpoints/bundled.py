"""Model folders that carry their own description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from denoscope.settings.checkpoint import BundledCheckpoint, Checkpoint, LocalCheckpoint, TrainedCheckpoint

MODELS = Path(__file__).parents[2] / "models"


def model_folder(name: str) -> Path:
    """The folder of a bundled model or of a training recipe.

    Raises:
        ValueError: there is none of that name; the message lists those there are.
    """
    folder = MODELS / name
    if not (folder / "config.json").exists():
        known = ", ".join(sorted(path.parent.name for path in MODELS.glob("*/config.json"))) or "none"
        raise ValueError(f"{folder} has no config.json; models that ship here: {known}")
    return folder


def published_config(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """The ``config.json`` that comes with a checkpoint: family, network, class names. None where none can."""
    if isinstance(checkpoint, (BundledCheckpoint, TrainedCheckpoint)):
        path = model_folder(checkpoint.name) / "config.json"
    elif isinstance(checkpoint, LocalCheckpoint):
        local = Path(checkpoint.path)
        path = (local if local.is_dir() else local.parent) / "config.json"
    else:
        return None
    if not path.exists():
        return None
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
