"""Put every run into one page."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.report.page.build import build_page
    from denoscope.report.page.data import Shown
    from denoscope.settings.report import Report

    cfg = snakemake.params.cfg
    page = Path(snakemake.output.page)
    runs = {name: Shown(**shown) for name, shown in cfg["runs"].items()}
    build_page(runs, page.parent, cfg["config"], Report.model_validate(cfg["config"]["report"]), page)
