"""Maps one layer of a run: features, neighbours, projection, clusters, and how far to believe them."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from denoscope.maps import files
from denoscope.maps.about import about_layouts
from denoscope.maps.clusters import clusters, outlier_scores
from denoscope.maps.neighbors import Neighbors, nearest
from denoscope.maps.projection import aligned_maps
from denoscope.maps.quality import preservation
from denoscope.maps.space import StepSpace, compared, step_space
from denoscope.settings.maps import Maps
from denoscope.trace.reader import TraceArray

log = logging.getLogger(__name__)


def map_layer(array: TraceArray, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Fit the maps of ``layer`` at all chosen steps on the first ``fit`` rows of ``array``; write them into ``folder``.

    Samples that were placed on an older map there are removed with it, and its other settings.
    """
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
    explained = [round(space.pca.explained, 6) for space in spaces]
    about = about_layouts(array, layer, settings, fit, spaces, maps, settings.n_neighbors)
    listed = [space.near.first(settings.neighbors) for space in spaces]
    files.remove_dependent(folder)
    files.write_features(folder / files.FEATURES, [s.pca for s in spaces], [s.features for s in spaces])
    files.write_neighbors(folder / files.NEIGHBORS, {"activations": listed, "map": on_map})
    files.write_map(folder / files.MAP, maps, 0, {**about, "explained_variance": explained})


def _step_map(step: int, space: StepSpace, layout: np.ndarray, on_map: Neighbors, settings: Maps) -> files.StepMap:
    listed = space.near.first(settings.neighbors)
    points = compared(space.pca, space.features, settings.metric)
    return files.StepMap(
        step,
        layout,
        preservation(listed, on_map),
        clusters(points, settings.min_cluster_size, settings.metric),
        outlier_scores(listed, listed),
    )
