"""Join a run's shards."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.checkpoints.manifest import TOKENIZER
    from denoscope.trace.index import index_run

    shards = [Path(path).parent for path in snakemake.input.tensors]
    about = {key: value for key, value in snakemake.params.cfg.items() if key != "sources"}
    beside = [Path(path).with_name(TOKENIZER) for path in snakemake.input.tokenizer]
    index_run(shards, about, Path(snakemake.input.manifest), Path(snakemake.output.run).parent, *beside)
