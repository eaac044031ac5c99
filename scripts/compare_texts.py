"""Draw the figure that holds all runs of texts against each other."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    import pandas as pd

    from denoscope.report.text_figure import draw_compared

    tables = map(pd.read_parquet, snakemake.input.texts)
    draw_compared(
        dict(zip(snakemake.params.cfg["runs"], tables, strict=True)), Path(snakemake.output.texts).with_suffix("")
    )
