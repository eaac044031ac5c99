"""Draw the figure of scored attention."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    import pandas as pd

    from denoscope.report.attention_figure import draw_attention

    draw_attention(pd.read_parquet(snakemake.input.attention), Path(snakemake.output.attention).with_suffix(""))
