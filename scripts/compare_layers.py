"""Compare all mapped layers at all mapped steps."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.maps.compare import compare_layers
    from denoscope.trace.reader import Trace

    cfg = snakemake.params.cfg
    trace = Trace([Path(path).parent for path in snakemake.input.tensors])
    compare_layers(trace, cfg["layers"], cfg["steps"], Path(snakemake.output.similarity))
