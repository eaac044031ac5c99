"""Judge the maps of all layers."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    import pandas as pd

    from denoscope.maps.judge import judge_maps

    samples = pd.read_parquet(snakemake.input.samples)
    quality = Path(snakemake.output.quality)
    judge_maps(quality.parent / "maps", snakemake.params.cfg["layers"], samples, quality)
