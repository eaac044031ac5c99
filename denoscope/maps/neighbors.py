"""Nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import faiss
import numpy as np

EXACT_UP_TO = 50_000
MARGIN = 16
HELD_VALUES = 2**24


@dataclass(frozen=True)
class Neighbors:
    """For each query its nearest points, nearest first: ``indices [n, k]`` and ``distances [n, k]``."""

    indices: np.ndarray
    distances: np.ndarray

    def first(self, k: int) -> Neighbors:
        """The ``k`` nearest of them."""
        return Neighbors(self.indices[:, :k], self.distances[:, :k])


def nearest(
    points: np.ndarray,
    k: int,
    *,
    metric: Literal["euclidean", "cosine"] = "euclidean",
    search: Literal["auto", "exact", "hnsw"] = "auto",
) -> Neighbors:
    """The ``k`` nearest other points of every point ``[n, d]``.

    ``exact`` gives what brute force in float64 gives; ``hnsw`` is approximate; ``auto`` is exact up to 50,000 points.
    """
    found = nearest_among(points, points, k + 1, metric=metric, search=search)
    others = found.indices != np.arange(len(points))[:, None]
    others[others.all(axis=1), -1] = False  # a duplicate pushed the point itself out: drop the farthest instead
    return Neighbors(found.indices[others].reshape(-1, k), found.distances[others].reshape(-1, k))


def nearest_among(
    queries: np.ndarray,
    points: np.ndarray,
    k: int,
    *,
    metric: Literal["euclidean", "cosine"] = "euclidean",
    search: Literal["auto", "exact", "hnsw"] = "auto",
) -> Neighbors:
    """The ``k`` nearest of ``points [n, d]`` to every query ``[m, d]``; ties go to the lower index."""
    queries, points = _prepared(queries, points, metric)
    approximate = search == "hnsw" or (search == "auto" and len(points) > EXACT_UP_TO)
    candidates = min(len(points), k + MARGIN)
    index = _hnsw(points) if approximate else _flat(points)
    _, found = index.search(queries, candidates)
    return _ranked(queries, points, found, k, metric)


def _prepared(queries: np.ndarray, points: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors for the cosine distance; else centred, which keeps float32 distances of near points exact."""
    if metric == "cosine":
        return unit_vectors(queries), unit_vectors(points)
    centre = points.mean(axis=0, dtype=np.float64)
    return (queries - centre).astype(np.float32), (points - centre).astype(np.float32)


def unit_vectors(x: np.ndarray) -> np.ndarray:
    """Vectors ``[n, d]`` scaled to length 1, float32; between them euclidean and cosine distances rank alike."""
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(length > 0, length, 1), dtype=np.float32)


def _flat(points: np.ndarray) -> faiss.Index:
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(points)
    return index


def _hnsw(points: np.ndarray) -> faiss.Index:
    index = faiss.IndexHNSWFlat(points.shape[1], 32)
    index.hnsw.efConstruction, index.hnsw.efSearch = 200, 200
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # with several threads the graph depends on their timing
    index.add(points)
    faiss.omp_set_num_threads(threads)
    return index


def _ranked(queries: np.ndarray, points: np.ndarray, found: np.ndarray, k: int, metric: str) -> Neighbors:
    """The best ``k`` of the candidates by distances in float64; faiss ranks by float32 sums that cancel."""
    indices = np.sort(found, axis=1)
    distances = np.empty(indices.shape)
    step = max(1, HELD_VALUES // (indices.shape[1] * points.shape[1]))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        gap = queries[rows, None].astype(np.float64) - points[indices[rows]]
        distances[rows] = np.einsum("qkd,qkd->qk", gap, gap)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(distances, order, axis=1)
    # Between unit vectors the squared euclidean distance is twice the cosine distance.
    scaled = best / 2 if metric == "cosine" else np.sqrt(best)
    return Neighbors(np.take_along_axis(indices, order, axis=1).astype(np.int32), scaled.astype(np.float32))
