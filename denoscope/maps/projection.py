"""Two-dimensional maps by UMAP, seeded and aligned over the denoising steps."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from denoscope.maps.neighbors import Neighbors
from denoscope.settings.maps import Maps

log = logging.getLogger(__name__)

COMPILED = (
    ("umap.umap_", "smooth_knn_dist"),
    ("umap.umap_", "compute_membership_strengths"),
    ("umap.layouts", "_nb_optimize_layout_euclidean_single_epoch"),
)
"""What a fit compiles and umap-learn does not keep: 7 s in every process that fits, 0.4 s where it is kept."""
FOLLOW_RATE = 0.1
"""Learning rate of a map that starts from its neighbour's layout. Measured over 18 steps of 500 samples: points move
0.03–0.05 of the map's width from step to step (0.25 for independent maps, 0.013–0.016 for umap's AlignedUMAP, which
takes 22 times as long) at the same trustworthiness."""


def aligned_maps(
    features: Sequence[np.ndarray], neighbors: Sequence[Neighbors], settings: Maps, start: np.ndarray | None = None
) -> np.ndarray:
    """A map per step, ``[step, n, 2]`` float32, on which a sample can be followed from step to step.

    The last step, where samples are most distinct, is laid out first; every earlier step starts from the layout of the
    step after it and moves only as far as its own neighbour graph asks.

    Args:
        features: ``[n, c]`` for every step.
        neighbors: at least ``n_neighbors`` nearest neighbours of every sample at every step, itself excluded.
        settings: UMAP's parameters and the seed.
        start: layout ``[n, 2]`` from which the last step sets out, as far as its graph asks; ``None`` is spectral.
    """
    maps: list[np.ndarray] = []
    for x, near in zip(reversed(features), reversed(neighbors), strict=True):
        maps.append(_umap(x, near, settings, maps[-1] if maps else start, follow=bool(maps)))
    return np.stack(maps[::-1])


def _umap(x: np.ndarray, near: Neighbors, settings: Maps, start: np.ndarray | None, *, follow: bool) -> np.ndarray:
    reducer = _umap_learn().UMAP(
        n_neighbors=settings.n_neighbors,
        min_dist=settings.min_dist,
        metric=settings.metric,
        n_epochs=max(1, settings.epochs // 2) if follow else settings.epochs,
        learning_rate=FOLLOW_RATE if follow else 1.0,
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


@cache
def _umap_learn() -> Any:
    """umap-learn, with what it compiles kept on disk for the next process."""
    import umap  # imports numba: 2 s, and only the maps stage needs it

    for module, name in COMPILED:
        # Private names: another umap-learn may lack one and then only takes longer.
        keep = getattr(getattr(import_module(module), name, None), "enable_caching", None)
        if keep:
            keep()
        else:
            log.warning("%s.%s is not there to be kept compiled: this umap-learn compiles it every time", module, name)
    return umap


def _with_self(near: Neighbors, k: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """UMAP's neighbour graph counts every point as its own first neighbour."""
    own = np.arange(len(near.indices), dtype=np.int32)[:, None]
    indices = np.hstack([own, near.indices[:, : k - 1]])
    distances = np.hstack([np.zeros_like(own, dtype=np.float32), near.distances[:, : k - 1]])
    return indices, distances, None
