"""Map the single tokens of one layer."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.maps.layer import map_layer
    from denoscope.settings.maps import Maps
    from denoscope.trace.reader import Trace

    cfg, layer = snakemake.params.cfg, snakemake.wildcards.layer
    tokens = Trace([Path(path).parent for path in snakemake.input.tensors]).tokens(layer, cfg["samples"])
    map_layer(tokens, layer, Maps.model_validate(cfg["maps"]), tokens.shape[1], Path(snakemake.output.map).parent)
