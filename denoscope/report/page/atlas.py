"""Maps of a run for the explorer: positions, clusters, scores, neighbours and features as typed arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoscope.maps import files
from denoscope.maps.space import compared
from denoscope.report.page.blocks import Blocks, Rank
from denoscope.trace.reader import TraceArray

LIVE_POINTS = 20_000
"""Up to so many samples a map can be laid out anew in the browser: the page then holds their features."""
MAIN = ""
"""The setting that a layer's own map was made with."""


@dataclass(frozen=True)
class Mapped:
    """Layers that were mapped.

    Args:
        folder: holds a folder a layer.
        arrays: what was mapped, by layer.
        points: number of points of every map.
        quality: the maps' table of quality, with how well a layer tells classes apart; None if there are no classes.
    """

    folder: Path
    arrays: Mapping[str, TraceArray]
    points: int
    quality: pd.DataFrame | None = None

    def purity(self, layer: str) -> list[float | None]:
        """Share of true neighbours that are of the same class, by step."""
        if self.quality is None:
            return [None] * len(files.read_fitted(self.folder / layer)[1]["steps"])
        return _numbers(self.quality[self.quality["layer"] == layer].sort_values("step")["purity"])

    @property
    def chance(self) -> float | None:
        """The same by chance."""
        known = self.quality is not None and not self.quality["chance"].isna().any()
        return float(self.quality["chance"].iloc[0]) if self.quality is not None and known else None


def atlas(mapped: Mapped, settings: Sequence[str], blocks: Blocks) -> dict[str, Any]:
    """Describe maps and put their arrays into ``blocks``."""
    folder = mapped.folder
    maps = {layer: _maps(folder / layer, settings, mapped.points) for layer in mapped.arrays}
    mains = [found[MAIN][0] for found in maps.values()]
    outliers = np.concatenate([points["outlier"].to_numpy() for points in mains])
    span = (float(outliers.min()), float(outliers.max()))
    return {
        "layers": [
            {
                "name": layer,
                **_layer(folder / layer, maps[layer], span, array, blocks),
                "purity": mapped.purity(layer),
            }
            for layer, array in mapped.arrays.items()
        ],
        "outlierSpan": span,
        "outlierRange": (1.0, max(1.5, float(np.quantile(outliers, 0.99)))),
        "chance": mapped.chance,
    }


Maps = Mapping[str, tuple[pd.DataFrame, dict[str, Any]]]


def _maps(folder: Path, settings: Sequence[str], samples: int) -> Maps:
    main = {MAIN: files.read_map(folder, samples)}
    return main | {name: files.read_setting(folder, name, samples) for name in settings}


def _layer(folder: Path, maps: Maps, span: tuple[float, float], array: TraceArray, blocks: Blocks) -> dict[str, Any]:
    points, about = maps[MAIN]
    points = points.sort_values(["step", "sample"])
    steps = len(about["steps"])
    cluster = points["cluster"].to_numpy()
    small = cluster.max() < 127
    count = len(points) // steps
    return {
        "steps": about["steps"],
        "engine": about["engine"],
        "searched": about["searched"],
        "metric": about["settings"]["metric"],
        "seed": about["settings"]["seed"],
        "epochs": about["settings"]["epochs"],
        "fit": about["fit"],
        "settings": [_setting(points, about, blocks) for points, about in maps.values()],
        "cluster": blocks.add(cluster.astype("i1" if small else "<i2").tobytes()),
        "clusterWidth": 1 if small else 2,
        "outlier": blocks.add(_as_units(points["outlier"].to_numpy(np.float64), *span)),
        "neighbors": _neighbors(folder, count, blocks),
        "features": _features(folder / files.FEATURES, about, array, blocks) if count <= LIVE_POINTS else None,
    }


def _setting(points: pd.DataFrame, about: Mapping[str, Any], blocks: Blocks) -> dict[str, Any]:
    """Positions in units of 1/65535 of the square that holds all steps: a map can be followed over them."""
    points = points.sort_values(["step", "sample"])
    xy = points[["x", "y"]].to_numpy(np.float64)
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = float((high - low).max()) or 1.0
    corner = (low + high - side) / 2
    return {
        "n_neighbors": about["settings"]["n_neighbors"],
        "min_dist": about["settings"]["min_dist"],
        "side": side,
        "corner": corner.tolist(),
        "positions": blocks.add(_as_units(xy - corner, 0, side)),
        "preserved": blocks.add(as_bytes(points["preservation"].to_numpy())),
        "trustworthiness": _numbers(about["trustworthiness"]),
        "preservation": _numbers(about["preservation"]),
    }


def _neighbors(folder: Path, count: int, blocks: Blocks) -> dict[str, Any]:
    """Indices and distances of every sample's neighbours in activation space, a block a step."""
    near = files.read_listed(folder, count)
    wide = count > 65536
    scales = [float(step.distances.max()) or 1.0 for step in near]
    contents = [
        step.indices.astype("<u4" if wide else "<u2").tobytes() + _as_units(step.distances, 0, scale)
        for step, scale in zip(near, scales, strict=True)
    ]
    return {
        "k": near[0].indices.shape[1],
        "wide": wide,
        "scales": scales,
        "blocks": [blocks.add(content, Rank.DETAIL) for content in contents],
    }


def _features(path: Path, about: Mapping[str, Any], array: TraceArray, blocks: Blocks) -> dict[str, Any]:
    """Principal components of all samples as int8 on one scale per step, a block a step."""
    pcas, fitted = files.read_features(path)
    scales, names = [], []
    for step, pca, old in zip(about["steps"], pcas, fitted, strict=True):
        new = pca.transform(array[array.position(step), about["fit"] :])
        values = compared(pca, np.concatenate([old, new])[: array.shape[1]], about["settings"]["metric"])
        scales.append(float(np.abs(values).max()) / 127 or 1.0)
        names.append(blocks.add((values / scales[-1]).round().astype(np.int8).tobytes(), Rank.LARGE))
    return {"components": values.shape[1], "scales": scales, "blocks": names}


def as_bytes(shares: np.ndarray) -> bytes:
    """Values between 0 and 1 in units of 1/255; others are cut off there."""
    return bytes((np.clip(shares, 0, 1) * 255).round().astype(np.uint8))


def _as_units(values: np.ndarray, low: float, high: float) -> bytes:
    """Values between ``low`` and ``high`` in units of 1/65535 of the way."""
    return bytes(((values - low) / ((high - low) or 1) * 65535).round().astype("<u2"))


def _numbers(values: Any) -> list[float | None]:
    """Numbers as JSON knows them, which has no NaN."""
    return [float(value) if np.isfinite(value) else None for value in np.asarray(values, dtype=np.float64)]
