"""Finds a text model: its folder, its family and what describes its network. No torch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denoscope.checkpoints.bundled import model_folder
from denoscope.checkpoints.manifest import TOKENIZER, WEIGHTS
from denoscope.networks.dit_config import DiTConfig
from denoscope.networks.hub_layers import CAUSAL, MASKED
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
    folder = _folder(model)
    try:
        document = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise WritingError(f"{folder / CONFIG} is no JSON: {error}") from None
    family, network = described(document, folder / CONFIG)
    return Source(folder.resolve().name, folder, family, network)


def described(document: Mapping[str, Any], path: Path) -> tuple[str, dict[str, Any]]:
    """Family and network of a ``config.json``, ours or transformers'; ``path`` is what errors call it."""
    kind = document.get("model_type")
    if "family" in document:
        family, network = document["family"], dict(document["network"])
    elif kind in MASKED or kind in CAUSAL:
        family, network = "masked_lm" if kind in MASKED else "causal_lm", dict(document)
    elif kind == "mdlm":
        family, network = "mdlm", {key: document[key] for key in DiTConfig.model_fields if key in document}
    else:
        raise WritingError(
            f"{path}: model_type {kind!r} is unknown; types that can be run: {', '.join(sorted({**MASKED, **CAUSAL}))}"
        )
    if family not in FAMILIES:
        raise WritingError(f"{path}: the family {family!r} is none of {', '.join(FAMILIES)}: give another model")
    return family, network


def _folder(model: str | Path) -> Path:
    folder = Path(model)
    if not folder.is_dir():
        if os.sep in str(model):
            raise WritingError(f"{folder} is no folder: give one with {', '.join(FILES)}, or a name in models/")
        return model_folder(str(model), FILES)
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise WritingError(f"{folder} has no {', no '.join(missing)}: a text model needs {', '.join(FILES)}")
    return folder
