"""Log a run elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.publish import publish_run
    from denoscope.runtime.files import write_json
    from denoscope.settings.publish import Publish

    settings = Publish.model_validate(snakemake.params.cfg["publish"])
    told = publish_run(Path(snakemake.input.run).parent, settings)
    write_json(Path(snakemake.output.published), told)
