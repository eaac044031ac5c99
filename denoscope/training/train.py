"""Trains a model from its recipe, judges it and writes its folder."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from denoscope.checkpoints.bundled import PIPELINES


def train_model(name: str, config: str, recipe: str, folder: Path, threads: int) -> None:
    """Train ``name`` and write weights, scores and card into ``folder``.

    Args:
        name: the model's name.
        config: text of its ``config.json``, which names its family.
        recipe: text of its ``recipe.yaml``.
        folder: where everything goes; ``<folder>.partial`` keeps an unfinished training.
        threads: processor threads.
    """
    torch.set_num_threads(threads)
    family = json.loads(config)["family"]
    if family == "edm":
        from denoscope.training.pictures import train_pictures

        train_pictures(name, config, recipe, folder, threads)
    elif family in PIPELINES:
        from denoscope.training.captioned.train import train_captioned

        train_captioned(name, config, recipe, folder, threads)
    else:
        from denoscope.training.text.train import train_text

        train_text(name, config, recipe, folder, threads=threads)
