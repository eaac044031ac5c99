"""Training data that comes with a dependency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Images:
    """Images ``[n, C, H, W]`` in [-1, 1] and their labels ``[n]``."""

    pixels: Tensor
    labels: Tensor

    def split(self, holdout: float, seed: int) -> tuple[Images, Images]:
        """A seeded choice of ``holdout`` of the images apart from the rest: (the rest, the choice)."""
        order = torch.from_numpy(np.random.default_rng(seed).permutation(len(self.labels)))
        apart = round(holdout * len(order))
        return self.at(order[apart:]), self.at(order[:apart])

    def at(self, index: Tensor) -> Images:
        """The images at ``index``."""
        return Images(self.pixels[index], self.labels[index])


def digits(size: int) -> Images:
    """The 1,797 handwritten digits of the UCI ML repository that scikit-learn ships (8×8), enlarged to ``size``."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels = torch.from_numpy(data.images).float()[:, None] / 8 - 1
    enlarged = F.interpolate(pixels, size=(size, size), mode="bicubic", align_corners=False).clamp(-1, 1)
    return Images(enlarged, torch.from_numpy(data.target).long())
