"""Two-dimensional maps by UMAP, seeded and aligned over the denoising steps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from denoscope.maps.neighbors import Neighbors
from denoscope.settings.maps import Maps

FOLLOW_RATE = 0.1
"""Learning rate of a map that starts from its neighbour's layout. Measured over 18 steps of 500 samples: points move
0.03–0.05 of the map's width from step to step (0.25 for independent maps, 0.013–0.016 for umap's AlignedUMAP, which
takes 22 times as long) at the same trustworthiness."""


def aligned_maps(features: Sequence[np.ndarray], neighbors: Sequence[Neighbors], settings: Maps) -> np.ndarray:
    """A map per step, ``[step, n, 2]`` float32, on which a sample can be followed from step to step.

    The last step, where samples are most distinct, is laid out first; every earlier step starts from the layout of the
    step after it and moves only as far as its own neighbour graph asks.

    Args:
        features: ``[n, c]`` for every step.
        neighbors: at least ``n_neighbors`` nearest neighbours of every sample at every step, itself excluded.
        settings: UMAP's parameters and the seed.
    """
    maps: list[np.ndarray] = []
    for x, near in zip(reversed(features), reversed(neighbors), strict=True):
        maps.append(_umap(x, near, settings, maps[-1] if maps else None))
    return np.stack(maps[::-1])


def _umap(x: np.ndarray, near: Neighbors, settings: Maps, start: np.ndarray | None) -> np.ndarray:
    import umap  # imports numba: 2 s, and only the maps stage needs it

    reducer = umap.UMAP(
        n_neighbors=settings.n_neighbors,
        min_dist=settings.min_dist,
        metric=settings.metric,
        n_epochs=settings.epochs if start is None else max(1, settings.epochs // 2),
        learning_rate=1.0 if start is None else FOLLOW_RATE,
        init="spectral" if start is None else start,
        random_state=settings.seed,
        n_jobs=1,
        precomputed_knn=_with_self(near, settings.n_neighbors),
    )
    with warnings.catch_warnings():
        # UMAP notes that a precomputed graph cannot place new samples; placing has its own module here.
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        warnings.filterwarnings("ignore", message=".*Spectral initialisation failed.*")
        return np.asarray(reducer.fit_transform(x), dtype=np.float32)


def _with_self(near: Neighbors, k: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """UMAP's neighbour graph counts every point as its own first neighbour."""
    own = np.arange(len(near.indices), dtype=np.int32)[:, None]
    indices = np.hstack([own, near.indices[:, : k - 1]])
    distances = np.hstack([np.zeros_like(own, dtype=np.float32), near.distances[:, : k - 1]])
    return indices, distances, None


def place(near: Neighbors, layout: np.ndarray) -> np.ndarray:
    """Positions of new samples on an existing map: their neighbours' mean, weighted by nearness.

    The weight falls exponentially with the distance beyond the nearest neighbour's, in units of the mean excess. UMAP's
    local metric counts from the nearest neighbour, too, but chooses its unit so that the weights have a fixed sum.

    Args:
        near: neighbours of the new samples among the map's samples.
        layout: the map, ``[n, 2]``.
    """
    excess = near.distances - near.distances[:, :1]
    scale = np.maximum(excess.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    weights = np.exp(-excess / scale)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkd->nd", weights, layout[near.indices]), dtype=np.float32)
