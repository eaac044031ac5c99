"""Animate a grid of samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.render.media import render_film_grid, render_grid
    from denoscope.settings.render import PictureRender, VideoRender
    from denoscope.trace.reader import Trace

    cfg, out = snakemake.params.cfg, snakemake.output
    trace = Trace([Path(path).parent for path in snakemake.input.tensors], gaps=True)
    gif, mp4 = Path(out.gif), Path(out.mp4)
    if cfg["kind"] == "video":
        render_film_grid(trace, cfg["rows"], VideoRender.model_validate(cfg["render"]), gif, mp4)
    else:
        render_grid(trace, cfg["rows"], cfg["symbol"], PictureRender.model_validate(cfg["render"]), gif, mp4)
