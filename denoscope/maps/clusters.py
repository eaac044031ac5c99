"""Clusters and outliers in activation space."""

from __future__ import annotations

from typing import Literal

import numpy as np
from sklearn.cluster import HDBSCAN

from denoscope.maps.neighbors import Neighbors, unit_vectors


def clusters(
    features: np.ndarray, min_cluster_size: int, metric: Literal["euclidean", "cosine"] = "euclidean"
) -> np.ndarray:
    """HDBSCAN's cluster of every sample ``[n]``, largest cluster 0; -1 for a sample that belongs to none.

    Args:
        features: ``[n, c]``; for the cosine metric counted from the origin.
        min_cluster_size: samples that make a cluster.
        metric: with ``cosine`` the features are first scaled to unit length, so that clusters, too, are of directions.
    """
    points = unit_vectors(features) if metric == "cosine" else features
    labels = HDBSCAN(min_cluster_size=min_cluster_size, copy=True).fit_predict(points)
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
