"""Places new samples of a run on a layer's map that was fitted without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from denoscope.maps import files
from denoscope.maps.clusters import outlier_scores
from denoscope.maps.features import Features, vectors
from denoscope.maps.interpolation import placed
from denoscope.maps.neighbors import Neighbors, nearest_among
from denoscope.maps.space import compared, fits, listed_and_laid_out
from denoscope.settings.maps import Maps
from denoscope.trace.reader import Trace, TraceArray


def place_samples(trace: Trace, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Place the samples from number ``fit`` on the maps in ``folder`` that were fitted on those before."""
    array = trace.activations(layer)
    fitted, about = files.read_fitted(folder)
    pcas, features = files.read_features(folder / files.FEATURES)
    known_near = files.read_neighbors(folder / files.NEIGHBORS, "activations")
    maps, near_each = [], []
    for i, step in enumerate(array.among(settings.steps)):
        near = _near(array, step, settings, fit, pcas[i], features[i])
        points = fitted[fitted["step"] == step].sort_values("sample")
        maps.append(_placed_map(step, near, known_near[i], points, settings))
        near_each.append(near.first(settings.neighbors))
    files.write_neighbors(folder / files.PLACED_NEIGHBORS, {"activations": near_each})
    files.write_map(folder / files.PLACED, maps, fit, {**about, "placed_from": fit})


def _near(array: TraceArray, step: int, settings: Maps, fit: int, pca: Features, features: np.ndarray) -> Neighbors:
    """Neighbours of the new samples among the fitted ones, in the space in which those were compared."""
    new = vectors(array[array.position(step), fit:])
    if fits(array, fit):
        known = vectors(array[array.position(step), :fit])
    else:
        known, new = (compared(pca, part, settings.metric) for part in (features, pca.transform(new)))
    return nearest_among(new, known, listed_and_laid_out(settings), metric=settings.metric, search=settings.search)


def _placed_map(
    step: int, near: Neighbors, known_near: Neighbors, points: pd.DataFrame, settings: Maps
) -> files.StepMap:
    """The new samples' rows at a step.

    Args:
        step: number of the step.
        near: the new samples' neighbours among the fitted ones.
        known_near: the fitted samples' own neighbours.
        points: the fitted samples' points at this step, in their order.
        settings: how many neighbours count for the position and for the lists.
    """
    layout = points[["x", "y"]].to_numpy(np.float32)
    positions, preserved = placed(near, layout, settings.n_neighbors, settings.neighbors)
    return files.StepMap(
        step,
        positions,
        preserved,
        points["cluster"].to_numpy(np.int32)[near.indices[:, 0]],
        outlier_scores(near.first(settings.neighbors), known_near),
    )
