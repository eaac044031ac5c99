"""Fetch a checkpoint into its folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.checkpoints.fetch import CHECKPOINT, fetch

    settings = {key: value for key, value in snakemake.params.cfg.items() if key not in ("content", "sources")}
    trained = Path(snakemake.input[0]) if snakemake.input else None
    fetch(CHECKPOINT.validate_python(settings), Path(snakemake.output.manifest).parent, trained)
