"""What the maps stage writes for a layer, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from denoscope.maps.features import Features
from denoscope.maps.neighbors import Neighbors
from denoscope.runtime.files import replacing

MAP = "map.parquet"
PLACED = "placed.parquet"
NEIGHBORS = "neighbors.safetensors"
PLACED_NEIGHBORS = "placed_neighbors.safetensors"
FEATURES = "features.safetensors"
METADATA_KEY = "denoscope"


@dataclass(frozen=True)
class StepMap:
    """The map of a layer at one step: a row a sample."""

    step: int
    layout: np.ndarray
    cluster: np.ndarray
    outlier: np.ndarray
    preservation: np.ndarray


def write_map(path: Path, maps: Sequence[StepMap], first: int, about: Mapping[str, Any]) -> None:
    """Write a row for every step and sample, samples numbered from ``first``; ``about`` goes into the metadata."""
    samples = np.arange(first, first + len(maps[0].layout), dtype=np.int64)
    table = pa.table(
        {
            "sample": np.tile(samples, len(maps)),
            "step": np.repeat(np.array([m.step for m in maps], dtype=np.int32), len(samples)),
            "x": np.concatenate([m.layout[:, 0] for m in maps]),
            "y": np.concatenate([m.layout[:, 1] for m in maps]),
            "cluster": np.concatenate([m.cluster for m in maps]),
            "outlier": np.concatenate([m.outlier for m in maps]),
            "preservation": np.concatenate([m.preservation for m in maps]),
        },
        metadata={METADATA_KEY: json.dumps(about, sort_keys=True)},
    )
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_map(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """All points of a layer's map, fitted and placed (column ``placed``), and what is known about the map."""
    fitted = pq.read_table(folder / MAP)
    about: dict[str, Any] = json.loads(fitted.schema.metadata[METADATA_KEY.encode()])
    parts = [fitted.to_pandas().assign(placed=False)]
    if (folder / PLACED).exists():
        parts.append(pq.read_table(folder / PLACED).to_pandas().assign(placed=True))
    return pd.concat(parts, ignore_index=True), about


def write_neighbors(path: Path, spaces: Mapping[str, Sequence[Neighbors]]) -> None:
    """Write ``<space>/indices`` and ``<space>/distances``, each ``[step, n, k]``."""
    tensors = {}
    for space, steps in spaces.items():
        tensors[f"{space}/indices"] = np.stack([near.indices for near in steps])
        tensors[f"{space}/distances"] = np.stack([near.distances for near in steps])
    with replacing(path) as temporary:
        save_file(tensors, temporary)


def read_neighbors(path: Path, space: str) -> list[Neighbors]:
    """The neighbours in a space (``activations`` or ``map``), one entry a step."""
    tensors = load_file(path)
    pairs = zip(tensors[f"{space}/indices"], tensors[f"{space}/distances"], strict=True)
    return [Neighbors(indices, distances) for indices, distances in pairs]


def write_features(path: Path, fitted: Sequence[Features], values: Sequence[np.ndarray]) -> None:
    """Write the features ``[step, n, c]`` with the PCA that made them, so that new samples can be given theirs."""
    tensors = {
        "features": np.stack(values),
        "mean": np.stack([pca.mean for pca in fitted]),
        "components": np.stack([pca.components for pca in fitted]),
        "explained": np.array([pca.explained for pca in fitted], dtype=np.float32),
    }
    with replacing(path) as temporary:
        save_file(tensors, temporary)


def read_features(path: Path) -> tuple[list[Features], np.ndarray]:
    """The PCA of every step and the features ``[step, n, c]``."""
    tensors = load_file(path)
    parts = zip(tensors["mean"], tensors["components"], tensors["explained"], strict=True)
    return [Features(mean, components, float(kept)) for mean, components, kept in parts], tensors["features"]
