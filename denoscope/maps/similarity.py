"""Similarity of layers and steps: linear centred kernel alignment, debiased."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from denoscope.maps.features import vectors

BUDGET_BYTES = 2**30
BLOCK_ROWS = 256


def kernel_samples(available: int, representations: int) -> int:
    """How many samples the kernels of so many representations may have: all kernels together are 1 GiB at most.

    Beside them there are at any time one kernel that is being made and up to three copies of its representation, so the
    whole stays below 2 GiB and those copies.
    """
    return min(available, int((BUDGET_BYTES / 4 / max(1, representations)) ** 0.5))


def cka_matrix(representations: Iterable[np.ndarray], count: int) -> np.ndarray:
    """Debiased linear CKA between all representations ``[n, …]`` of the same samples, ``[m, m]``.

    Kornblith et al. 2019 (arXiv:1905.00414) with the unbiased HSIC of Song et al. 2012 (JMLR 13), which is the inner
    product of U-centred kernels (Székely & Rizzo 2014). It is 0 in expectation for unrelated representations whatever
    their number of samples and may be slightly negative; NaN where a representation does not vary at all.

    Args:
        representations: may be made one by one; only their kernels ``[n, n]`` are kept.
        count: how many there are.
    """
    kernels = _kernels(representations, count)
    inner = kernels @ kernels.T
    scale = np.sqrt(np.where(np.diag(inner) > 0, np.diag(inner), np.nan))
    return np.asarray(inner / scale[:, None] / scale, dtype=np.float32)


def _kernels(representations: Iterable[np.ndarray], count: int) -> np.ndarray:
    """A row a kernel, ``[count, n²]`` float32, in memory that is asked for once: stacked they would be there twice."""
    kernels = np.empty((count, 0), dtype=np.float32)
    for index, x in enumerate(representations):
        if index == 0:
            kernels = np.empty((count, len(x) ** 2), dtype=np.float32)
        kernels[index] = _u_centred(vectors(x)).ravel()
    return kernels


def _u_centred(x: np.ndarray) -> np.ndarray:
    """The linear kernel of ``x [n, d]`` with rows and columns centred as for the unbiased estimator; zero diagonal."""
    n, size = len(x), max(x.max(), -x.min())
    x = x - x.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = np.linalg.norm(x) / n**0.5
    varies = spread > 1e-6 * size  # below that the differences are rounding
    if not varies:
        return np.zeros((n, n), np.float32)
    x /= spread
    kernel: np.ndarray = x @ x.T
    np.fill_diagonal(kernel, 0)
    rows = kernel.sum(axis=1, dtype=np.float64) / (n - 2)
    for start in range(0, n, BLOCK_ROWS):  # in float64, but never all of it
        block = slice(start, start + BLOCK_ROWS)
        kernel[block] = kernel[block] - rows[block, None] - rows + rows.sum() / (n - 1)
    np.fill_diagonal(kernel, 0)
    return kernel
