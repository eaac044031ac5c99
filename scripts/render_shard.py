"""Animate samples of a shard."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.render.media import render_shard
    from denoscope.settings.render import Render
    from denoscope.trace.reader import Trace

    cfg = snakemake.params.cfg
    trace = Trace([Path(snakemake.input.tensors).parent])
    settings = Render.model_validate(cfg["render"])
    render_shard(trace, cfg["samples"], cfg["symbol"], settings, Path(snakemake.output.catalogue))
