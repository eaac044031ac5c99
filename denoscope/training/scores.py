"""Judges a digits model: does it draw the digit asked for, in how many ways, and does it copy?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC
from torch import Tensor

from denoscope.training.data import Images


def score_digits(samples: Tensor, labels: Tensor, real: Images, trained_on: Images) -> dict[str, float]:
    """Scores of samples ``[n, C, H, W]`` that were asked for ``labels``.

    Returns:
        ``classifier_accuracy`` of a support vector machine, trained on half of the real digits, on the other half;
        ``accuracy``: share of samples that it recognises as the digit asked for; ``diversity``: mean distance between
        samples of a class over that of real digits (1: as varied as reality, 0: one picture); ``novelty``: median
        distance from a sample to the nearest trained image over that from a real digit to its nearest other (near 0:
        copies).
    """
    x, y = _flat(real.pixels), real.labels.numpy()
    half, rest, half_labels, rest_labels = train_test_split(x, y, test_size=0.5, random_state=0, stratify=y)
    classifier = SVC(C=10).fit(half, half_labels)
    made, asked = _flat(samples.clamp(-1, 1)), labels.numpy()
    return {
        "classifier_accuracy": float(classifier.score(rest, rest_labels)),
        "accuracy": float((classifier.predict(made) == asked).mean()),
        "diversity": _spread(made, asked) / _spread(x, y),
        "novelty": _nearest(made, _flat(trained_on.pixels)) / _nearest_other(x),
    }


def _flat(pixels: Tensor) -> np.ndarray:
    return np.asarray(pixels.flatten(1).numpy(), dtype=np.float64)


def _spread(x: np.ndarray, labels: np.ndarray) -> float:
    """Mean distance between two images of a class, averaged over the classes."""
    return float(np.mean([pdist(x[labels == label]).mean() for label in np.unique(labels)]))


def _nearest(queries: np.ndarray, points: np.ndarray) -> float:
    return float(np.median(cdist(queries, points).min(axis=1)))


def _nearest_other(x: np.ndarray) -> float:
    distances: Any = cdist(x, x)
    np.fill_diagonal(distances, np.inf)
    return float(np.median(distances.min(axis=1)))
