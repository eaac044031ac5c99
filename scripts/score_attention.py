"""Measure what the pictures or films of a run show, and how well attention finds it."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.localisation.score import score_table
    from denoscope.localisation.truth import truth_table
    from denoscope.run import Run
    from denoscope.runtime.files import replacing

    run = Run(Path(snakemake.input.run).parent)
    for made, path in ((truth_table(run), snakemake.output.truth), (score_table(run), snakemake.output.attention)):
        with replacing(Path(path)) as temporary:
            made.to_parquet(temporary, compression="zstd", index=False)
