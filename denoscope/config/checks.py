"""Combinations of settings that cannot work, whatever the family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from denoscope.layers import UnknownLayerError, chosen_layers
from denoscope.render.attention.colours import colour_table
from denoscope.settings.base import Steps
from denoscope.settings.maps import TokenMaps
from denoscope.settings.record import RecordAttention
from denoscope.settings.render import AttentionRender, PictureRender
from denoscope.settings.run import Key, Problem, Run

COLOURS = ("hot", "inferno", "viridis", "magma", "plasma", "cividis", "turbo", "jet", "gray")
"""Maps of matplotlib's that need not be looked up: it takes longer to load than a configuration to read."""
TOLD = 12
"""Words that a message lists, at most."""


def problems(run: Run) -> Iterator[Problem]:
    """Everything that is wrong with a run: the key below the run, and what to do."""
    try:
        layers = list(run.model.layers())
    except ValueError as error:
        yield ("model",), str(error)
        return
    own = list(run.problems())
    yield from own
    yield from _layers(("record", "layers"), layers, run.record.layers)
    if "conditional" not in run.record.branches:
        yield ("record", "branches"), "maps and report show the conditional pass: add 'conditional'"
    yield from _steps(("record", "steps"), run.record.steps, run.forward_steps(), "the sampler runs the network at")
    if run.record.attention:
        yield from _attention(run, run.record.attention, readable=not own)
    yield from _layers(("record", "tokens"), layers, run.record.tokens)
    if run.record.tokens and (shortage := run.no_single_tokens()):
        yield ("record", "tokens"), shortage
    if run.maps:
        yield from _maps(run, layers)
    if run.maps and run.maps.tokens:
        yield from _token_maps(run, run.maps.tokens)
    if isinstance(run.render, PictureRender) and run.render.attention:
        yield from _filmed(run, run.render.attention, readable=not own)
    asked = run.render.samples if "samples" in run.render.model_fields_set else "all"
    if asked != "all" and asked > run.samples.count:
        yield ("render", "samples"), f"the run has only {run.samples.count} samples: lower it, or say all"


def _maps(run: Run, layers: Sequence[str]) -> Iterator[Problem]:
    maps = run.maps
    assert maps is not None
    try:
        recorded = chosen_layers(layers, run.record.layers)
    except UnknownLayerError:
        return
    if not recorded:
        yield ("maps",), "maps need recorded activations: name layers in record.layers, or set maps: null"
        return
    yield from _layers(("maps", "layers"), recorded, maps.layers)
    steps = run.record.steps
    if steps == "all":
        yield from _steps(("maps", "steps"), maps.steps, run.forward_steps(), "activations are recorded at")
    elif maps.steps != "all" and not set(maps.steps) <= set(steps):
        yield ("maps", "steps"), f"activations are recorded only at steps {list(steps)}: choose among them"
    fitted = maps.fit or run.samples.count
    if fitted > run.samples.count:
        yield ("maps", "fit"), f"the run has only {run.samples.count} samples: lower it, or set null to fit on all"
    sizes = {
        "maps.n_neighbors": maps.n_neighbors,
        "maps.grid.n_neighbors": max(maps.grid.n_neighbors) if maps.grid else 0,
        "maps.neighbors": maps.neighbors,
        "maps.min_cluster_size": maps.min_cluster_size,
    }
    if wide := [name for name, size in sizes.items() if size >= fitted]:
        key: Key = ("maps", "fit") if maps.fit else ("samples", "count")
        yield (
            key,
            f"a map of {fitted} samples cannot have these neighbourhoods: {'fit on' if maps.fit else 'make'} at least "
            f"{max(sizes.values()) + 1} samples, or lower {' and '.join(wide)}",
        )


def _attention(run: Run, asked: RecordAttention, *, readable: bool) -> Iterator[Problem]:
    """What is wrong with recorded attention; prompts are looked into where they are ``readable``."""
    key: Key = ("record", "attention")
    if asked.words is None:
        yield from _layers((*key, "layers"), run.model.attention_layers(), asked.layers)
    elif known := list(run.word_layers()):
        yield from _layers((*key, "layers"), known, asked.layers)
        if readable and not run.most_words():
            yield (*key, "words"), "no prompt marks a word: write parentheses around one, or list the words here"
    else:
        yield (*key, "words"), "no layer of this model attends to the tokens of a prompt: record keys instead"


def _filmed(run: Run, asked: AttentionRender, *, readable: bool) -> Iterator[Problem]:
    """What is wrong with films of attention; prompts are looked into where they are ``readable``."""
    key: Key = ("render", "attention")
    yield from _colours((*key, "colormap"), asked.colormap)
    recorded = run.record.attention
    if recorded is None or recorded.words is None:
        yield key, "films of attention need the attention of words: set record.attention.words"
        return
    if readable and asked.words is not None:
        yield from _filmed_words((*key, "words"), asked.words, run.word_names())
    kept = "mean" if asked.layer is None else "layers"
    if kept not in recorded.keep:
        shown = "the mean over the layers" if kept == "mean" else "a layer"
        yield key, f"these films show {shown}, which record.attention.keep leaves out: add {kept}"
    if asked.layer is not None:
        try:
            known = chosen_layers(run.word_layers(), recorded.layers)
        except UnknownLayerError:
            return
        if asked.layer not in known:
            yield (*key, "layer"), f"'{asked.layer}' is not recorded; recorded are {', '.join(known[:5])} …"


def _filmed_words(key: Key, asked: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    for index, word in enumerate(asked):
        if word not in known:
            told = f"{', '.join(known[:TOLD])}{' …' if len(known) > TOLD else ''}" or "none"
            yield (*key, index), f"the attention of '{word}' is not recorded; recorded are {told}: choose among them"


def _colours(key: Key, name: str) -> Iterator[Problem]:
    if name in COLOURS:
        return
    try:
        colour_table(name)
    except ValueError as error:
        yield key, str(error)


def _token_maps(run: Run, tokens: TokenMaps) -> Iterator[Problem]:
    key: Key = ("maps", "tokens")
    if not run.record.tokens:
        yield key, "maps of single tokens need their activations: name layers in record.tokens"
    if tokens.samples > run.samples.count:
        yield (*key, "samples"), f"the run has only {run.samples.count} samples: lower it"
    steps = run.record.steps
    if steps == "all":
        yield from _steps((*key, "steps"), tokens.steps, run.forward_steps(), "activations are recorded at")
    elif tokens.steps != "all" and not set(tokens.steps) <= set(steps):
        yield (*key, "steps"), f"activations are recorded only at steps {list(steps)}: choose among them"


def _layers(key: Key, names: Sequence[str], globs: Sequence[str]) -> Iterator[Problem]:
    for index, glob in enumerate(globs):
        try:
            chosen_layers(names, glob)
        except UnknownLayerError as error:
            yield (*key, index), str(error)


def _steps(key: Key, steps: Steps, available: int, what: str) -> Iterator[Problem]:
    if steps == "all":
        return
    if not steps:
        yield key, "the list is empty: name at least one step, or say all"
    for index, step in enumerate(steps):
        if step >= available:
            yield (*key, index), f"step {step} is out of range: {what} steps 0 to {available - 1}"
