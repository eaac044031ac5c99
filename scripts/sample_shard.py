"""Denoise one shard and record it."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.sampling.order import ShardOrder
    from denoscope.sampling.shard import make_shard
    from denoscope.settings.record import Record

    cfg = snakemake.params.cfg
    asked = {key: value for key, value in cfg.items() if key not in ("record", "sources")}
    make_shard(
        ShardOrder(run=snakemake.wildcards.run, record=Record.model_validate(cfg["record"]), **asked),
        key=cfg,
        checkpoint=Path(snakemake.input.manifests[0]).parent,
        others=[Path(manifest).parent for manifest in snakemake.input.manifests[1:]],
        folder=Path(snakemake.output.tensors).parent,
        threads=snakemake.threads,
    )
