"""Two measures of how well a map finds an object."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from denoscope.render.attention.maps import at, pixel_places


def upsampled(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Maps ``[…, h, w]`` resized to ``[…, *size]``, linear in their values, pixel centres at half positions."""
    rows, columns = _weights(maps.shape[-2], size[0]), _weights(maps.shape[-1], size[1])
    return np.asarray(rows @ maps.astype(np.float32) @ columns.T)


def upsampled_film(maps: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """Maps ``[…, f, h, w]`` resized to ``[…, *size]``; frames of maps meet those of the film at both ends."""
    # Resizing is linear in each axis, so frames are made while they are small.
    frames = np.moveaxis(maps, -3, 0)
    return upsampled(np.moveaxis(at(frames, np.linspace(0, len(frames) - 1, size[0])), 0, -3), size[1:])


def points_at(maps: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Whether the largest value of each map ``[…, H, W]`` lies in ``mask [H, W]``: ``[…]`` bool.

    The pointing game of Zhang et al. 2016 (arXiv:1608.00507), without tolerance around the object.
    """
    flat = maps.reshape(*maps.shape[:-2], -1)
    return np.asarray(mask.reshape(-1)[flat.argmax(axis=-1)])


def overlap(maps: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Intersection over union of a mask and what lies above the middle of each map's range.

    Args:
        maps: ``[…, H, W]``, or of films ``[…, F, H, W]``.
        mask: ``[H, W]`` or ``[F, H, W]``.

    Returns:
        ``[…]``.
    """
    flat = maps.reshape(*maps.shape[: -mask.ndim], -1)
    middle = (flat.max(axis=-1, keepdims=True) + flat.min(axis=-1, keepdims=True)) / 2
    above, inside = flat > middle, np.flatnonzero(mask)
    both = np.count_nonzero(above[..., inside], axis=-1)
    union = np.count_nonzero(above, axis=-1) + len(inside) - both
    return np.asarray(both / np.maximum(union, 1), dtype=np.float32)


@lru_cache(maxsize=64)
def _weights(given: int, wanted: int) -> np.ndarray:
    """Matrix ``[wanted, given]`` of linear interpolation."""
    low, high, part = pixel_places(given, wanted)
    found = np.zeros((wanted, given), dtype=np.float32)
    np.add.at(found, (np.arange(wanted), low), 1 - part[:, 0])
    np.add.at(found, (np.arange(wanted), high), part[:, 0])
    return found
