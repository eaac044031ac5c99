"""The tensors that a run will write, from its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from denoscope.estimate.activations import reduced
from denoscope.estimate.attention import map_shape, word_tensors
from denoscope.estimate.stored import Stored
from denoscope.layers import chosen_layers
from denoscope.settings.base import chosen_steps
from denoscope.settings.model import AttentionShape
from denoscope.settings.run import Run
from denoscope.settings.sizes import UnknownSizeError
from denoscope.trace.schema import ACTIVATIONS, ATTENTION, FRESH, PREVIEWS, STATES, TOKENS, record_name

WHOLE = (STATES, PREVIEWS)
"""Names of tensors that have a row for every step, whatever evaluations are reused."""


def stored_tensors(run: Run) -> tuple[list[Stored], dict[str, str]]:
    """All tensors of a run's trace by name, and what is not known, with the reason."""
    found: list[Stored] = []
    unknown: dict[str, str] = {}
    for what, tensors in (("states", _states), ("activations", _activations), ("attention", _attention)):
        try:
            found += tensors(run)
        except UnknownSizeError as error:
            unknown[what] = str(error)
    return sorted(found, key=lambda tensor: tensor.name), unknown


def branches(run: Run) -> tuple[str, ...]:
    """The passes of guidance that are made and recorded."""
    try:
        guided = run.guided()
    except UnknownSizeError:
        guided = True
    return tuple(branch for branch in run.record.branches if guided or branch == "conditional")


def recorded_steps(run: Run) -> tuple[int, ...]:
    """Steps whose activations and attention are kept."""
    return chosen_steps(run.record.steps, run.forward_steps())


def attended(run: Run) -> dict[str, AttentionShape]:
    """The layers whose attention is recorded, to words or to positions."""
    asked = run.record.attention
    if asked is None:
        return {}
    shapes = run.word_layers() if asked.words else run.attention_shapes()
    return {layer: shapes[layer] for layer in chosen_layers(shapes, asked.layers)}


def _states(run: Run) -> Iterator[Stored]:
    steps = run.forward_steps()
    for name, tensor in run.step_tensors().items():
        own = tuple(range(steps if tensor.predicted else steps + 1))
        sparse = run.reuses() and not name.startswith(WHOLE)
        yield Stored(name, tensor.shape, tensor.dtype, own, sparse=sparse)
    if run.reuses():
        yield Stored(FRESH, (), "uint8", tuple(range(steps + 1)))


def _activations(run: Run) -> Iterator[Stored]:
    shapes, steps, record = run.layer_shapes(), recorded_steps(run), run.record
    kinds: Mapping[str, tuple[tuple[str, ...], str]] = {
        ACTIVATIONS: (record.layers, record.reduce),
        TOKENS: (record.tokens, "tokens"),
    }
    for kind, (globs, reduce) in kinds.items():
        for layer in chosen_layers(shapes, globs) if globs else ():
            for branch in branches(run):
                shape = reduced(shapes[layer], reduce)
                yield Stored(record_name(kind, layer, branch), shape, record.dtype, steps, sparse=run.reuses())


def _attention(run: Run) -> Iterator[Stored]:
    asked, layers = run.record.attention, attended(run)
    if asked is None:
        return
    steps, dtype = recorded_steps(run), run.record.dtype
    if asked.words:
        yield from word_tensors(layers, run.most_words(), asked, steps=steps, dtype=dtype, branches=branches(run))
        return
    for layer, shape in layers.items():
        for branch in branches(run):
            kept = map_shape(
                shape,
                len(asked.keys) if asked.keys else None,
                each_head=asked.heads == "each",
                each_query=not asked.averages_queries,
            )
            yield Stored(record_name(ATTENTION, layer, branch), kept, dtype, steps, sparse=run.reuses())
