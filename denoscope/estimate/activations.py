"""Shapes of recorded activations."""

from __future__ import annotations

from math import prod

from denoscope.estimate.limits import POOL_SIDE
from denoscope.settings.model import Shape


def reduced(shape: Shape, reduce: str) -> Shape:
    """What is stored of an output of ``shape``, without the batch: pictures have channels first, tokens last.

    Raises:
        ValueError: ``reduce`` is unknown.
    """
    tokens = len(shape) == 2
    match reduce:
        case "tokens":
            return shape
        case "flatten":
            return (prod(shape),)
        case _ if len(shape) == 1:
            return shape
        case "mean":
            return (shape[-1] if tokens else shape[0],)
        case "pool":
            return (POOL_SIDE**2, shape[1]) if tokens else (shape[0], *[POOL_SIDE] * (len(shape) - 1))
    raise ValueError(f"reduce is {reduce!r}")
