"""The jobs of a configuration: which shards, layers and pictures there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from denoscope.config.model import Config
from denoscope.layers import chosen_layers
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.maps import Maps
from denoscope.settings.render import PictureRender
from denoscope.settings.run import Run


class Jobs:
    """What a checked configuration asks for.

    Args:
        config: the configuration.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.runs: dict[str, Run] = dict(config.runs)
        self._grids: dict[str, dict[str, list[int]]] = {}

    def shards(self, run: str, samples: Iterable[int] | None = None) -> list[str]:
        """Names of a run's shards, or of those that hold ``samples``: each is named after its first sample."""
        shape = self.runs[run].samples
        wanted = range(shape.count) if samples is None else samples
        return [f"{first:06d}" for first in sorted({sample // shape.shard * shape.shard for sample in wanted})]

    def recorded(self, run: str) -> list[str]:
        """Layers whose activations a run records."""
        entry = self.runs[run]
        return list(chosen_layers(entry.model.layers(), entry.record.layers)) if entry.record.layers else []

    def token_layers(self, run: str) -> list[str]:
        """Layers whose activations a run records of every token."""
        entry = self.runs[run]
        return list(chosen_layers(entry.model.layers(), entry.record.tokens)) if entry.record.tokens else []

    def attended(self, run: str) -> list[str]:
        """Layers whose attention a run records."""
        entry = self.runs[run]
        asked = entry.record.attention
        known = entry.word_layers() if asked and asked.words else entry.model.attention_layers()
        return list(chosen_layers(known, asked.layers)) if asked else []

    def filmed(self, run: str) -> bool:
        """Whether the attention of words gets films."""
        render = self.runs[run].render
        return isinstance(render, PictureRender) and render.attention is not None

    def columns(self, run: str) -> int:
        """The most words that a prompt of the run has, where their attention is recorded; else 0."""
        entry = self.runs[run]
        return entry.most_words() if self._records_words(run) else 0

    def grids(self, run: str) -> dict[str, list[int]]:
        """Query positions of the layers whose attention to words is recorded."""
        shapes = self.runs[run].word_layers() if self._records_words(run) else {}
        return {layer: list(shapes[layer].grid) for layer in (self.attended(run) if shapes else ())}

    def _records_words(self, run: str) -> bool:
        asked = self.runs[run].record.attention
        return bool(asked and asked.words)

    def mapped(self, run: str) -> list[str]:
        """Layers that get a map."""
        maps = self.runs[run].maps
        return list(chosen_layers(self.recorded(run), maps.layers)) if maps else []

    def token_mapped(self, run: str) -> list[str]:
        """Layers that get a map of single tokens."""
        maps = self.runs[run].maps
        return self.token_layers(run) if maps and maps.tokens else []

    def settings(self, run: str) -> dict[str, Maps]:
        """The settings of UMAP, by name, with which a run's maps are laid out besides their own."""
        maps = self.runs[run].maps
        return maps.others() if maps else {}

    def compared_texts(self) -> list[str]:
        """Runs of texts, where there are several to compare."""
        texts = [name for name, run in self.runs.items() if run.kind == "text"]
        return texts if len(texts) > 1 else []

    def fitted(self, run: str) -> int:
        """Number of samples that a run's maps are fitted on."""
        entry = self.runs[run]
        return (entry.maps.fit if entry.maps else None) or entry.samples.count

    def placed(self, run: str) -> bool:
        """Whether samples of a run are placed on maps that were fitted without them."""
        return self.fitted(run) < self.runs[run].samples.count

    def animated(self, run: str) -> range:
        """Samples that get an animation: no more than there are, where nobody says how many."""
        count, asked = self.runs[run].samples.count, self.runs[run].render.samples
        return range(count if asked == "all" else min(asked, count))

    def grid(self, run: str) -> dict[str, list[int]]:
        """Samples in the run's grid, a row per class or prompt, by its name; no two rows have the same."""
        if run not in self._grids:  # several jobs ask, and a label may have to be drawn for every sample
            self._grids[run] = _grid(self.runs[run])
        return self._grids[run]

    def checkpoint(self, name: str) -> Checkpoint:
        """The checkpoint that runs call ``name``."""
        found = (checkpoint for run in self.runs.values() for checkpoint in run.model.checkpoints())
        return next(checkpoint for checkpoint in found if checkpoint.name == name)


def _grid(run: Run) -> dict[str, list[int]]:
    """The first samples of the first classes or prompts. Classes are told apart by label: two may have one name."""
    render = run.render
    if not isinstance(render, PictureRender):
        return {}
    rows: dict[Any, list[int]] = {}
    names: dict[Any, str] = {}
    left = render.rows * render.columns
    for sample in range(run.samples.count):
        request = run.request(sample)
        name = str(request.get("class", request.get("prompt", "")))
        label = request.get("label", name)
        if label not in rows and len(rows) < render.rows:
            rows[label], names[label] = [], name
        if label in rows and len(rows[label]) < render.columns:
            rows[label].append(sample)
            left -= 1
        if not left:
            break
    shown = _distinct(names)
    return {shown[label]: row for label, row in rows.items()}


def _distinct(names: Mapping[Any, str]) -> dict[Any, str]:
    """Names by label, with the label added where labels share a name: ImageNet has two classes named crane."""
    found = dict(names)
    while shared := {name for name, count in Counter(found.values()).items() if count > 1}:
        found = {label: f"{name} ({label})" if name in shared else name for label, name in found.items()}
    return found
