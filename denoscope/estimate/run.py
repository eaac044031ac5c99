"""Everything that a run will take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeVar

from denoscope.config import Config
from denoscope.estimate.memory import beside_the_model, queue_bytes
from denoscope.estimate.records import attended, stored_tensors
from denoscope.estimate.stored import Stored, heaviest_step
from denoscope.estimate.trace import Shard, table_bytes, tensor_file_bytes
from denoscope.layers import chosen_layers
from denoscope.settings.run import Run
from denoscope.settings.sizes import ITEMSIZE, UnknownSizeError

Known = TypeVar("Known")


@dataclass(frozen=True)
class Evaluations:
    """Network evaluations: of a sample, of all samples, and how often the network is called with a batch."""

    sample: int
    samples: int
    calls: int
    proving: int
    """Calls by which ``record.verify`` makes batches again; they are among ``calls``."""


@dataclass(frozen=True)
class Disk:
    """Bytes of a run's traces; ``merging`` is what the largest shard takes besides while its batches are merged."""

    sample_step: int
    tensors: int
    tables: int
    merging: int

    @property
    def total(self) -> int:
        """All that stays."""
        return self.tensors + self.tables


@dataclass(frozen=True)
class Memory:
    """Bytes of a job: the network, what is loaded with it, and what recording holds; None is unknown."""

    network: int | None
    companions: dict[str, int] | None
    queue: int
    beside: int | None

    @property
    def host(self) -> int | None:
        """The processor's: all that is loaded, and what waits for the disk."""
        if self.network is None or self.companions is None:
            return None
        return self.network + sum(self.companions.values()) + self.queue

    @property
    def device(self) -> int | None:
        """An accelerator's, at most: all that is loaded, and what is recorded; not the network's own activations."""
        if self.network is None or self.companions is None or self.beside is None:
            return None
        return self.network + sum(self.companions.values()) + self.beside


@dataclass(frozen=True)
class RunEstimate:
    """What a run takes. ``unknown`` says why something is missing, by its name."""

    name: str
    samples: int
    shards: int
    batch: int
    steps: int
    guided: bool | None
    reuses: bool
    parameters: int | None
    dtype: str
    evaluations: Evaluations | None
    tensors: list[Stored]
    disk: Disk
    memory: Memory
    unknown: dict[str, str] = field(default_factory=dict)


def estimate(config: Config) -> list[RunEstimate]:
    """Estimate every run of a configuration."""
    return [estimate_run(name, run) for name, run in config.runs.items()]


def estimate_run(name: str, run: Run) -> RunEstimate:
    """What ``run`` takes; nothing is downloaded, and no weights are read."""
    tensors, unknown = stored_tensors(run)
    parameters = _known(run.model.parameters, "parameters", unknown)
    companions = _known(run.companions, "companions", unknown)
    per_sample = _known(run.evaluations, "evaluations", unknown)
    return RunEstimate(
        name=name,
        samples=run.samples.count,
        shards=len(_sizes(run)),
        batch=run.samples.batch,
        steps=run.forward_steps(),
        guided=_known(run.guided, "evaluations", unknown),
        reuses=run.reuses(),
        parameters=parameters,
        dtype=run.dtype,
        evaluations=None if per_sample is None else _evaluations(run, per_sample),
        tensors=tensors,
        disk=_disk(name, run, tensors, per_sample or run.forward_steps()),
        memory=Memory(
            network=None if parameters is None else parameters * ITEMSIZE[run.dtype],
            companions=companions,
            queue=queue_bytes(tensors, min(run.samples.batch, max(_sizes(run)))),
            beside=None if {"attention", "states"} & unknown.keys() else _beside(run, tensors),
        ),
        unknown=unknown,
    )


def _known(function: Callable[[], Known], what: str, unknown: dict[str, str]) -> Known | None:
    """What ``function`` finds, or None with the reason among the ``unknown``."""
    try:
        return function()
    except UnknownSizeError as error:
        unknown[what] = str(error)
        return None


def _sizes(run: Run) -> list[int]:
    """Samples of every shard."""
    count, shard = run.samples.count, run.samples.shard
    return [min(shard, count - first) for first in range(0, count, shard)]


def _evaluations(run: Run, sample: int) -> Evaluations:
    batches = sum(-(-size // run.samples.batch) for size in _sizes(run))
    proving = len(_sizes(run)) * sample if run.record.verify else 0
    return Evaluations(sample, sample * run.samples.count, sample * batches + proving, proving)


def _disk(name: str, run: Run, tensors: list[Stored], evaluations: int) -> Disk:
    states, sizes = run.forward_steps() + 1, _sizes(run)
    shards = {size: Shard(name, states, size, _words(run)) for size in set(sizes)}
    files = {size: tensor_file_bytes(shard, tensors) for size, shard in shards.items()}
    tables = {size: table_bytes(shard, tensors, evaluations) for size, shard in shards.items()}
    return Disk(
        sample_step=heaviest_step(tensors),
        tensors=sum(files[size] for size in sizes),
        tables=sum(tables[size] for size in sizes),
        merging=max(files.values()),
    )


def _words(run: Run) -> dict[str, Any]:
    """What the trace says of its words."""
    asked = run.record.attention
    if not asked or not asked.words:
        return {}
    grids = {layer: list(asked.coarse(shape.grid)) for layer, shape in attended(run).items()}
    return {"columns": run.most_words(), "grids": grids, "mean_grid": max(grids.values(), key=prod)}


def _beside(run: Run, tensors: list[Stored]) -> int:
    asked, record = run.record.attention, run.record
    shapes = run.layer_shapes()
    layers = chosen_layers(shapes, record.layers) if record.layers and record.reduce == "pool" else ()
    return beside_the_model(
        tensors,
        run.samples.batch,
        attention=attended(run),
        asked=asked,
        words=run.most_words() if asked and asked.words else 0,
        pooled=[shapes[layer] for layer in layers],
    )
