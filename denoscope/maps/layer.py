"""Maps one layer of a run: features, neighbours, projection, clusters, and how far to believe them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.maps import files
from denoscope.maps.clusters import clusters, outlier_scores
from denoscope.maps.features import Features, fit_features, vectors
from denoscope.maps.neighbors import Neighbors, nearest, nearest_among
from denoscope.maps.projection import aligned_maps, place
from denoscope.maps.quality import map_trustworthiness, preservation
from denoscope.settings.maps import Maps
from denoscope.trace.reader import Trace, TraceArray

log = logging.getLogger(__name__)

SEARCHED_BYTES = 2**30
"""Neighbours are searched among whole activations up to this size, beyond it among their principal components."""


@dataclass(frozen=True)
class _StepSpace:
    """What is known of a layer at one step before it is laid out."""

    pca: Features
    features: np.ndarray
    near: Neighbors


def map_layer(trace: Trace, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Fit the maps of ``layer`` at all chosen steps on the first ``fit`` samples and write them into ``folder``."""
    array = trace.activations(layer)
    steps = array.among(settings.steps)
    spaces = [_space(array, step, settings, fit) for step in steps]
    log.info("%s: features and neighbours of %d samples at %d steps", layer, fit, len(steps))
    layouts = aligned_maps([s.features for s in spaces], [s.near for s in spaces], settings)
    log.info("%s: laid out", layer)
    on_map = [nearest(layout, settings.neighbors, search=settings.search) for layout in layouts]
    listed = [
        Neighbors(s.near.indices[:, : settings.neighbors], s.near.distances[:, : settings.neighbors]) for s in spaces
    ]
    maps = [
        files.StepMap(
            step,
            layouts[i],
            clusters(spaces[i].features, settings.min_cluster_size),
            outlier_scores(listed[i], listed[i]),
            preservation(listed[i], on_map[i]),
        )
        for i, step in enumerate(steps)
    ]
    trust = [
        map_trustworthiness(
            _searched(array, step, fit, space), layout, settings.n_neighbors, settings.metric, settings.seed
        )
        for step, space, layout in zip(steps, spaces, layouts, strict=True)
    ]
    about = {
        **_about(layer, steps, settings, fit),
        "searched": "activations" if _fits(array, fit) else f"{spaces[0].features.shape[1]} principal components",
        "explained_variance": [round(space.pca.explained, 6) for space in spaces],
        "trustworthiness": [round(value, 6) for value in trust],
        "preservation": [round(float(m.preservation.mean()), 6) for m in maps],
    }
    files.write_features(folder / files.FEATURES, [s.pca for s in spaces], [s.features for s in spaces])
    files.write_neighbors(folder / files.NEIGHBORS, {"activations": listed, "map": on_map})
    files.write_map(folder / files.MAP, maps, 0, about)


def place_samples(trace: Trace, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Place the samples from number ``fit`` on the maps in ``folder`` that were fitted on those before."""
    array = trace.activations(layer)
    steps = array.among(settings.steps)
    fitted, about = files.read_map(folder)
    pcas, features = files.read_features(folder / files.FEATURES)
    known_near = files.read_neighbors(folder / files.NEIGHBORS, "activations")
    maps, near_each = [], []
    for i, step in enumerate(steps):
        points = fitted[(fitted["step"] == step) & ~fitted["placed"]].sort_values("sample")
        new = vectors(array[array.position(step), fit:])
        if _fits(array, fit):
            known = vectors(array[array.position(step), :fit])
        else:
            known, new = features[i], pcas[i].transform(new)
        k = max(settings.neighbors, settings.n_neighbors)
        near = nearest_among(new, known, k, metric=settings.metric, search=settings.search)
        layout = points[["x", "y"]].to_numpy(np.float32)
        positions = place(
            Neighbors(near.indices[:, : settings.n_neighbors], near.distances[:, : settings.n_neighbors]), layout
        )
        listed = Neighbors(near.indices[:, : settings.neighbors], near.distances[:, : settings.neighbors])
        shown = nearest_among(positions, layout, settings.neighbors)
        maps.append(
            files.StepMap(
                step,
                positions,
                points["cluster"].to_numpy(np.int32)[near.indices[:, 0]],
                outlier_scores(listed, known_near[i]),
                preservation(listed, shown),
            )
        )
        near_each.append(listed)
    files.write_neighbors(folder / files.PLACED_NEIGHBORS, {"activations": near_each})
    files.write_map(folder / files.PLACED, maps, fit, {**about, "placed_from": fit})


def _space(array: TraceArray, step: int, settings: Maps, fit: int) -> _StepSpace:
    pca = fit_features(array.blocks(step, fit), settings.components, fit)
    features = np.concatenate([pca.transform(block) for block in array.blocks(step, fit)])
    x = np.concatenate([vectors(block) for block in array.blocks(step, fit)]) if _fits(array, fit) else features
    k = max(settings.neighbors, settings.n_neighbors)
    return _StepSpace(pca, features, nearest(x, k, metric=settings.metric, search=settings.search))


def _searched(array: TraceArray, step: int, fit: int, space: _StepSpace) -> np.ndarray:
    """The vectors among which the neighbours of a step were searched."""
    return vectors(array[array.position(step), :fit]) if _fits(array, fit) else space.features


def _fits(array: TraceArray, samples: int) -> bool:
    return samples * int(np.prod(array.shape[2:])) * 4 <= SEARCHED_BYTES


def _about(layer: str, steps: tuple[int, ...], settings: Maps, fit: int) -> dict[str, Any]:
    return {
        "layer": layer,
        "steps": list(steps),
        "fit": fit,
        "engine": f"umap-learn {version('umap-learn')}",
        "settings": settings.model_dump(mode="json"),
    }
