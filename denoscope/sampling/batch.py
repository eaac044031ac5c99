"""Runs one batch and writes every step of it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from denoscope.denoisers.protocol import Denoiser, Sample, Step
from denoscope.sampling.dtypes import DTYPES
from denoscope.sampling.offload import Offload
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.recorder import TapRecorder
from denoscope.sampling.reuse import Reuse
from denoscope.sampling.verify import fingerprint, verified
from denoscope.sampling.words import SampleWords, WordRecorder
from denoscope.settings.record import Record
from denoscope.trace import schema
from denoscope.trace.merge import SCALARS
from denoscope.trace.partial import BatchWriter


def run_batch(
    denoiser: Denoiser,
    batch: Sequence[Sample],
    padded: int,
    order: ShardOrder,
    writer: BatchWriter,
    device: torch.device,
    words: Sequence[SampleWords] | None = None,
) -> None:
    """Denoise ``batch``, padded to ``padded`` samples by repeating the last, and write what is recorded.

    The shard's first batch is made again without recording, where that is asked for. ``words`` are those of each
    sample, where the attention of words is recorded.
    """
    filled = [*batch, *[batch[-1]] * (padded - len(batch))]
    filled_words = [*words, *[words[-1]] * (padded - len(batch))] if words else None
    recorder = TapRecorder(
        denoiser.network,
        order,
        reused=denoiser.caches,
        words=WordRecorder(filled_words, order, device) if filled_words else None,
    )
    times, reuse = [], Reuse(len(batch)) if denoiser.caches else None
    verifying, seen = order.record.verify and batch[0].id == order.first, list[str]()
    with torch.inference_mode(), Offload(writer, device, real=len(batch)) as offload:
        for step in denoiser.sample(filled, recorder):
            times.append(step.time)
            if verifying:
                seen.append(fingerprint(step))
            evaluated = {**step.records, **recorder.take(step.index)}
            new = reuse.new_rows(step, evaluated) if reuse else evaluated
            offload.write(step.index, {**_states(denoiser, step, order.record), **new})
    outcome = denoiser.outcome(step)[: len(batch)]
    writer.notes.update(batch_size=padded, times=times, forwards=recorder.forwards, outcome=outcome)
    if reuse:
        writer.notes["cached"] = reuse.cached
    if verifying:
        writer.notes["verified"] = verified(denoiser, filled, seen)


def _states(denoiser: Denoiser, step: Step, record: Record) -> dict[str, Tensor]:
    """The state of a step: as pictures, as raw values, and as scalars."""
    found = dict(denoiser.previews(step))
    if record.states:
        integers = not step.state.is_floating_point()
        found[schema.STATES] = step.state.to(torch.int32 if integers else DTYPES[record.dtype])
    return found | {f"{SCALARS}{name}": value.float() for name, value in step.scalars.items()}
