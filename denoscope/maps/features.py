"""Principal components of a layer's activations, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import IncrementalPCA

BLOCK_ROWS = 1024


@dataclass(frozen=True)
class Features:
    """A linear map from activations ``[n, d]`` to features ``[n, c]``; ``explained`` is the share of variance kept."""

    mean: np.ndarray
    components: np.ndarray
    explained: float

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Features of activations, float32."""
        return np.asarray((vectors(x) - self.mean) @ self.components.T, dtype=np.float32)

    def about_origin(self, features: np.ndarray) -> np.ndarray:
        """Features ``[n, c]`` counted from the activations' origin instead of their mean, ``[n, c + 1]`` float32.

        Angles between activations are angles at the origin. The last column is what of the mean no component spans; it
        is the same for all samples, and without it their lengths would be too short.
        """
        inside = self.components @ self.mean
        outside = np.linalg.norm(self.mean - inside @ self.components)
        return np.column_stack([features + inside, np.full(len(features), outside)]).astype(np.float32)


def fit_features(blocks: Iterable[np.ndarray], components: int, samples: int) -> Features:
    """Fit PCA to activations that come in blocks; no more than two blocks are held at once.

    Up to one block the fit is exact. Beyond, it is incremental: from block to block only the leading ``components`` are
    carried on and the others are cut off, so the last components are slightly off those of all activations together.

    Args:
        blocks: activations ``[rows, …]``, altogether ``samples`` rows.
        components: principal components to keep, at most as many as rows or values.
        samples: number of rows.
    """
    pca: IncrementalPCA | None = None
    for block in _regrouped(map(vectors, blocks), max(BLOCK_ROWS, 2 * components)):
        pca = pca or IncrementalPCA(n_components=min(components, block.shape[1], samples))
        pca.partial_fit(block)
    assert pca is not None, "no activations were given"
    return Features(
        pca.mean_.astype(np.float32), pca.components_.astype(np.float32), float(pca.explained_variance_ratio_.sum())
    )


def vectors(x: np.ndarray) -> np.ndarray:
    """Activations ``[n, …]`` as float32 vectors ``[n, d]``: no copy where they are that already."""
    return x.reshape(len(x), math.prod(x.shape[1:])).astype(np.float32, copy=False)


def _regrouped(blocks: Iterable[np.ndarray], rows: int) -> Iterator[np.ndarray]:
    """Blocks of at least ``rows`` rows; a short rest is added to the last one."""
    waiting: list[np.ndarray] = []
    ready: np.ndarray | None = None
    for block in blocks:
        waiting.append(block)
        if sum(map(len, waiting)) >= rows:
            if ready is not None:
                yield ready
            ready, waiting = np.concatenate(waiting), []
    if ready is not None or waiting:
        yield np.concatenate([part for part in (ready, *waiting) if part is not None])
