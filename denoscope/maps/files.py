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
from denoscope.maps.interpolation import placed
from denoscope.maps.neighbors import Neighbors
from denoscope.runtime.files import replacing

log = logging.getLogger(__name__)

MAP = "map.parquet"
PLACED = "placed.parquet"
NEIGHBORS = "neighbors.safetensors"
PLACED_NEIGHBORS = "placed_neighbors.safetensors"
FEATURES = "features.safetensors"
GRID = "grid"
METADATA_KEY = "denoscope"


@dataclass(frozen=True)
class StepLayout:
    """A layer laid out at one step: ``layout [n, 2]``, a row a sample, and what share of its neighbours it shows."""

    step: int
    layout: np.ndarray
    preservation: np.ndarray


@dataclass(frozen=True)
class StepMap(StepLayout):
    """The map of a layer at one step."""

    cluster: np.ndarray
    outlier: np.ndarray


def write_map(path: Path, maps: Sequence[StepMap], first: int, about: Mapping[str, Any]) -> None:
    """Write a row for every step and sample, samples numbered from ``first``; ``about`` goes into the metadata."""
    columns = {
        **_positions(maps, first),
        "cluster": np.concatenate([m.cluster for m in maps]),
        "outlier": np.concatenate([m.outlier for m in maps]),
        "preservation": np.concatenate([m.preservation for m in maps]),
    }
    _write(path, columns, about)


def write_setting(folder: Path, name: str, layouts: Sequence[StepLayout], about: Mapping[str, Any]) -> None:
    """Write the fitted samples as another setting of UMAP lays them out beside the map in ``folder``."""
    columns = {**_positions(layouts, 0), "preservation": np.concatenate([m.preservation for m in layouts])}
    _write(_setting(folder, name), columns, about)


def _positions(layouts: Sequence[StepLayout], first: int) -> dict[str, np.ndarray]:
    samples = np.arange(first, first + len(layouts[0].layout), dtype=np.int64)
    return {
        "sample": np.tile(samples, len(layouts)),
        "step": np.repeat(np.array([m.step for m in layouts], dtype=np.int32), len(samples)),
        "x": np.concatenate([m.layout[:, 0] for m in layouts]),
        "y": np.concatenate([m.layout[:, 1] for m in layouts]),
    }


def _write(path: Path, columns: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    table = pa.table(dict(columns), metadata={METADATA_KEY: json.dumps(about, sort_keys=True)})
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
    added = _read_placed(folder, about)
    return _joined(fitted, added, samples), about


def read_setting(folder: Path, name: str, samples: int | None = None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """All points of a layer as another setting of UMAP lays them out, and what is known about that layout.

    Columns ``sample, step, x, y, preservation, placed``. Samples that were placed on the layer's map are placed on this
    layout when it is read, by those of their neighbours that are listed.

    Args:
        folder: the layer's folder.
        name: the setting's, one of ``settings``.
        samples: number of samples of the run, as for ``read_map``.

    Raises:
        KeyError: the layer was not laid out with it; the message lists the settings that there are.
    """
    if name not in (known := settings(folder)):
        raise KeyError(
            f"layer '{folder.name}' is not laid out with setting '{name}'; besides its map's own it has "
            f"{', '.join(known) or 'none'}"
        )
    fitted, about = _read(_setting(folder, name))
    has_placed = _read_placed(folder, read_fitted(folder)[1]) is not None
    added = _placed_on_setting(folder, fitted, about) if has_placed else None
    return _joined(fitted, added, samples), about


def settings(folder: Path) -> list[str]:
    """Names of the settings of UMAP with which a layer was laid out besides its map's own."""
    return sorted(path.stem for path in (folder / GRID).glob("*.parquet"))


def read_fitted(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The points that a layer's map was fitted on, and what is known about the map."""
    return _read(folder / MAP)


def remove_dependent(folder: Path) -> None:
    """Remove what was placed on the map in ``folder``, which is about to be another one, and its other settings."""
    for path in (folder / PLACED, folder / PLACED_NEIGHBORS, *(_setting(folder, name) for name in settings(folder))):
        path.unlink(missing_ok=True)


def _setting(folder: Path, name: str) -> Path:
    return folder / GRID / f"{name}.parquet"


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    table = pq.read_table(path)
    about: dict[str, Any] = json.loads(table.schema.metadata[METADATA_KEY.encode()])
    return table.to_pandas(), about


def _read_placed(folder: Path, about: Mapping[str, Any]) -> pd.DataFrame | None:
    """The points that were placed on the map in ``folder``, of which ``about`` is known; ``None`` where none were."""
    if not (folder / PLACED).exists():
        return None
    points, placed_about = _read(folder / PLACED)
    if _placed_on(about, placed_about):
        return points
    log.warning("%s belongs to another map: it is ignored and can be deleted", folder / PLACED)
    return None


def _joined(fitted: pd.DataFrame, added: pd.DataFrame | None, samples: int | None) -> pd.DataFrame:
    """Points fitted and placed, without those of samples beyond the run."""
    parts = [fitted.assign(placed=False), *([] if added is None else [added.assign(placed=True)])]
    points = pd.concat(parts, ignore_index=True)
    return points if samples is None else points[points["sample"] < samples].reset_index(drop=True)


def _placed_on_setting(folder: Path, fitted: pd.DataFrame, about: Mapping[str, Any]) -> pd.DataFrame:
    """The placed samples' points on a setting's layout of the fitted ones."""
    near_each = read_neighbors(folder / PLACED_NEIGHBORS, "activations")
    used = about["settings"]
    layouts = []
    for step, near in zip(about["steps"], near_each, strict=True):
        layout = fitted[fitted["step"] == step].sort_values("sample")[["x", "y"]].to_numpy(np.float32)
        layouts.append(StepLayout(step, *placed(near, layout, used["n_neighbors"], used["neighbors"])))
    columns = _positions(layouts, about["fit"])
    return pd.DataFrame({**columns, "preservation": np.concatenate([m.preservation for m in layouts])})


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


def read_listed(folder: Path, samples: int | None = None) -> list[Neighbors]:
    """Neighbours in activation space of all samples, fitted and placed, among the fitted ones: one entry a step.

    Args:
        folder: the layer's folder.
        samples: number of samples of the run, as for ``read_map``.
    """
    steps = read_neighbors(folder / NEIGHBORS, "activations")
    if _read_placed(folder, read_fitted(folder)[1]) is not None:
        placed_steps = read_neighbors(folder / PLACED_NEIGHBORS, "activations")
        steps = [_followed(old, new) for old, new in zip(steps, placed_steps, strict=True)]
    return [Neighbors(near.indices[:samples], near.distances[:samples]) for near in steps]


def _followed(near: Neighbors, by: Neighbors) -> Neighbors:
    return Neighbors(np.concatenate([near.indices, by.indices]), np.concatenate([near.distances, by.distances]))


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
