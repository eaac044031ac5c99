"""Judge a run of texts step by step."""

from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.runtime.job import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0], snakemake.threads):
    from denoscope.maps.texts import judge_texts, write_texts
    from denoscope.trace.reader import Trace

    trace = Trace([Path(path).parent for path in snakemake.input.tensors])
    write_texts(judge_texts(trace), Path(snakemake.output.texts))
