"""Draw the figure of a run of texts."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    import pandas as pd

    from denoscope.report.text_figure import draw_texts

    table = pd.read_parquet(snakemake.input.texts)
    draw_texts(table, snakemake.params.cfg["symbol"], Path(snakemake.output.texts).with_suffix(""))
