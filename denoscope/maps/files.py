"""What the maps stage writes for a layer, and how it is read."""

from __future__ import annotations

import json
import logging
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

log = logging.getLogger(__name__)

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


def read_map(folder: Path, samples: int | None = None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """All points of a layer's map, fitted and placed (column ``placed``), and what is known about the map.

    Points that were placed on another map than the one beside them are left out.

    Args:
        folder: the layer's folder.
        samples: number of samples of the run; points of samples beyond it, left from when it had more, are left out.
    """
    fitted, about = read_fitted(folder)
    parts = [fitted.assign(placed=False)]
    if (folder / PLACED).exists():
        placed, placed_about = _read(folder / PLACED)
        if _placed_on(about, placed_about):
            parts.append(placed.assign(placed=True))
        else:
            log.warning("%s belongs to another map: it is ignored and can be deleted", folder / PLACED)
    points = pd.concat(parts, ignore_index=True)
    kept = points if samples is None else points[points["sample"] < samples].reset_index(drop=True)
    return kept, about


def read_fitted(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The points that a layer's map was fitted on, and what is known about the map."""
    return _read(folder / MAP)


def remove_placed(folder: Path) -> None:
    """Remove what was placed on the map in ``folder``, which is about to be another one."""
    for name in (PLACED, PLACED_NEIGHBORS):
        (folder / name).unlink(missing_ok=True)


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    table = pq.read_table(path)
    about: dict[str, Any] = json.loads(table.schema.metadata[METADATA_KEY.encode()])
    return table.to_pandas(), about


def _placed_on(about: Mapping[str, Any], placed: Mapping[str, Any]) -> bool:
    """Whether samples were placed on this map: they carry all that is known of theirs, and start where it ends."""
    own = {key: value for key, value in placed.items() if key != "placed_from"}
    # Compared as text: a figure that is NaN does not equal itself.
    same = json.dumps(own, sort_keys=True) == json.dumps(about, sort_keys=True)
    return same and placed.get("placed_from") == about["fit"]


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
        # safetensors writes the buffer as it lies, whatever its strides.
        "components": np.ascontiguousarray(np.stack([pca.components for pca in fitted])),
        "explained": np.array([pca.explained for pca in fitted], dtype=np.float32),
    }
    with replacing(path) as temporary:
        save_file(tensors, temporary)


def read_features(path: Path) -> tuple[list[Features], np.ndarray]:
    """The PCA of every step and the features ``[step, n, c]``."""
    tensors = load_file(path)
    parts = zip(tensors["mean"], tensors["components"], tensors["explained"], strict=True)
    return [Features(mean, components, float(kept)) for mean, components, kept in parts], tensors["features"]
