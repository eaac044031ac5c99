"""The space in which a layer's samples are compared at one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from denoscope.maps.features import Features, fit_features, vectors
from denoscope.maps.neighbors import Neighbors, nearest
from denoscope.settings.maps import Maps
from denoscope.trace.reader import TraceArray

SEARCHED_BYTES = 2**30
"""Neighbours are searched among whole activations up to this size, beyond it among their principal components."""


@dataclass(frozen=True)
class StepSpace:
    """What is known of a layer at one step before it is laid out: ``features [n, c]``, neighbours of every sample."""

    pca: Features
    features: np.ndarray
    near: Neighbors


def step_space(array: TraceArray, step: int, settings: Maps, fit: int) -> StepSpace:
    """Features and neighbours of the first ``fit`` samples at a step."""
    if not fits(array, fit):
        pca = fit_features(array.blocks(step, fit), settings.components, fit)
        features = np.concatenate([pca.transform(block) for block in array.blocks(step, fit)])
        return _with_neighbors(pca, features, compared(pca, features, settings.metric), settings)
    blocks = [vectors(block) for block in array.blocks(step, fit)]  # small enough to be read once and kept
    pca = fit_features(blocks, settings.components, fit)
    features = np.concatenate([pca.transform(block) for block in blocks])
    return _with_neighbors(pca, features, np.concatenate(blocks), settings)


def known_space(
    array: TraceArray, step: int, settings: Maps, fit: int, pca: Features, features: np.ndarray
) -> StepSpace:
    """As ``step_space``, where the features are known: only neighbours are searched, as many as ``settings`` need."""
    return _with_neighbors(pca, features, searched(array, step, settings, fit, pca, features), settings)


def searched(array: TraceArray, step: int, settings: Maps, fit: int, pca: Features, features: np.ndarray) -> np.ndarray:
    """The vectors ``[fit, d]`` among which the neighbours of a step are searched."""
    if fits(array, fit):
        return vectors(array[array.position(step), :fit])
    return compared(pca, features, settings.metric)


def compared(pca: Features, features: np.ndarray, metric: Literal["euclidean", "cosine"]) -> np.ndarray:
    """Features as the metric needs them: distances are the same wherever they are counted from, angles are not."""
    return pca.about_origin(features) if metric == "cosine" else features


def fits(array: TraceArray, samples: int) -> bool:
    """Whether neighbours are searched among whole activations."""
    return samples * int(np.prod(array.shape[2:])) * 4 <= SEARCHED_BYTES


def listed_and_laid_out(settings: Maps) -> int:
    """How many neighbours are searched: enough for the list and for UMAP's graph."""
    return max(settings.neighbors, settings.n_neighbors)


def _with_neighbors(pca: Features, features: np.ndarray, x: np.ndarray, settings: Maps) -> StepSpace:
    near = nearest(x, listed_and_laid_out(settings), metric=settings.metric, search=settings.search)
    return StepSpace(pca, features, near)
