"""Animate samples of a shard."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.checkpoints.manifest import TOKENIZER
    from denoscope.render.media import render_films, render_shard, render_texts
    from denoscope.settings.render import PictureRender, TextRender, VideoRender
    from denoscope.trace.reader import Trace

    cfg, catalogue = snakemake.params.cfg, Path(snakemake.output.catalogue)
    trace = Trace([Path(snakemake.input.tensors).parent])
    if cfg["kind"] == "text":
        tokenizer = Path(snakemake.input.tokenizer[0]).with_name(TOKENIZER)
        settings = TextRender.model_validate(cfg["render"])
        render_texts(trace, cfg["samples"], cfg["symbol"], settings, tokenizer, catalogue)
    elif cfg["kind"] == "video":
        render_films(trace, cfg["samples"], cfg["symbol"], VideoRender.model_validate(cfg["render"]), catalogue)
    else:
        render_shard(trace, cfg["samples"], cfg["symbol"], PictureRender.model_validate(cfg["render"]), catalogue)
