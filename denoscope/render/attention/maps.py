"""Arithmetic of maps: their size, their steps in between, their scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from denoscope.render.attention.colours import COLOURS


def enlarged_map(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """A map ``[h, w]`` of any real type as float32 ``[height, width]``, bilinear between the centres of its cells."""
    columns = _along_rows(values.astype(np.float32).T, width).T
    return _along_rows(np.ascontiguousarray(columns), height)


def _along_rows(values: np.ndarray, size: int) -> np.ndarray:
    """More rows, or fewer; whole rows are copied, which is several times as fast as to gather single values."""
    lower, upper, part = pixel_places(len(values), size)
    found: np.ndarray = (
        values[upper] - values[lower]
    ) * part  # from the lower on: what is constant stays so to the last bit
    found += values[lower]
    return found


@lru_cache(64)
def pixel_places(cells: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel the cells before and behind its centre, and how far it is on the way, ``[size, 1]``."""
    place = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    lower = place.astype(np.intp)
    return lower, np.minimum(lower + 1, cells - 1), (place - lower).astype(np.float32)[:, None]


def between(values: np.ndarray, more: int) -> tuple[np.ndarray, np.ndarray]:
    """Put ``more`` maps between each two of ``[n, …]``, linear in their values.

    Returns:
        The maps, float32 ``[n + (n - 1) * more, …]``, and the place of each among the given ones, float.
    """
    places = np.arange((len(values) - 1) * (more + 1) + 1) / (more + 1)
    return at(values, places), places


def at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The maps ``[n, …]`` at ``places`` from 0 to n - 1, which need not be whole: linear in between."""
    values = values.astype(np.float32)
    lower = np.floor(places).astype(np.intp)
    part = (places - lower).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    upper = np.minimum(lower + 1, len(values) - 1)
    return np.asarray(values[lower] + (values[upper] - values[lower]) * part)


@dataclass(frozen=True)
class Scale:
    """Values of the first and the last colour."""

    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Scale:
        """From the smallest value to the largest; of values that are all one, that one is in the middle."""
        low, high = float(values.min()), float(values.max())
        if low < high:
            return cls(low, high)
        return cls(0.0, 2 * high) if high > 0 else cls(0.0, 1.0)

    def colours(self, values: np.ndarray) -> np.ndarray:
        """Numbers of colours, uint8, for float32 values: equal parts of the scale, and its ends beyond it."""
        found = values - np.float32(self.low)  # exact where values are close to it
        found *= np.float32(COLOURS / (self.high - self.low))
        return np.clip(found, 0, COLOURS - 1, out=found).astype(np.uint8)

    def share(self, value: float) -> float:
        """How far a value is on the way from low to high."""
        return (value - self.low) / (self.high - self.low)
