"""What recording holds in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from denoscope.estimate.attention import FLOAT32, map_memory, word_memory
from denoscope.estimate.limits import QUEUED
from denoscope.estimate.stored import Stored, heaviest_step
from denoscope.settings.model import AttentionShape, Shape
from denoscope.settings.record import RecordAttention


def beside_the_model(
    tensors: Sequence[Stored],
    batch: int,
    *,
    attention: Mapping[str, AttentionShape],
    asked: RecordAttention | None,
    words: int,
    pooled: Iterable[Shape] = (),
) -> int:
    """Bytes on the accelerator, at most: records of several steps, and what the largest layer takes for a moment.

    A step's records stay until they are copied, and as many steps as may wait for the disk may wait for that; one more
    is being made, and the last is still known to the loop.

    Args:
        tensors: that are recorded.
        batch: samples that go through the network at once.
        attention: the layers whose attention is recorded.
        asked: what is kept of it.
        words: the most words of a prompt, where words are kept.
        pooled: outputs that are averaged in float32.
    """
    records = (QUEUED + 2) * batch * heaviest_step(tensors, held=True)
    moments = [batch * prod(shape) * FLOAT32 for shape in pooled]
    maps = 0
    if asked:
        each_head, each_query = asked.heads == "each", not asked.averages_queries
        for layer in attention.values():
            # Which columns make up the words only the tokenizer knows: at most all of them.
            columns = len(asked.keys) if asked.keys else layer.keys
            moments.append(map_memory(layer, columns, batch, each_head=each_head, each_query=each_query))
        maps = word_memory(attention, words, asked, batch) if words else 0
    return records + max(moments, default=0) + maps


def queue_bytes(tensors: Iterable[Stored], batch: int) -> int:
    """Bytes of the steps of a batch that wait for the disk in the processor's memory, and of the one being written."""
    return (QUEUED + 1) * batch * heaviest_step(tensors)
