"""Trains a captioned pipeline from its recipe, judges it and writes its folder."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from denoscope.checkpoints.manifest import PIPELINE, folder_entry
from denoscope.networks.dhariwal import parameter_count
from denoscope.runtime.files import replacing_folder, write_json
from denoscope.training.captioned.autoencoder import AutoencoderTraining
from denoscope.training.captioned.card import draw_captioned_losses, write_captioned_card
from denoscope.training.captioned.data import Data, data_of, drawn
from denoscope.training.captioned.denoising import DenoisingTraining
from denoscope.training.captioned.family import Family, family_of
from denoscope.training.captioned.judge import judge_autoencoder, judge_pipeline
from denoscope.training.captioned.recipe import CaptionedRecipe, read_captioned
from denoscope.training.write import write_text

log = logging.getLogger(__name__)


def train_captioned(name: str, config: str, recipe_text: str, folder: Path, threads: int) -> None:
    """Train a pipeline; arguments as :func:`denoscope.training.train.train_model`."""
    kind, network, recipe = read_captioned(config, recipe_text)
    family, data = family_of(kind), data_of(recipe.data, network["vae"])
    trained, holdout = data.split(recipe.holdout, recipe.seed)
    torch.manual_seed(recipe.seed)  # initial weights
    pipeline = family.created(network, [str(caption) for caption in data.captions()])
    pipeline.set_progress_bar_config(disable=True)
    partial = folder.with_name(folder.name + ".partial")
    autoencoding = AutoencoderTraining(pipeline.vae, json.dumps(network["vae"]), recipe.autoencoder, data, trained)
    autoencoding.run(partial / "autoencoder", f"train {name} autoencoder")
    pipeline.vae = autoencoding.average
    denoising = _denoising(family, data, pipeline, network, recipe, trained, holdout)
    denoising.run(partial / "denoiser", f"train {name}")
    averaged: Any = denoising.average
    for part in averaged:
        setattr(pipeline, part, averaged[part])
    parts = ("vae", *averaged)
    with replacing_folder(folder) as temporary:
        _write(pipeline, parts, temporary, config, recipe_text)
        scores = {
            "parameters": {part: parameter_count(getattr(pipeline, part)) for part in parts},
            "weights": folder_entry(temporary / PIPELINE),
            "data": {"trained": len(trained), "holdout": len(holdout)},
            "training": _told(autoencoding, denoising, threads),
            **judge_folder(temporary / PIPELINE, family, recipe),
        }
        write_json(temporary / "scores.json", scores)
        draw_captioned_losses(temporary / "loss.png", scores["training"])
        write_captioned_card(temporary / "README.md", name, config, recipe, scores)
    log.info("%s", scores)
    shutil.rmtree(partial)


def judge_folder(folder: Path, family: Family, recipe: CaptionedRecipe) -> dict[str, Any]:
    """Scores of the pipeline that ``folder`` holds on captions that it was not trained on."""
    pipeline: Any = family.kind.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    data = data_of(recipe.data, pipeline.vae.config)
    holdout = data.split(recipe.holdout, recipe.seed)[1]
    return {
        "holdout": judge_pipeline(family, pipeline, data, holdout, recipe.scoring),
        "autoencoder": judge_autoencoder(pipeline.vae, data, holdout),
    }


def _denoising(
    family: Family,
    data: Data,
    pipeline: Any,
    network: dict[str, Any],
    recipe: CaptionedRecipe,
    trained: Sequence[Any],
    holdout: Sequence[Any],
) -> DenoisingTraining:
    """The training of denoiser and text encoder, on the autoencoder's latents, which it scales to unit variance."""
    chosen = drawn(trained, recipe.pictures, np.random.default_rng([recipe.seed, 0]))
    latents = _latents(pipeline.vae, data, chosen, recipe.seed)
    scaled = family.scaling(pipeline.vae, latents)
    others = scaled(_latents(pipeline.vae, data, holdout, recipe.seed + 1))
    parts = nn.ModuleDict({part: getattr(pipeline, part) for part in (family.denoiser, "text_encoder")})
    tokens, held, empty = (family.tokens(pipeline, [str(text) for text in texts]) for texts in (chosen, holdout, [""]))
    return DenoisingTraining(
        parts,
        json.dumps([network, float(latents.std())]),
        recipe,
        family,
        pipeline.scheduler,
        scaled(latents),
        tokens,
        empty[0],
        (others, held),
    )


def _latents(autoencoder: Any, data: Data, captions: Sequence[Any], seed: int) -> Tensor:
    """The autoencoder's latents of a new example of each caption."""
    generator, found = np.random.default_rng([seed, 1]), []
    for start in range(0, len(captions), 100):
        examples = data.examples(captions[start : start + 100], generator)
        with torch.no_grad():
            found.append(autoencoder.encode(examples).latent_dist.mode())
    return torch.cat(found)


def _write(pipeline: Any, parts: Sequence[str], folder: Path, config: str, recipe: str) -> None:
    for part in parts:
        getattr(pipeline, part).half()
    pipeline.save_pretrained(folder / PIPELINE, safe_serialization=True)
    write_text(folder / "config.json", config)
    write_text(folder / "recipe.yaml", recipe)


def _told(autoencoding: AutoencoderTraining, denoising: DenoisingTraining, threads: int) -> dict[str, Any]:
    return {
        "minutes": round((autoencoding.seconds + denoising.seconds) / 60, 1),
        "threads": threads,
        "torch": torch.__version__.partition("+")[0],
        "autoencoder_errors": [[step, round(error, 5)] for step, error in autoencoding.judged],
        "holdout_losses": [[step, round(loss, 5)] for step, loss in denoising.judged],
    }
