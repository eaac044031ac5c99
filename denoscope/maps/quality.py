"""How far a map can be believed."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import trustworthiness

from denoscope.maps.neighbors import Neighbors

JUDGED = 4000


def map_trustworthiness(x: np.ndarray, layout: np.ndarray, k: int, metric: str, seed: int) -> float:
    """Trustworthiness (Venna & Kaski 2001) of a map at ``k`` neighbours.

    Its cost grows with the square of the samples, so beyond 4,000 it is judged on a seeded choice of as many.
    """
    if len(x) > JUDGED:
        chosen = np.sort(np.random.default_rng(seed).choice(len(x), JUDGED, replace=False))
        x, layout = x[chosen], layout[chosen]
    k = min(k, (len(x) - 1) // 2)
    return float(trustworthiness(x, layout, n_neighbors=k, metric=metric))


def preservation(in_activations: Neighbors, on_map: Neighbors) -> np.ndarray:
    """For every sample the share of its nearest neighbours in activation space that are also nearest on the map."""
    pairs = zip(in_activations.indices, on_map.indices, strict=True)
    k = in_activations.indices.shape[1]
    return np.array([len(np.intersect1d(true, shown)) / k for true, shown in pairs], dtype=np.float32)


def purity(near: Neighbors, labels: np.ndarray) -> np.ndarray:
    """For every sample the share of its neighbours that have its label, ``[n]``.

    Args:
        near: neighbours of every sample, by their numbers.
        labels: of every sample, ``[n]``.
    """
    return np.asarray((labels[near.indices] == labels[:, None]).mean(axis=1))


def chance_purity(labels: np.ndarray) -> float:
    """The purity that neighbours drawn at random would have: the sum of the squared shares of the labels.

    A sample is no neighbour of its own, which lowers the exact value by less than 1 / (n - 1).
    """
    _, counts = np.unique(labels, return_counts=True)
    return float(np.square(counts / len(labels)).sum())
