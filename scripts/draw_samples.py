"""Draw the figures of samples."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.report.figures import draw_grid, draw_steps
    from denoscope.trace.reader import Trace

    cfg = snakemake.params.cfg
    trace = Trace([Path(path).parent for path in snakemake.input.tensors], gaps=True)
    draw_grid(trace, cfg["rows"], Path(snakemake.output.samples).with_suffix(""))
    draw_steps(trace, cfg["rows"], cfg["symbol"], Path(snakemake.output.steps).with_suffix(""))
