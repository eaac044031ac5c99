"""Joins a run's shards into one data set: two tables and a document that describes the run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from denoscope.checkpoints.manifest import TOKENIZER
from denoscope.runtime.files import read_json, replacing, write_json
from denoscope.trace import schema
from denoscope.trace.reader import Trace

RUN = "run.json"


def index_run(
    shards: Sequence[Path], about: Mapping[str, Any], manifest: Path, folder: Path, tokenizer: Path | None = None
) -> None:
    """Write ``samples.parquet``, ``steps.parquet`` and ``run.json`` of a run into ``folder``.

    Args:
        shards: folders of all shards.
        about: what the configuration says of the run.
        manifest: of its checkpoint.
        folder: the run's folder, which contains the shards.
        tokenizer: of a run of texts: without it, a run that outlives its checkpoint could not be read.
    """
    if tokenizer:
        with replacing(folder / TOKENIZER) as temporary:
            shutil.copyfile(tokenizer, temporary)
    trace = Trace(shards)
    for name in (schema.SAMPLES, schema.STEPS):
        joined = pa.concat_tables([shard.table(name) for shard in trace.shards])
        with replacing(folder / name) as temporary:
            pq.write_table(joined.replace_schema_metadata(None), temporary, compression="zstd")
    document = {
        **about,
        "version": schema.VERSION,
        "samples": len(trace.samples),
        "times": trace.times,
        "tensors": {name: list(trace.tensor(name).shape) for name in trace.tensors},
        "checkpoint": read_json(manifest),
        "shards": [
            {"folder": shard.folder.relative_to(folder).as_posix(), **read_json(shard.folder / "throughput.json")}
            for shard in trace.shards
        ],
        "verified": [shard.info["verified"] for shard in trace.shards if "verified" in shard.info],
    }
    write_json(folder / RUN, document)
