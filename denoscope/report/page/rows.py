"""Arrays of the page of which each sample has a row of its own: some rows a block, so that a player opens only few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from denoscope.report.page.blocks import Blocks, Rank
from denoscope.trace.reader import TraceArray

BLOCK_BYTES = 2**20
"""A block holds at most so much before it is packed, but at least one row."""
READ_AT_ONCE = 16


def rows(content: Iterable[np.ndarray], blocks: Blocks, rank: Rank = Rank.DETAIL) -> dict[str, Any]:
    """Keep equally long rows, one a sample, ``per`` of them in every block but the last."""
    left = (np.ascontiguousarray(row).tobytes() for row in content)
    samples, per, names = 0, 1, []
    while part := list(islice(left, 1)):
        per = max(1, BLOCK_BYTES // len(part[0]))
        part += islice(left, per - 1)
        samples += len(part)
        names.append(blocks.add(b"".join(part), rank))
    return {"samples": samples, "per": per, "blocks": names}


def by_sample(array: TraceArray, samples: int, at_once: int = READ_AT_ONCE) -> Iterator[np.ndarray]:
    """What a trace holds of each of the first ``samples``: ``[step, …]``; it is read for some ``at_once``."""
    for start in range(0, samples, at_once):
        part = array[:, start : min(start + at_once, samples)]
        yield from part.swapaxes(0, 1)


def fitting(samples: int, row_bytes: int, budget: int) -> int:
    """How many of ``samples`` have their rows within ``budget`` bytes."""
    return min(samples, budget // row_bytes)
