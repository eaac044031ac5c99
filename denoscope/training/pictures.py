"""Trains a model of pictures from its recipe, judges it and writes its folder."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import torch

from denoscope.checkpoints.manifest import WEIGHTS, file_entry
from denoscope.networks.dhariwal import parameter_count
from denoscope.runtime.files import write_json
from denoscope.training.card import draw_losses, write_card
from denoscope.training.data import digits
from denoscope.training.edm import EDMTraining
from denoscope.training.judge import judge
from denoscope.training.recipe import read_recipe
from denoscope.training.write import write_halved, write_text

log = logging.getLogger(__name__)


def train_pictures(name: str, config: str, recipe_text: str, folder: Path, threads: int) -> None:
    """Train an EDM model; arguments as :func:`denoscope.training.train.train_model`."""
    card, recipe = read_recipe(config, recipe_text)
    real = digits(card.network.img_resolution)
    trained, holdout = real.split(recipe.data.holdout, recipe.seed)
    training = EDMTraining(card.network, recipe, trained, holdout)
    partial = folder.with_name(folder.name + ".partial")
    training.run(partial, f"train {name}")
    weights = folder / WEIGHTS
    write_halved(training.average, weights)
    log.info("trained in %.1f minutes; judging", training.seconds / 60)
    scores = {**_facts(training, weights, threads), **judge(weights, card, recipe, real, trained)}
    write_text(folder / "config.json", config)
    write_text(folder / "recipe.yaml", recipe_text)
    draw_losses(folder / "loss.png", training.losses, training.judged)
    write_json(folder / "scores.json", scores)
    write_card(folder / "README.md", name, card.network.model_dump(), recipe.model_dump(), scores)
    log.info("%s", scores)
    shutil.rmtree(partial)


def _facts(training: EDMTraining, weights: Path, threads: int) -> dict[str, Any]:
    """What the scores say of the training itself."""
    return {
        "parameters": parameter_count(training.network),
        "weights": file_entry(weights),
        "data": {"trained": len(training.train_images.labels), "holdout": len(training.holdout_images.labels)},
        "training": {
            "minutes": round(training.seconds / 60, 1),
            "threads": threads,
            "torch": torch.__version__.partition("+")[0],
            "holdout_losses": [[step, round(loss, 5)] for step, loss in training.judged],
        },
    }
