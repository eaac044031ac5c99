"""Write a layer's map for other tools."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.export import atlas_table, write_atlas
    from denoscope.run import open_run

    run = open_run(Path(snakemake.input.run).parent)
    write_atlas(atlas_table(run, snakemake.wildcards.layer), Path(snakemake.output.table))
