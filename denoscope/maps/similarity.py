"""Similarity of layers and steps: linear centred kernel alignment, debiased."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from denoscope.maps.features import vectors

BUDGET_BYTES = 2**30


def kernel_samples(available: int, representations: int) -> int:
    """How many samples the kernels of so many representations may have within 1 GiB."""
    return min(available, int((BUDGET_BYTES / 4 / max(1, representations)) ** 0.5))


def cka_matrix(representations: Iterable[np.ndarray]) -> np.ndarray:
    """Debiased linear CKA between all representations ``[n, …]`` of the same samples, ``[m, m]``.

    Kornblith et al. 2019 (arXiv:1905.00414) with the unbiased HSIC of Song et al. 2012 (JMLR 13), which is the inner
    product of U-centred kernels (Székely & Rizzo 2014). It is 0 in expectation for unrelated representations whatever
    their number of samples and may be slightly negative; NaN where a representation does not vary at all.
    """
    kernels = np.stack([_u_centred(vectors(x)).ravel() for x in representations])
    inner = kernels.astype(np.float32) @ kernels.astype(np.float32).T
    scale = np.sqrt(np.where(np.diag(inner) > 0, np.diag(inner), np.nan))
    return np.asarray(inner / scale[:, None] / scale, dtype=np.float32)


def _u_centred(x: np.ndarray) -> np.ndarray:
    """The linear kernel of ``x [n, d]`` with rows and columns centred as for the unbiased estimator; zero diagonal."""
    n, size = len(x), np.abs(x).max()
    x = x - x.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = np.linalg.norm(x) / n**0.5
    varies = spread > 1e-6 * size  # below that the differences are rounding
    kernel = (x / spread) @ (x / spread).T if varies else np.zeros((n, n), np.float32)
    np.fill_diagonal(kernel, 0)
    rows = kernel.sum(axis=1, dtype=np.float64) / (n - 2)
    centred = kernel - rows[:, None] - rows + rows.sum() / (n - 1)
    np.fill_diagonal(centred, 0)
    return np.asarray(centred, dtype=np.float32)
