"""How many samples a run has, and how they are divided among jobs."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from denoscope.settings.base import Settings


class Samples(Settings):
    """Samples are numbered from 0; a shard is the fixed range of them that one job makes."""

    count: PositiveInt = Field(description="number of samples of the run")
    shard: PositiveInt = Field(100, description="samples of one job; a run grows by whole shards without remaking any")
    batch: PositiveInt = Field(50, description="samples of one forward pass; the last batch is padded to this size")
