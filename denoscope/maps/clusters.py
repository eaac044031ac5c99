"""Clusters and outliers in activation space."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import HDBSCAN

from denoscope.maps.neighbors import Neighbors


def clusters(features: np.ndarray, min_cluster_size: int) -> np.ndarray:
    """HDBSCAN's cluster of every sample, largest cluster 0; -1 for a sample that belongs to none."""
    labels = HDBSCAN(min_cluster_size=min_cluster_size, copy=True).fit_predict(features)
    sizes = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(0, int)
    rank = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return np.where(labels >= 0, rank[labels] if len(rank) else -1, -1).astype(np.int32)


def outlier_scores(near: Neighbors, known: Neighbors) -> np.ndarray:
    """Local outlier factor of samples (Breunig et al. 2000): about 1 inside a cluster, larger outside.

    Args:
        near: their neighbours among the known samples.
        known: the known samples' own neighbours; the same object where the samples are the known ones.
    """
    return np.asarray(_density(known, known)[near.indices].mean(axis=1) / _density(near, known), dtype=np.float32)


def _density(near: Neighbors, known: Neighbors) -> np.ndarray:
    """Local reachability density."""
    reach = np.maximum(near.distances, known.distances[near.indices, -1])
    return np.asarray(1 / np.maximum(reach.mean(axis=1), 1e-10))
