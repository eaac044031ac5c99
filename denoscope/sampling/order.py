"""What a shard is to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample
from denoscope.settings.record import Record


@dataclass(frozen=True)
class ShardOrder:
    """What decides a shard's bytes.

    ``family`` and ``settings`` choose the model and its sampler, ``requests`` has one entry a sample, ``first`` is the
    first sample's number, ``batch`` the samples of one forward pass, ``steps`` the number of steps with a forward.
    ``layers``, ``attention_layers`` and ``token_layers`` are those that the globs of ``record`` chose, by name. Where
    the attention of words is recorded, ``columns`` is the most words that a prompt of the run has, and ``grids`` has
    the query positions of every attention layer.
    """

    run: str
    family: str
    settings: Mapping[str, Any]
    seed: int
    dtype: str
    first: int
    requests: Sequence[Mapping[str, Any]]
    batch: int
    steps: int
    record: Record
    layers: Sequence[str]
    attention_layers: Sequence[str]
    token_layers: Sequence[str] = ()
    columns: int = 0
    grids: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def samples(self) -> list[Sample]:
        """The shard's samples with their seeds."""
        return [
            Sample(self.first + offset, sample_seed(self.seed, self.first + offset), request)
            for offset, request in enumerate(self.requests)
        ]
