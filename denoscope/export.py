"""A layer's map as one Parquet file for other tools: coordinates, neighbours and pictures, a row a sample."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from denoscope.maps.files import METADATA_KEY, read_listed
from denoscope.maps.neighbors import Neighbors
from denoscope.run import Run
from denoscope.runtime.files import replacing
from denoscope.trace.schema import SAMPLES, STATE_PREVIEWS, TraceError

NEIGHBORS = pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float32()))])
"""What Embedding Atlas takes for neighbours: numbers of rows, nearest first, and how far they are."""
PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
"""What Embedding Atlas and ``datasets`` take for a picture."""
FEATURES = {"info": {"features": {"image": {"_type": "Image"}}}}
"""By which ``datasets`` knows that it is one; the types of the other columns speak for themselves."""
GROUP_BYTES = 2**25
"""Readers hold a whole group of rows, and fail at more than 2 GiB of pictures in one."""


def atlas_table(run: Run, layer: str, step: int | None = None) -> pa.Table:
    """The map of a layer at a step, a row a sample, in their order: the number of a row is its sample's.

    Columns are ``id, x, y``, those of the run's samples, ``step, cluster, outlier, preservation, placed``,
    ``neighbors`` (in activation space) and, of a run of pictures, ``image`` (the finished one as PNG). A column of the
    samples that bears the name of another becomes ``sample_<name>``. The metadata say how the map was made and how far
    to believe it.

    Args:
        run: a finished run.
        layer: one of its mapped layers.
        step: a step of the map; the last one by default.

    Raises:
        KeyError: the layer has no map, or none at this step; the message lists what there is.
        TraceError: the map is not one of the run's samples.
    """
    points = run.map(layer)
    about, count = points.attrs, int(run.info["samples"])
    step = _mapped_step(about, step)
    points = points[points["step"] == step].sort_values("sample")
    if len(points) != count or about["fit"] > count:
        raise TraceError(f"the map of layer '{layer}' is not one of the run's {count} samples: run the workflow again")
    near = read_listed(run.folder / "maps" / layer, count)[about["steps"].index(step)]
    columns = {**_points(points), "neighbors": _neighbors(near)}
    metadata = {METADATA_KEY: json.dumps(_origin(run, about, step))}
    if STATE_PREVIEWS in run.tensors:
        columns["image"] = _pictures(run)
        metadata["huggingface"] = json.dumps(FEATURES)
    return pa.table(_with_samples(columns, pq.read_table(run.folder / SAMPLES)), metadata=metadata)


def write_atlas(table: pa.Table, path: Path) -> None:
    """Write what ``atlas_table`` gave; equal tables make equal bytes."""
    rows = max(1, GROUP_BYTES * len(table) // table.nbytes)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=rows)


def _mapped_step(about: Mapping[Any, Any], step: int | None) -> int:
    steps: list[int] = about["steps"]
    if step is not None and step not in steps:
        known = ", ".join(map(str, steps))
        raise KeyError(f"layer '{about['layer']}' has no map at step {step}; mapped steps: {known}")
    return steps[-1] if step is None else step


def _points(points: pd.DataFrame) -> dict[str, pa.Array]:
    """What is known of each sample at the step."""
    names = ("x", "y", "step", "cluster", "outlier", "preservation", "placed")
    return {"id": pa.array(points["sample"]), **{name: pa.array(points[name]) for name in names}}


def _neighbors(near: Neighbors) -> pa.Array:
    rows, k = near.indices.shape
    offsets = pa.array(np.arange(0, (rows + 1) * k, k, dtype=np.int32))
    parts = (near.indices.astype(np.int64), near.distances.astype(np.float32))
    lists = [pa.ListArray.from_arrays(offsets, part.ravel()) for part in parts]
    return pa.StructArray.from_arrays(lists, fields=list(NEIGHBORS))


def _pictures(run: Run) -> pa.Array:
    """The finished pictures, or the middle frames of the films."""
    pictures = run.pictures()
    blocks = pictures.blocks(pictures.steps[-1])
    files = enumerate(_png(picture) for block in blocks for picture in block)
    return pa.array([{"bytes": content, "path": f"sample-{sample:06d}.png"} for sample, content in files], PICTURE)


def _png(picture: np.ndarray) -> bytes:
    """A uint8 picture ``[H, W, C]`` as PNG: grey where ``C`` is 1, RGB where it is 3."""
    buffer = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).save(buffer, format="png")
    return buffer.getvalue()


def _with_samples(columns: Mapping[str, Any], samples: pa.Table) -> dict[str, Any]:
    """The columns with those of the run's samples among them, after the coordinates."""
    asked = {f"sample_{name}" if name in columns else name: samples[name] for name in samples.column_names}
    front = {name: columns[name] for name in ("id", "x", "y")}
    return {**front, **asked, **{name: column for name, column in columns.items() if name not in front}}


def _origin(run: Run, about: Mapping[Any, Any], step: int) -> dict[str, Any]:
    """Where the map comes from, and how far to believe it."""
    return {
        "run": run.info["run"],
        "layer": about["layer"],
        "step": step,
        "time": run.times[step],
        "engine": about["engine"],
        "metric": about["settings"]["metric"],
        "searched": about["searched"],
        "fit": about["fit"],
        "trustworthiness": about["trustworthiness"][about["steps"].index(step)],
    }
