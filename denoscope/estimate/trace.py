"""Bytes of a shard's files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from denoscope.estimate.stored import Stored
from denoscope.trace.schema import METADATA_KEY, VERSION
from denoscope.trace.tensorfile import Pieces, header_bytes

TIME = 0.1234567890123456
"""Stands for a step's time, which has as many digits."""
STEP_ROW, SAMPLE_ROW, FOOTER = 5, 25, 3000
"""Bytes of a row of the tables, compressed, and of a table's own description: measured, and only roughly so."""


@dataclass(frozen=True)
class Shard:
    """What a shard's trace says of itself, besides its tensors.

    Args:
        run: name of the run.
        states: steps, the last state included.
        size: samples of the shard.
        words: columns and grids, where the attention of words is recorded.
    """

    run: str
    states: int
    size: int
    words: Mapping[str, Any] = field(default_factory=dict)


def tensor_file_bytes(shard: Shard, tensors: Sequence[Stored]) -> int:
    """Size of a shard's ``tensors.safetensors``: its tensors to the byte, its header nearly so."""
    pieces = {
        tensor.name: Pieces(np.dtype(tensor.dtype), (len(tensor.steps), shard.size, *tensor.shape), list)
        for tensor in tensors
    }
    header = header_bytes(pieces, {METADATA_KEY: _info(shard, tensors)})
    return len(header) + sum(tensor.bytes(shard.size) for tensor in tensors)


def table_bytes(shard: Shard, tensors: Sequence[Stored], evaluations: int) -> int:
    """Size of a shard's two tables, roughly."""
    described = 2 * (len(_info(shard, tensors)) + FOOTER)
    return described + shard.size * (SAMPLE_ROW + STEP_ROW * (evaluations + 1))


def _info(shard: Shard, tensors: Sequence[Stored]) -> str:
    """What the trace says of itself."""

    def named(kind: str) -> list[str]:
        return [tensor.name.partition("/")[2] for tensor in tensors if tensor.kind == kind]

    info: dict[str, Any] = {
        "run": shard.run,
        "layers": named("activations"),
        "attention_layers": named("attention"),
        "token_layers": named("tokens"),
        "states": {"kind": "picture"},
        "version": VERSION,
        "first": 0,
        "size": shard.size,
        "times": [TIME] * shard.states,
        "tensors": {tensor.name: list(tensor.steps) for tensor in tensors},
        "sparse": [tensor.name for tensor in tensors if tensor.sparse],
    }
    if shard.words:
        info["words"] = dict(shard.words)
    return json.dumps(info, sort_keys=True)
