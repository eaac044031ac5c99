"""Maps one layer of a run: features, neighbours, projection, clusters, and how far to believe them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.maps import files
from denoscope.maps.clusters import clusters, outlier_scores
from denoscope.maps.neighbors import Neighbors, nearest
from denoscope.maps.projection import aligned_maps
from denoscope.maps.quality import map_trustworthiness, preservation
from denoscope.maps.space import StepSpace, compared, fits, searched, step_space
from denoscope.settings.maps import Maps
from denoscope.trace.reader import Trace, TraceArray

log = logging.getLogger(__name__)


def map_layer(trace: Trace, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Fit the maps of ``layer`` at all chosen steps on the first ``fit`` samples and write them into ``folder``.

    Samples that were placed on an older map there are removed with it.
    """
    array = trace.activations(layer)
    steps = array.among(settings.steps)
    spaces = [step_space(array, step, settings, fit) for step in steps]
    log.info("%s: features and neighbours of %d samples at %d steps", layer, fit, len(steps))
    layouts = aligned_maps([s.features for s in spaces], [s.near for s in spaces], settings)
    log.info("%s: laid out", layer)
    on_map = [nearest(layout, settings.neighbors, search=settings.search) for layout in layouts]
    maps = [
        _step_map(step, space, layout, shown, settings)
        for step, space, layout, shown in zip(steps, spaces, layouts, on_map, strict=True)
    ]
    about = {**_about(layer, array, spaces, settings, fit), **_belief(array, spaces, maps, settings, fit)}
    listed = [space.near.first(settings.neighbors) for space in spaces]
    files.remove_placed(folder)
    files.write_features(folder / files.FEATURES, [s.pca for s in spaces], [s.features for s in spaces])
    files.write_neighbors(folder / files.NEIGHBORS, {"activations": listed, "map": on_map})
    files.write_map(folder / files.MAP, maps, 0, about)


def _step_map(step: int, space: StepSpace, layout: np.ndarray, on_map: Neighbors, settings: Maps) -> files.StepMap:
    listed = space.near.first(settings.neighbors)
    points = compared(space.pca, space.features, settings.metric)
    return files.StepMap(
        step,
        layout,
        clusters(points, settings.min_cluster_size, settings.metric),
        outlier_scores(listed, listed),
        preservation(listed, on_map),
    )


def _about(layer: str, array: TraceArray, spaces: Sequence[StepSpace], settings: Maps, fit: int) -> dict[str, Any]:
    """What the map is of, and how it was made."""
    components = spaces[0].features.shape[1]
    return {
        "layer": layer,
        "steps": list(array.among(settings.steps)),
        "fit": fit,
        "engine": f"umap-learn {version('umap-learn')}",
        "settings": settings.model_dump(mode="json"),
        "searched": "activations" if fits(array, fit) else f"{components} principal components",
    }


def _belief(
    array: TraceArray, spaces: Sequence[StepSpace], maps: Sequence[files.StepMap], settings: Maps, fit: int
) -> dict[str, Any]:
    """How far to believe the map at each step."""
    # Activations are read once more for this: those of all steps together may not fit into memory.
    trust = [
        map_trustworthiness(
            searched(array, m.step, fit, space, settings),
            m.layout,
            settings.n_neighbors,
            settings.metric,
            settings.seed,
        )
        for m, space in zip(maps, spaces, strict=True)
    ]
    return {
        "explained_variance": [round(space.pca.explained, 6) for space in spaces],
        "trustworthiness": [round(value, 6) for value in trust],
        "preservation": [round(float(m.preservation.mean()), 6) for m in maps],
    }
