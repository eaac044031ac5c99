"""Makes one shard: batch after batch, continuing where an earlier attempt was stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Denoiser, Sample
from denoscope.denoisers.registry import loader
from denoscope.runtime.devices import a_device
from denoscope.runtime.files import write_json
from denoscope.runtime.memory import peak_device_bytes, peak_host_bytes
from denoscope.runtime.progress import Heartbeat
from denoscope.runtime.versions import versions
from denoscope.sampling.batch import run_batch
from denoscope.settings.record import Record
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ShardOrder:
    """What decides a shard's bytes.

    ``family`` and ``settings`` choose the model and its sampler, ``requests`` has one entry a sample, ``first`` is the
    first sample's number, ``batch`` the samples of one forward pass, ``steps`` the number of steps with a forward.
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

    @property
    def samples(self) -> list[Sample]:
        """The shard's samples with their seeds."""
        return [
            Sample(self.first + offset, sample_seed(self.seed, self.first + offset), request)
            for offset, request in enumerate(self.requests)
        ]


def make_shard(order: ShardOrder, key: Any, checkpoint: Path, folder: Path, *, threads: int | None = None) -> None:
    """Sample a shard and write its trace and ``throughput.json`` into ``folder``.

    Args:
        order: what to make.
        key: plain builtins that decide the bytes; finished batches of another key are discarded.
        checkpoint: folder with the weights.
        folder: where the shard's files go; ``<folder>.partial`` keeps finished batches until then.
        threads: processor threads for the network; all by default.
    """
    if threads:
        torch.set_num_threads(threads)
    partial = Partial(folder.with_name(folder.name + ".partial"), key)
    with a_device() as device, Heartbeat(partial.folder, f"{order.run} {folder.name}", len(order.requests)) as progress:
        denoiser = loader(order.family)(order.settings, checkpoint, device, getattr(torch, order.dtype))
        done = partial.covered()
        progress.advance(len(done), fresh=False)
        started, made = time.perf_counter(), 0
        todo = [sample for sample in order.samples if sample.id not in done]
        for batch, padded in _batches(todo, order.batch):
            made += _make_batch(denoiser, batch, padded, order, partial, device)
            progress.advance(len(batch))
        seconds = time.perf_counter() - started
    rows = [{"sample": sample.id, "seed": sample.seed, **sample.request} for sample in order.samples]
    about = {"run": order.run, "layers": list(order.layers), "attention_layers": list(order.attention_layers)}
    merge(partial.batches(), rows, folder, about)
    throughput = {
        "samples": len(rows),
        "samples_made_now": made,
        "seconds": round(seconds, 3),
        "samples_per_second": round(made / seconds, 3) if made else None,
        "peak_host_bytes": peak_host_bytes(),
        "peak_device_bytes": peak_device_bytes(device),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    write_json(folder / "throughput.json", throughput)
    log.info(
        "%d samples, %s samples/s, peak memory %.0f MB", made, throughput["samples_per_second"], peak_host_bytes() / 1e6
    )
    partial.remove()


def _batches(samples: Sequence[Sample], size: int) -> Iterator[tuple[list[Sample], int]]:
    """Batches and the size to which each is padded, so that every forward pass has the same shape."""
    for start in range(0, len(samples), size):
        yield list(samples[start : start + size]), size


def _make_batch(
    denoiser: Denoiser, batch: list[Sample], padded: int, order: ShardOrder, partial: Partial, device: torch.device
) -> int:
    """Make a batch; when memory runs out, make it in two halves of half the padded size, and say so."""
    try:
        with partial.batch([sample.id for sample in batch]) as writer:
            run_batch(denoiser, batch, padded, order.record, order.steps, writer, device)
        return len(batch)
    except RuntimeError as error:
        if padded == 1 or not _is_out_of_memory(error):
            raise
        reason = str(error).splitlines()[0]
    half = (padded + 1) // 2
    log.warning("out of memory with %d samples a batch (%s): going on with %d", padded, reason, half)
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return sum(_make_batch(denoiser, part, size, order, partial, device) for part, size in _batches(batch, half))


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
