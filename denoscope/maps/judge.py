"""How good a run's maps are, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from denoscope.maps.files import read_listed, read_map
from denoscope.maps.quality import chance_purity, purity
from denoscope.runtime.files import replacing

COLUMNS = pa.schema(
    {
        "layer": pa.string(),
        "step": pa.int32(),
        "trustworthiness": pa.float64(),
        "preservation": pa.float64(),
        "purity": pa.float64(),
        "chance": pa.float64(),
    }
)


def judge_maps(folder: Path, layers: Sequence[str], samples: pd.DataFrame, path: Path) -> None:
    """Write a row for every layer and step.

    Columns: ``layer, step, trustworthiness, preservation, purity, chance``. Trustworthiness is that of the samples on
    which the map was fitted; preservation and purity are means over all samples. Purity is of the nearest neighbours in
    activation space, and ``chance`` what it would be for neighbours drawn at random; both are null without labels.

    Args:
        folder: holds the layers' folders.
        layers: the layers to judge.
        samples: the run's samples.
        path: the table to write.
    """
    rows = [row for layer in layers for row in _rows(folder / layer, samples.sort_values("sample"))]
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=COLUMNS), temporary, compression="zstd")


def _rows(folder: Path, samples: pd.DataFrame) -> Iterator[dict[str, Any]]:
    points, about = read_map(folder, len(samples))
    preserved = points.groupby("step")["preservation"].mean()
    near_each = read_listed(folder, len(samples))
    labels = samples["label"].to_numpy() if "label" in samples else None
    for step, trust, near in zip(about["steps"], about["trustworthiness"], near_each, strict=True):
        yield {
            "layer": folder.name,
            "step": step,
            "trustworthiness": trust,
            "preservation": float(preserved[step]),
            "purity": None if labels is None else float(np.mean(purity(near, labels))),
            "chance": None if labels is None else chance_purity(labels),
        }
