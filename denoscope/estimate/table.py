"""An estimate in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from denoscope.estimate.run import RunEstimate
from denoscope.estimate.stored import Stored

LISTED = ("previews", "text")
"""Kinds whose tensors are named one by one."""


def size(count: int) -> str:
    """Bytes in decimal units, with three digits."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    digits = 0 if unit == "B" or value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f} {unit}"


def lines(found: RunEstimate) -> Iterator[str]:
    """A run's estimate."""
    shards = _counted(found.shards, "shard")
    yield f"{found.name}: {_counted(found.samples, 'sample')} in {shards}, {found.batch} at once"
    yield from _indented("network", _network(found))
    yield from _indented("trace", _trace(found))
    yield from _indented("memory", _memory(found))
    for what, reason in found.unknown.items():
        yield f"  unknown    {what}: {reason}"


def total_lines(found: Sequence[RunEstimate]) -> Iterator[str]:
    """All runs together."""
    known = [run for run in found if run.evaluations]
    evaluations = sum(run.evaluations.samples for run in known if run.evaluations)
    trace = sum(run.disk.total for run in found)
    at_most = "at most " if any(run.reuses for run in found) else ""
    bound = "what is known: " if any(run.unknown for run in found) else at_most
    samples = _counted(sum(run.samples for run in found), "sample")
    yield f"in all: {samples}, {bound}{_counted(evaluations, 'evaluation')}, {bound}{size(trace)} of traces"


def _network(found: RunEstimate) -> Iterator[str]:
    if found.parameters is not None:
        yield f"{_counted(found.parameters, 'parameter')}, {found.dtype}"
    if not (counts := found.evaluations):
        return
    most = "at most " if found.reuses else ""
    passes = ", with and without the condition" if found.guided else ""
    steps = _counted(found.steps, "step")
    yield f"{most}{_counted(counts.sample, 'evaluation')} a sample ({steps}{passes}), {counts.samples:,} in all"
    proof = f", {counts.proving:,} of them to prove that recording changes nothing" if counts.proving else ""
    yield f"{most}{_counted(counts.calls, 'call')} of the network{proof}"


def _trace(found: RunEstimate) -> Iterator[str]:
    yield f"{'':38} {'of a step':>20} {'a step':>9} {'steps':>5} {'in all':>9}"
    for label, tensors in _groups(found.tensors):
        first, count = tensors[0], len(tensors)
        step = sum(tensor.step_bytes for tensor in tensors)
        whole = sum(tensor.bytes(found.samples) for tensor in tensors)
        yield f"{label:38} {_stored(first, count):>20} {size(step):>9} {len(first.steps):>5} {size(whole):>9}"
    if found.disk.tables:
        rest = found.disk.total - sum(tensor.bytes(found.samples) for tensor in found.tensors)
        yield f"{'tables and descriptions, roughly':38} {'':20} {'':9} {'':5} {size(rest):>9}"
    most = "at most " if any(tensor.sparse for tensor in found.tensors) else ""
    if {"states", "activations", "attention"} & found.unknown.keys():
        most = "what is known: "
    each = f"{most}{size(found.disk.sample_step)} a step of a sample"
    yield f"{each}, {most}{size(found.disk.total)} in all, and {size(found.disk.merging)} more while a shard is merged"


def _memory(found: RunEstimate) -> Iterator[str]:
    memory = found.memory
    network = "unknown" if memory.network is None else size(memory.network)
    companions = "unknown" if memory.companions is None else None
    told = [f"{size(count)} {name}" for name, count in (memory.companions or {}).items()]
    parts = [f"{network} weights", *told, f"{size(memory.queue)} of records that wait for the disk"]
    parts += [f"{companions} companions"] if companions else []
    host = "unknown" if memory.host is None else size(memory.host)
    yield f"processor: {host} ({', '.join(parts)})"
    device = "unknown" if memory.device is None else f"at most {size(memory.device)}"
    beside = "unknown" if memory.beside is None else f"at most {size(memory.beside)}"
    yield f"accelerator: {device} (all that is loaded, and {beside} for what is recorded)"
    yield "neither counts PyTorch itself nor the network's own activations"


def _groups(tensors: Sequence[Stored]) -> Iterator[tuple[str, list[Stored]]]:
    """Tensors of one kind and size, with what they are called together."""

    def alike(tensor: Stored) -> tuple[str, tuple[int, ...], str, int]:
        name = tensor.name if tensor.kind in LISTED else tensor.kind
        return name, tensor.shape, tensor.dtype, len(tensor.steps)

    for (name, *_), group in groupby(sorted(tensors, key=alike), key=alike):
        found = list(group)
        layers = "/" in found[0].name and found[0].kind not in LISTED
        yield (f"{name}, {_counted(len(found), 'layer')}" if layers else name), found


def _stored(tensor: Stored, count: int) -> str:
    shape = "×".join(map(str, tensor.shape)) or "1"
    return f"{f'{count} × ' if count > 1 else ''}{shape} {tensor.dtype}"


def _indented(heading: str, told: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(told):
        yield f"  {'' if number else heading:10} {line}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else noun + 's'}"
