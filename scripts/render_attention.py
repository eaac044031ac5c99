"""Make films of the words' attention in a shard."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.attention.reader import AttentionReader
    from denoscope.attention.render import render_attention
    from denoscope.settings.render import AttentionRender
    from denoscope.trace.reader import Trace

    cfg = snakemake.params.cfg
    reader = AttentionReader(Trace([Path(snakemake.input.tensors).parent]), cfg["symbol"])
    settings = AttentionRender.model_validate(cfg["render"])
    render_attention(reader, cfg["samples"], settings, Path(snakemake.output.catalogue))
