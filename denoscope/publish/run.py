"""Publishes a finished run."""

from __future__ import annotations

from pathlib import Path

from denoscope.publish.finished import read_finished
from denoscope.publish.tensorboard_log import log_to_tensorboard
from denoscope.publish.wandb_log import log_to_wandb
from denoscope.settings.publish import Publish


def publish_run(folder: Path, settings: Publish) -> dict[str, dict[str, int]]:
    """Log a run of ``results/`` wherever ``settings`` say; return how much of what went where.

    Raises:
        TraceError: the run is not finished, or a file of it is damaged.
        PublishError: a dashboard cannot be written to.
    """
    run = read_finished(folder, settings.samples)
    places = {}
    if target := settings.tensorboard_folder:
        places[f"TensorBoard, {target}"] = log_to_tensorboard(run, Path(target))
    if settings.wandb.mode != "disabled":
        where = settings.wandb.folder if settings.wandb.mode == "offline" else settings.wandb.project
        places[f"Weights & Biases, {where}"] = log_to_wandb(run, settings.wandb)
    return places
