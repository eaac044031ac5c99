"""Makes one shard: batch after batch, continuing where an earlier attempt was stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch

from denoscope.checkpoints.manifest import read_manifest
from denoscope.denoisers.protocol import Denoiser, Preparing, Prompted, Sample
from denoscope.denoisers.registry import loader
from denoscope.runtime.devices import a_device
from denoscope.runtime.files import write_json
from denoscope.runtime.locks import exclusive
from denoscope.runtime.memory import peak_device_bytes, peak_host_bytes
from denoscope.runtime.progress import Heartbeat
from denoscope.runtime.versions import versions
from denoscope.sampling.batch import run_batch
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.words import SampleWords, about_words, sample_words
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

log = logging.getLogger(__name__)
DECIDING = ("torch", "transformers", "diffusers", "tokenizers")
"""Packages that decide a sample's bytes."""


def make_shard(
    order: ShardOrder,
    key: Any,
    checkpoint: Path,
    folder: Path,
    *,
    others: Sequence[Path] = (),
    threads: int | None = None,
) -> None:
    """Sample a shard and write its trace and ``throughput.json`` into ``folder``.

    Args:
        order: what to make.
        key: plain builtins that decide the bytes, besides weights, device and PyTorch; batches of another key are
            discarded.
        checkpoint: folder with the weights.
        folder: where the shard's files go; ``<folder>.partial`` keeps finished batches until then.
        others: folders of what else is loaded, such as another UNet.
        threads: processor threads for the network; all by default.

    Raises:
        LockedError: another job makes this shard.
    """
    if threads:
        torch.set_num_threads(threads)
    name, growing = f"{order.run} {folder.name}", folder.with_name(folder.name + ".partial")
    with (
        a_device() as device,
        exclusive(growing / "lock", f"shard {name}"),
        Heartbeat(growing, name, len(order.requests)) as progress,
    ):
        partial = Partial(growing, _bytes_key(key, [checkpoint, *others], device))
        denoiser = loader(order.family)(order.settings, checkpoint, device, getattr(torch, order.dtype))
        words = _words(denoiser, order)
        started = time.perf_counter()
        made = _make_batches(denoiser, order, partial, progress, device, words)
        seconds = time.perf_counter() - started
        rows = [_row(sample, words) for sample in order.samples]
        merge(partial.batches(), rows, folder, _about(order, denoiser))
        _write_throughput(folder / "throughput.json", len(rows), made, seconds, device)
        partial.remove()


def _words(denoiser: Denoiser, order: ShardOrder) -> dict[int, SampleWords]:
    """The words of every sample by its number, where their attention is recorded: a word is missed before sampling."""
    asked = order.record.attention.words if order.record.attention else None
    if asked is None:
        return {}
    found = sample_words(cast("Prompted", denoiser), order.samples, asked)
    return {sample.id: words for sample, words in zip(order.samples, found, strict=True)}


def _row(sample: Sample, words: Mapping[int, SampleWords]) -> dict[str, Any]:
    """The sample's row of the sample table."""
    asked = {key: value for key, value in sample.request.items() if key != "marks"}
    return {"sample": sample.id, "seed": sample.seed, **asked, **(words[sample.id].row if words else {})}


def _about(order: ShardOrder, denoiser: Denoiser) -> dict[str, Any]:
    return {
        "run": order.run,
        "layers": list(order.layers),
        "attention_layers": list(order.attention_layers),
        "token_layers": list(order.token_layers),
        **({"words": about_words(order)} if order.columns else {}),
        "states": dict(denoiser.describes),
    }


def _bytes_key(key: Any, checkpoints: Sequence[Path], device: torch.device) -> dict[str, Any]:
    """Everything that decides a sample's bytes: a killed job may go on with other weights or on another machine."""
    weights = [read_manifest(checkpoint)["files"] for checkpoint in checkpoints]
    installed = versions()
    packages = {name: installed[name] for name in DECIDING if name in installed}
    return {"asked": key, "weights": weights, "device": device.type, "packages": packages}


def _make_batches(
    denoiser: Denoiser,
    order: ShardOrder,
    partial: Partial,
    progress: Heartbeat,
    device: torch.device,
    words: Mapping[int, SampleWords],
) -> int:
    """Make the samples that are missing, and return their number; the batch is halved where memory runs out."""
    done = partial.covered()
    progress.advance(len(done), fresh=False)
    missing = [sample for sample in order.samples if sample.id not in done]
    size = min([order.batch, *(batch.notes["batch_size"] for batch in partial.batches())])
    made = 0
    if missing and isinstance(denoiser, Preparing):
        denoiser.prepare(missing)
    while missing:
        batch = _first_batch(missing, size)
        if shortage := _make_batch(denoiser, batch, size, order, partial, device, words):
            half = (size + 1) // 2
            log.warning("out of memory with %d samples a batch (%s): going on with %d", size, shortage, half)
            size = half
            continue
        missing = missing[len(batch) :]
        made += len(batch)
        progress.advance(len(batch))
    return made


def _first_batch(samples: Sequence[Sample], size: int) -> list[Sample]:
    """The first samples that follow each other without a gap, at most ``size``."""
    first = samples[0].id
    return [sample for offset, sample in enumerate(samples[:size]) if sample.id == first + offset]


def _make_batch(
    denoiser: Denoiser,
    batch: list[Sample],
    padded: int,
    order: ShardOrder,
    partial: Partial,
    device: torch.device,
    words: Mapping[int, SampleWords],
) -> str | None:
    """Make a batch, padded so that every forward pass has the same shape; a lack of memory is returned as its message.

    Raises:
        RuntimeError: any other error, and a lack of memory for a single sample.
    """
    try:
        with partial.batch([sample.id for sample in batch]) as writer:
            here = [words[sample.id] for sample in batch] if words else None
            run_batch(denoiser, batch, padded, order, writer, device, here)
        return None
    except RuntimeError as error:
        if padded == 1 or not _is_out_of_memory(error):
            raise
        shortage = str(error).splitlines()[0]
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return shortage


def _write_throughput(path: Path, samples: int, made: int, seconds: float, device: torch.device) -> None:
    rate = round(made / seconds, 3) if made else None
    throughput = {
        "samples": samples,
        "samples_made_now": made,
        "seconds": round(seconds, 3),
        "samples_per_second": rate,
        "peak_host_bytes": peak_host_bytes(),
        "peak_device_bytes": peak_device_bytes(device),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    write_json(path, throughput)
    log.info("%d samples, %s samples/s, peak memory %.0f MB", made, rate, peak_host_bytes() / 1e6)


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
