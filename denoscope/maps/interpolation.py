"""Where new samples lie on a layout that was fitted without them."""

from __future__ import annotations

import numpy as np

from denoscope.maps.neighbors import Neighbors, nearest_among
from denoscope.maps.quality import preservation


def placed(near: Neighbors, layout: np.ndarray, n_neighbors: int, listed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``[m, 2]`` of new samples, and what share of their listed neighbours is nearest there, too ``[m]``.

    Args:
        near: neighbours of the new samples among the layout's samples.
        layout: ``[n, 2]``.
        n_neighbors: how many of them decide a position.
        listed: how many of them should be found again.
    """
    positions = place(near.first(n_neighbors), layout)
    return positions, preservation(near.first(listed), nearest_among(positions, layout, listed))


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
