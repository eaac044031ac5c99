"""Map one layer."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.maps.layer import map_layer
    from denoscope.settings.maps import Maps
    from denoscope.trace.reader import Trace

    cfg = snakemake.params.cfg
    trace = Trace([Path(path).parent for path in snakemake.input.tensors])
    folder = Path(snakemake.output.map).parent
    layer = snakemake.wildcards.layer
    map_layer(trace.activations(layer), layer, Maps.model_validate(cfg["maps"]), cfg["fit"], folder)
