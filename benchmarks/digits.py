"""The demo's model and settings, for contests that need a real run."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from denoscope.checkpoints.fetch import fetch
from denoscope.config import read_config
from denoscope.denoisers.protocol import Denoiser
from denoscope.denoisers.registry import loader
from denoscope.sampling.batch import run_batch
from denoscope.sampling.order import ShardOrder
from denoscope.settings.record import Record, RecordAttention
from denoscope.settings.run import Run
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

CPU = torch.device("cpu")
DEMO = Path(__file__).parents[1] / "config" / "config.yaml"


@cache
def demo() -> tuple[Run, Denoiser]:
    """The demo's run and its model."""
    run = read_config(DEMO).runs["digits"]
    with tempfile.TemporaryDirectory() as folder:
        fetch(run.model.checkpoint, Path(folder))
        return run, loader(run.model.family)(run.family_settings(), Path(folder), CPU, torch.float32)


def everything(run: Run, dtype: Literal["float16", "float32"] = "float16") -> Record:
    """Every layer that can be tapped, at every step, every attention map, and the raw states."""
    return Record(layers=tuple(run.model.layers()), attention=RecordAttention(layers=("*",)), dtype=dtype)


def an_order(samples: int, record: Record) -> ShardOrder:
    """The first samples of the demo, in one batch."""
    run, _ = demo()
    return ShardOrder(
        run="benchmark",
        family=run.model.family,
        settings=run.family_settings(),
        seed=run.seed,
        dtype=run.dtype,
        first=0,
        requests=[run.request(sample) for sample in range(samples)],
        batch=samples,
        steps=run.forward_steps(),
        record=record,
        layers=list(record.layers),
        attention_layers=list(run.model.attention_layers()),
    )


def record_shard(folder: Path, samples: int, record: Record) -> None:
    """Sample, record and merge one shard."""
    order, denoiser = an_order(samples, record), demo()[1]
    wanted = order.samples
    partial = Partial(folder.with_name(folder.name + ".partial"), "benchmark")
    with partial.batch([sample.id for sample in wanted]) as writer:
        run_batch(denoiser, wanted, samples, order, writer, CPU)
    rows = [{"sample": sample.id, "seed": sample.seed, **sample.request} for sample in wanted]
    layers = {"layers": order.layers, "attention_layers": order.attention_layers}
    merge(partial.batches(), rows, folder, {"run": "benchmark", **layers})
    partial.remove()


@torch.inference_mode()
def bare(samples: int) -> None:
    """Sample without recording anything."""
    run, denoiser = demo()
    for _ in denoiser.sample(an_order(samples, everything(run)).samples, Deaf()):
        pass


class Deaf:
    """A recorder that only counts."""

    def __init__(self) -> None:
        self.forwards = 0

    def forward(self, step: int, branch: str, time: float) -> AbstractContextManager[None]:
        """Count it."""
        self.forwards += 1
        return nullcontext()


class Temporary:
    """A folder that goes with the process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
