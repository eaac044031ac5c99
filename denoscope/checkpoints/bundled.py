"""Model folders that carry their own description."""

from __future__ import annotations

from pathlib import Path

from denoscope.settings.checkpoint import BundledCheckpoint, Checkpoint, LocalCheckpoint, TrainedCheckpoint

MODELS = Path(__file__).parents[2] / "models"

BUNDLED = ("config.json", "model.safetensors", "scores.json")
"""What a model is used from."""
TRAINED = ("config.json", "recipe.yaml")
"""What a model is trained from."""


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


def _missing(folder: Path, files: tuple[str, ...]) -> list[str]:
    return [name for name in files if not (folder / name).is_file()]


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
