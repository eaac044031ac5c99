"""Trains a model from its recipe, judges it and writes its folder."""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from denoscope.checkpoints.manifest import WEIGHTS, file_entry
from denoscope.checkpoints.weights import assign_weights
from denoscope.networks.dhariwal import EDMPrecond, parameter_count
from denoscope.runtime.files import write_json
from denoscope.training.card import draw_losses, write_card
from denoscope.training.data import Images, digits
from denoscope.training.edm import EDMTraining
from denoscope.training.recipe import ModelCard, Recipe, read_recipe
from denoscope.training.sampling import balanced_samples
from denoscope.training.scores import score_digits

log = logging.getLogger(__name__)


def train_model(name: str, config: str, recipe_text: str, folder: Path, threads: int) -> None:
    """Train ``name`` and write weights, scores and card into ``folder``.

    Args:
        name: the model's name.
        config: text of its ``config.json``.
        recipe_text: text of its ``recipe.yaml``.
        folder: where everything goes; ``<folder>.partial`` keeps an unfinished training.
        threads: processor threads.
    """
    torch.set_num_threads(threads)
    card, recipe = read_recipe(config, recipe_text)
    real = digits(card.network.img_resolution)
    trained, holdout = real.split(recipe.data.holdout, recipe.seed)
    training = EDMTraining(card.network, recipe, trained, holdout)
    partial = folder.with_name(folder.name + ".partial")
    started = time.perf_counter()
    training.run(partial, f"train {name}")
    minutes = (time.perf_counter() - started) / 60
    folder.mkdir(parents=True, exist_ok=True)
    halved = {key: v.half() if v.is_floating_point() else v for key, v in training.average.state_dict().items()}
    save_file(halved, folder / WEIGHTS)
    log.info("trained in %.1f minutes; judging", minutes)
    scores: dict[str, Any] = {
        "parameters": parameter_count(training.network),
        "weights": file_entry(folder / WEIGHTS),
        "data": {"trained": len(trained.labels), "holdout": len(holdout.labels)},
        "training": {
            "minutes": round(minutes, 1),
            "threads": threads,
            "torch": torch.__version__.partition("+")[0],
            "holdout_losses": [[step, round(loss, 5)] for step, loss in training.judged],
        },
        **judge(folder / WEIGHTS, card, recipe, real, trained),
    }
    (folder / "config.json").write_text(config, encoding="utf-8")
    (folder / "recipe.yaml").write_text(recipe_text, encoding="utf-8")
    draw_losses(folder / "loss.png", training.losses, training.judged)
    write_json(folder / "scores.json", scores)
    write_card(folder / "README.md", name, card.network.model_dump(), recipe.model_dump(), scores)
    log.info("%s", scores)
    shutil.rmtree(partial)


def judge(weights: Path, card: ModelCard, recipe: Recipe, real: Images, trained: Images) -> dict[str, dict[str, float]]:
    """Scores of the weights as they are on disk: with the recipe's sampler, and without guidance."""
    with torch.device("meta"):
        network = EDMPrecond(card.network)
    assign_weights(network, load_file(weights), torch.float32, source=str(weights))
    found = {}
    for key, guidance in (("guided", recipe.scoring.sampler.guidance), ("plain", 1.0)):
        sampler = recipe.scoring.sampler.model_copy(update={"guidance": guidance})
        samples, labels = balanced_samples(network, sampler, recipe.scoring.samples, recipe.scoring.seed)
        found[key] = {name: round(value, 4) for name, value in score_digits(samples, labels, real, trained).items()}
    return found
