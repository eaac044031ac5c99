"""Draw the figures of maps, of their quality and of similarity."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    import pandas as pd

    from denoscope.maps.files import read_map
    from denoscope.report.figures import draw_maps, draw_quality, draw_similarity
    from denoscope.runtime.files import read_json

    cfg, source, out = snakemake.params.cfg, snakemake.input, snakemake.output
    root = Path(source.run).parent
    info = read_json(Path(source.run))
    times = info["times"]
    maps = {layer: read_map(root / "maps" / layer, int(info["samples"])) for layer in cfg["layers"]}
    draw_maps(maps, pd.read_parquet(source.samples), times, cfg["symbol"], Path(out.maps).with_suffix(""))
    draw_quality(pd.read_parquet(source.quality), times, cfg["symbol"], Path(out.quality).with_suffix(""))
    draw_similarity(pd.read_parquet(source.similarity), times, cfg["symbol"], Path(out.similarity).with_suffix(""))
