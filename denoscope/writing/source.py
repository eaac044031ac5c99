"""Finds a text model: its folder, its family and what describes its network. No torch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denoscope.checkpoints.bundled import model_folder
from denoscope.checkpoints.manifest import TOKENIZER, WEIGHTS
from denoscope.networks.description import read_description
from denoscope.writing.errors import WritingError

CONFIG = "config.json"
FILES = (CONFIG, WEIGHTS, TOKENIZER)
"""What a text model is used from."""
FAMILIES = ("mdlm", "masked_lm", "causal_lm")
"""Families that write without the workflow."""


@dataclass(frozen=True)
class Source:
    """A text model on this machine; ``network`` describes it as its family's settings do."""

    name: str
    folder: Path
    family: str
    network: dict[str, Any]


def find_model(model: str | Path) -> Source:
    """Find a model by the name of a folder in ``models/``, or by the path of a folder.

    A folder of ours says ``family`` and ``network`` in its ``config.json``; one from the hub has transformers'.

    Raises:
        WritingError: there is none, a file is missing, or it is no text model.
    """
    try:
        folder = _folder(model)
        found = read_description(folder / CONFIG)
    except ValueError as error:
        raise WritingError(str(error)) from None
    if found.family not in FAMILIES:
        raise WritingError(
            f"{folder / CONFIG}: the family {found.family!r} is none of {', '.join(FAMILIES)}: give another model"
        )
    return Source(folder.resolve().name, folder, found.family, found.network)


def _folder(model: str | Path) -> Path:
    folder = Path(model)
    if not folder.is_dir():
        if os.sep in str(model):
            raise WritingError(f"{folder} is no folder: give one with {', '.join(FILES)}, or a name in models/")
        return model_folder(str(model), FILES)
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise WritingError(f"{folder} has no {', no '.join(missing)}: a text model needs {', '.join(FILES)}")
    return folder
