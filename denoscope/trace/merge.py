"""Turns a shard's finished batches into its three declared files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import safe_open

from denoscope.runtime.files import replacing
from denoscope.trace import schema
from denoscope.trace.partial import FinishedBatch
from denoscope.trace.tensorfile import Pieces, write_tensors

SCALARS = "scalars/"
NOTHING: dict[str, Any] = {"forward_id": None, "branch": None, "cached": False, "forward_time": None}
"""What the step table says where a step has no evaluation."""

STEP_COLUMNS = pa.schema(
    [
        pa.field("sample", pa.int64(), nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("forward_id", pa.int32(), metadata={"note": "number of the evaluation; null where a step has none"}),
        pa.field("branch", pa.string(), metadata={"note": "conditional or unconditional"}),
        pa.field("cached", pa.bool_(), nullable=False, metadata={"note": "the step reused an earlier evaluation"}),
        pa.field("time", pa.float64(), nullable=False, metadata={"note": "noise level or time of the step's state"}),
        pa.field("forward_time", pa.float64(), metadata={"note": "noise level or time that the network was given"}),
    ]
)


def merge(
    batches: Sequence[FinishedBatch], samples: Sequence[Mapping[str, Any]], folder: Path, about: Mapping[str, Any]
) -> None:
    """Write ``samples.parquet``, ``steps.parquet`` and ``tensors.safetensors`` of a shard.

    Args:
        batches: all finished batches, by first sample; their samples together are ``samples``.
        samples: one row per sample for the sample table.
        folder: where the files go; the tensors come first and the sample table last.
        about: entries for the trace's metadata: ``layers`` and ``attention_layers`` in the model's order.

    Raises:
        TraceError: the batches are not the shard's samples, or differ in what they recorded.
    """
    batches = sorted(batches, key=lambda batch: batch.samples[0])
    _require_samples(batches, [row["sample"] for row in samples])
    layout = _layout(batches[0])
    for batch in batches[1:]:
        _require_same(layout, batches[0].notes["times"], batch)
    info = {**about, **_info(batches[0], layout, samples)}
    sparse = _sparse(batches, layout)
    info["sparse"] = sparse
    header = {schema.METADATA_KEY: json.dumps(info, sort_keys=True)}
    stored = [name for name in sorted(layout) if not name.startswith(SCALARS)]
    tensors = {name: _pieces(name, batches, layout, sparse=name in sparse) for name in stored}
    if sparse:
        tensors[schema.FRESH] = _fresh(batches)
    with replacing(folder / schema.TENSORS) as path:
        write_tensors(path, tensors, header)
    _write_table(folder / schema.STEPS, _step_table(batches, layout), header)
    sizes = {sample: batch.notes["batch_size"] for batch in batches for sample in batch.samples}
    outcomes = {s: found for b in batches for s, found in zip(b.samples, b.notes["outcome"], strict=True)}
    rows = [{**row, **outcomes[row["sample"]], "batch_size": sizes[row["sample"]]} for row in samples]
    _write_table(folder / schema.SAMPLES, _sample_table(rows), header)


Layout = dict[str, dict[str, Any]]
"""For every tensor name: the steps that have it, its type and the shape of one step's batch."""


def _layout(batch: FinishedBatch) -> Layout:
    layout: Layout = {}
    for step in range(len(batch.notes["times"])):
        with safe_open(batch.file(step), framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118 (no mapping)
                part = file.get_slice(name)
                entry = layout.setdefault(name, {"steps": [], "dtype": part.get_dtype(), "shape": part.get_shape()})
                entry["steps"].append(step)
    return layout


def _require_samples(batches: Sequence[FinishedBatch], samples: Sequence[int]) -> None:
    """Rows of tensors follow the batches, rows of tables the samples: they must be the same."""
    found = [sample for batch in batches for sample in batch.samples]
    if found != list(samples):
        raise schema.TraceError(
            f"{batches[0].folder.parent}: the batches hold samples {found}, the shard is {list(samples)}; delete that "
            "folder and run the workflow again"
        )


def _require_same(layout: Layout, times: Sequence[float], batch: FinishedBatch) -> None:
    if batch.notes["times"] != times:
        raise schema.TraceError(f"{batch.folder}: its steps have other times than those of the first batch")
    other = _layout(batch)
    for name in layout.keys() | other.keys():
        ours, theirs = layout.get(name), other.get(name)
        if (
            ours is None
            or theirs is None
            or ours["steps"] != theirs["steps"]
            or ours["shape"][1:] != theirs["shape"][1:]
        ):
            raise schema.TraceError(f"{batch.folder}: '{name}' differs between batches ({ours} against {theirs})")


def _info(batch: FinishedBatch, layout: Layout, samples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    proof = {"verified": batch.notes["verified"]} if "verified" in batch.notes else {}
    return {
        **proof,
        "version": schema.VERSION,
        "first": samples[0]["sample"],
        "size": len(samples),
        "times": batch.notes["times"],
        "tensors": {name: entry["steps"] for name, entry in layout.items() if not name.startswith(SCALARS)},
    }


def _sparse(batches: Sequence[FinishedBatch], layout: Layout) -> list[str]:
    """Names of the tensors that hold no row for a reused evaluation."""
    if "cached" not in batches[0].notes:
        return []
    whole = (SCALARS, schema.STATES, schema.PREVIEWS)
    return sorted(name for name in layout if not name.startswith(whole))


def _fresh(batches: Sequence[FinishedBatch]) -> Pieces:
    """Whose evaluation is its own at each step: ``[step, sample]``."""
    steps = len(batches[0].notes["times"])
    columns = [
        [
            np.zeros(len(batch.samples), bool) if cached is None else ~np.array(cached)
            for cached in batch.notes["cached"]
        ]
        for batch in batches
    ]
    fresh = np.concatenate(columns, axis=1).astype(np.uint8)
    return Pieces(fresh.dtype, (steps, fresh.shape[1]), lambda: iter([fresh]))


def _pieces(name: str, batches: Sequence[FinishedBatch], layout: Layout, *, sparse: bool) -> Pieces:
    entry = layout[name]
    size = sum(len(batch.samples) for batch in batches)

    def pieces() -> Iterator[np.ndarray]:
        for step in entry["steps"]:
            for batch in batches:
                with safe_open(batch.file(step), framework="numpy") as file:
                    yield file.get_tensor(name)

    with safe_open(batches[0].file(entry["steps"][0]), framework="numpy") as file:
        dtype = file.get_tensor(name).dtype
    if sparse:
        return Pieces(dtype, (sum(len(piece) for piece in pieces()), *entry["shape"][1:]), pieces)
    return Pieces(dtype, (len(entry["steps"]), size, *entry["shape"][1:]), pieces)


def _step_table(batches: Sequence[FinishedBatch], layout: Layout) -> pa.Table:
    scalars = sorted(name for name in layout if name.startswith(SCALARS))
    columns = [*STEP_COLUMNS, *(pa.field(name.removeprefix(SCALARS), pa.float32()) for name in scalars)]
    rows = [row for batch in batches for row in _step_rows(batch, scalars)]
    rows.sort(key=lambda row: (row["sample"], row["step"], row["order"]))
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _step_rows(batch: FinishedBatch, scalars: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One row a forward and sample; a step without a forward has one row, and scalars stand in a step's first row."""
    cached = batch.notes.get("cached") or [None] * len(batch.notes["times"])
    last: dict[int, list[dict[str, Any]]] = {}
    for step, time in enumerate(batch.notes["times"]):
        here = [forward for forward in batch.notes["forwards"] if forward["step"] == step]
        with safe_open(batch.file(step), framework="numpy") as file:
            values = {
                name.removeprefix(SCALARS): file.get_tensor(name).tolist()
                for name in scalars
                if name in set(file.keys())
            }
        for row, sample in enumerate(batch.samples):
            reused = cached[step] is not None and cached[step][row]
            forwards = [{**forward, "cached": True} for forward in last[row]] if reused else here or [NOTHING]
            last[row] = forwards if reused or here else last.get(row, [])
            for order, forward in enumerate(forwards):
                found = {name: column[row] for name, column in values.items()} if order == 0 else {}
                yield {**forward, "sample": sample, "step": step, "time": time, "order": order, **found}


def _sample_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows as a table whose lists hold texts, even where all of a shard's are empty: shards are joined by type."""
    table = pa.Table.from_pylist(list(rows))
    for index, column in enumerate(table.schema):
        if column.type == pa.list_(pa.null()):
            texts = table.column(index).cast(pa.list_(pa.string()))
            table = table.set_column(index, column.name, texts)
    return table


def _write_table(path: Path, table: pa.Table, header: Mapping[str, str]) -> None:
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **header})
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
