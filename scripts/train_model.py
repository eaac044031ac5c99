"""Train a model from its recipe."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.training.train import train_model

    cfg = snakemake.params.cfg
    folder = Path(snakemake.output.scores).parent
    train_model(cfg["model"], cfg["config.json"], cfg["recipe.yaml"], folder, snakemake.threads)
