"""The jobs of a configuration: which shards, layers and pictures there are."""

from __future__ import annotations

from collections.abc import Iterable

from denoscope.config.model import Config
from denoscope.layers import chosen_layers
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.run import Run


class Jobs:
    """What a checked configuration asks for.

    Args:
        config: the configuration.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.runs: dict[str, Run] = dict(config.runs)

    def shards(self, run: str, samples: Iterable[int] | None = None) -> list[str]:
        """Names of a run's shards, or of those that hold ``samples``: each is named after its first sample."""
        shape = self.runs[run].samples
        wanted = range(shape.count) if samples is None else samples
        return [f"{first:06d}" for first in sorted({sample // shape.shard * shape.shard for sample in wanted})]

    def recorded(self, run: str) -> list[str]:
        """Layers whose activations a run records."""
        entry = self.runs[run]
        return list(chosen_layers(entry.model.layers(), entry.record.layers)) if entry.record.layers else []

    def mapped(self, run: str) -> list[str]:
        """Layers that get a map."""
        maps = self.runs[run].maps
        return list(chosen_layers(self.recorded(run), maps.layers)) if maps else []

    def fitted(self, run: str) -> int:
        """Number of samples that a run's maps are fitted on."""
        entry = self.runs[run]
        return (entry.maps.fit if entry.maps else None) or entry.samples.count

    def placed(self, run: str) -> bool:
        """Whether samples of a run are placed on maps that were fitted without them."""
        return self.fitted(run) < self.runs[run].samples.count

    def animated(self, run: str) -> range:
        """Samples that get an animation."""
        entry = self.runs[run]
        return range(entry.samples.count if entry.render.samples == "all" else entry.render.samples)

    def grid(self, run: str) -> dict[str, list[int]]:
        """Samples in the run's grid, by label."""
        entry = self.runs[run]
        rows: dict[str, list[int]] = {}
        for sample in range(entry.samples.count):
            name = str(entry.request(sample).get("class", ""))
            if name in rows or len(rows) < entry.render.rows:
                row = rows.setdefault(name, [])
                if len(row) < entry.render.columns:
                    row.append(sample)
        return rows

    def checkpoint(self, name: str) -> Checkpoint:
        """The checkpoint that runs call ``name``."""
        return next(run.model.checkpoint for run in self.runs.values() if run.model.checkpoint.name == name)
