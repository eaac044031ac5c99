"""Colours of maps: tables of 256, made once."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

import numpy as np

COLOURS = 256


@lru_cache
def colour_table(name: str) -> np.ndarray:
    """The colours of a map of matplotlib's, uint8 ``[256, 3]``, from the smallest value to the largest.

    Raises:
        ValueError: matplotlib has no map of this name; the message lists similar ones.
    """
    from matplotlib import colormaps  # not needed by films that other modules draw

    if name not in colormaps:
        near = get_close_matches(name, colormaps, n=5, cutoff=0.5) or ["hot", "inferno", "viridis", "magma", "turbo"]
        raise ValueError(f"colormap {name!r} is unknown to matplotlib; give for example {', '.join(near)}")
    table = np.ascontiguousarray(colormaps[name](np.linspace(0, 1, COLOURS), bytes=True)[:, :3])
    table.setflags(write=False)
    return table


def shares_of_two(table: np.ndarray, picture: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """What colours and a picture give to their mixture, so that uint8 sums are it but for 1.5 levels.

    Args:
        table: uint8 ``[256, 3]``.
        picture: uint8 ``[H, W, 3]``.
        alpha: 0 leaves the picture as it is, 1 covers it.
    """
    # Rounded in opposite directions no sum exceeds 255, and at 0 and 1 nothing is rounded.
    below = np.floor(picture * np.float32(1 - alpha)).astype(np.uint8)
    return np.round(table * np.float32(alpha)).astype(np.uint8), below
