"""What ``denoscope train-text`` is asked for, as the two texts of a model's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from denoscope.checkpoints.bundled import TRAINED, model_folder
from denoscope.networks.description import read_description
from denoscope.training.text.recipe import TextRecipe
from denoscope.writing.errors import WritingError
from denoscope.writing.source import find_model

MODELS = {"mdlm": "prose-mdlm", "atat": "prose-atat", "masked_lm": "prose-roberta", "causal_lm": "prose-gpt"}
"""The model of ``models/`` after which each kind is made."""
SMALL: dict[str, dict[str, Any]] = {
    "mdlm": {"hidden_dim": 64, "cond_dim": 16, "n_blocks": 2, "n_heads": 4, "model_length": 32},
    "masked_lm": {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 256,
        "max_position_embeddings": 34,
    },
    "causal_lm": {"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 32},
}
SMALL_VOCABULARY = 512
SMALL_IMPORTANCE = {"hidden_dim": 32, "num_layers": 1, "heads": 2}
FEW: dict[str, Any] = {"steps": 60, "batch": 16, "warmup": 10, "prefix": 4}
TUNED: dict[str, Any] = {"steps": 1000, "batch": 16, "learning_rate": 5e-5, "weight_decay": 0.01}
"""How weights that are trained already are trained on."""
FIRST = ("phases",)
"""What only concerns new weights."""


def texts_of(
    kind: str | None, folder: Path | None, init: Path | None, changes: Mapping[str, Any], *, quick: bool
) -> tuple[str, str]:
    """The texts of ``config.json`` and ``recipe.yaml``.

    Args:
        kind: one of ``MODELS``; by default what ``folder`` or ``init`` holds, else ``mdlm``.
        folder: of a ``config.json`` and a ``recipe.yaml`` to go by.
        init: of a checkpoint to start from; its network is trained.
        changes: keys of the recipe that are to be others.
        quick: make network and training very small.

    Raises:
        WritingError: these do not go together.
        ValueError: a value is wrong, or a file is missing.
    """
    config, recipe = _start(kind, folder, init)
    if quick:
        recipe |= FEW
        config = config if init else {**config, "network": _small(config)}
    recipe |= changes
    if (recipe.get("adaptive") is not None) and not config["network"].get("importance"):
        raise WritingError("adaptive masking needs ATAT's importance estimator: choose --family atat")
    TextRecipe.model_validate(recipe)
    return json.dumps(config, indent=1) + "\n", yaml.safe_dump(recipe, sort_keys=False)


def _start(kind: str | None, folder: Path | None, init: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Network and recipe to begin with."""
    if folder and init:
        raise WritingError("--recipe and --init exclude each other: name the checkpoint in the recipe, under init")
    if folder:
        config, recipe = _read(folder)
        _require_kind(kind, config, folder)
        return config, recipe
    if not init:
        return _read(model_folder(MODELS[kind or "mdlm"], TRAINED))
    source = find_model(init)
    config = {"family": source.family, "network": source.network}
    _require_kind(kind, config, init)
    recipe = _read(model_folder(MODELS[_kind(config)], TRAINED))[1]
    kept = {key: value for key, value in recipe.items() if key not in FIRST}
    return config, {**kept, **TUNED, "init": str(init)}


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    config, recipe = (folder / name for name in TRAINED)
    found = read_description(config)
    if found.family not in MODELS:
        raise WritingError(f"{config}: the family {found.family!r} writes no text: give the folder of a text model")
    try:
        written = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WritingError(f"{recipe} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(written, dict):
        raise WritingError(f"{recipe} is no mapping of names to values: take one of models/ as an example")
    return {"family": found.family, "network": found.network}, written


def _kind(config: Mapping[str, Any]) -> str:
    return "atat" if config["network"].get("importance") else str(config["family"])


def _require_kind(kind: str | None, config: Mapping[str, Any], folder: Path) -> None:
    if kind not in (None, _kind(config)):
        raise WritingError(f"{folder} holds a model of the family {_kind(config)}, not {kind}: leave --family out")


def _small(config: Mapping[str, Any]) -> dict[str, Any]:
    small = {**config["network"], **SMALL[config["family"]], "vocab_size": SMALL_VOCABULARY}
    return {**small, "importance": SMALL_IMPORTANCE} if small.get("importance") else small
