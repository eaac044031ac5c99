"""Judges a trained pipeline: what its pictures or films truly show, measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from denoscope.denoisers.noise import sample_seed
from denoscope.training.captioned.autoencoder import reconstructed
from denoscope.training.captioned.data import Data, as_bytes
from denoscope.training.captioned.family import Family
from denoscope.training.captioned.recipe import Drawing

BATCH = 50


def judge_pipeline(
    family: Family, pipeline: Any, data: Data, captions: Sequence[Any], drawing: Drawing
) -> dict[str, float]:
    """Shares of captions that are true of what the pipeline makes of them, each with a seed of its own."""
    made = []
    for start in range(0, len(captions), BATCH):
        part = captions[start : start + BATCH]
        seeds = [sample_seed(drawing.seed, start + offset) for offset in range(len(part))]
        made.append(family.made(pipeline, [str(caption) for caption in part], drawing, seeds))
    return data.truths(np.concatenate(made), captions)


def judge_autoencoder(autoencoder: Any, data: Data, captions: Sequence[Any]) -> dict[str, float]:
    """How much of true examples survives: share of captions still true, and absolute error of 255."""
    examples = data.examples(captions, np.random.default_rng(1))
    with torch.no_grad():
        again = torch.cat([reconstructed(autoencoder, part) for part in torch.split(examples, BATCH)])
    before, kept = (list(data.truths(as_bytes(found), captions).values())[-1] for found in (examples, again))
    return {"true": before, "kept": kept, "error": float(127.5 * (again - examples).abs().mean())}
