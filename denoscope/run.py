"""A finished run, opened for reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from denoscope.checkpoints.manifest import TOKENIZER
from denoscope.maps.files import MAP, NEIGHBORS, read_map, read_neighbors, read_setting
from denoscope.maps.neighbors import Neighbors
from denoscope.maps.tokens import token_frame
from denoscope.runtime.files import read_json
from denoscope.text.pieces import token_table
from denoscope.trace import schema
from denoscope.trace.index import RUN
from denoscope.trace.reader import Trace, TraceArray
from denoscope.trace.schema import TraceError
from denoscope.trace.words import WordMaps


class Run(Trace):
    """A run's tables as DataFrames, its arrays read lazily, and its maps.

    ``samples`` has a row a sample, ``steps`` a row a forward; ``times`` is the noise level of every step; ``layers``
    and ``attention_layers`` say what was recorded, ``activations(layer)`` and ``attention(layer)`` give it.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / RUN).exists():
            raise TraceError(f"{folder} is no finished run: it has no {RUN}; run the workflow, or open results/<run>")
        self.folder = folder
        self.info: dict[str, Any] = read_json(folder / RUN)
        super().__init__([folder / shard["folder"] for shard in self.info["shards"]])

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, {self.info['samples']} samples, {len(self.times)} steps)"

    @property
    def states(self) -> TraceArray:
        """Raw states ``[step, sample, …]``."""
        return self.tensor(schema.STATES)

    @property
    def previews(self) -> TraceArray:
        """Pictures of the states, uint8 ``[step, sample, H, W, C]``; films ``[step, sample, frames, H, W, C]``."""
        return self.tensor(schema.STATE_PREVIEWS)

    @property
    def predictions(self) -> TraceArray:
        """Pictures of the predicted clean data, or films of it: as :attr:`previews`."""
        return self.tensor(schema.X0_PREVIEWS)

    @property
    def words(self) -> WordMaps:
        """Attention of the words of the samples' prompts.

        Raises:
            KeyError: none was recorded.
        """
        return WordMaps(self)

    @property
    def mapped_layers(self) -> tuple[str, ...]:
        """Layers with a map, in the model's order."""
        return tuple(layer for layer in self.layers if (self._map_folder(layer) / MAP).exists())

    def map(self, layer: str, setting: str | None = None) -> pd.DataFrame:
        """A layer's map: ``sample, step, x, y, cluster, outlier, preservation, placed``.

        ``attrs`` of the frame say how it was made and how far to believe it (``trustworthiness`` per step).

        Args:
            layer: name of a mapped layer.
            setting: another setting of UMAP (``maps.grid``), such as ``n50-d0.1``; clusters and outlier scores, which
                do not depend on it, are then left out.

        Raises:
            KeyError: there is no such map; the message lists those that there are.
        """
        folder, samples = self._require_map(layer), int(self.info["samples"])
        frame, about = read_setting(folder, setting, samples) if setting else read_map(folder, samples)
        frame.attrs.update(about)
        return frame

    def neighbors(self, layer: str, space: str = "activations") -> dict[int, Neighbors]:
        """Nearest neighbours of every fitted sample by step, in ``activations`` or on the ``map``."""
        folder = self._require_map(layer)
        steps = read_map(folder)[1]["steps"]
        return dict(zip(steps, read_neighbors(folder / NEIGHBORS, space), strict=True))

    def tokens_of(self, texts: int) -> pd.DataFrame:
        """One row a token of the first ``texts``: ``sample, position, token, prompt, revealed``.

        Raises:
            ValueError: the run has no ``tokenizer.json``: it makes no texts.
        """
        return token_frame(self.states, texts, token_table(self.folder / TOKENIZER))

    def token_map(self, layer: str) -> pd.DataFrame:
        """A layer's map of single tokens: ``sample, position, token, prompt, revealed``, then as :meth:`map`.

        Raises:
            KeyError: there is no such map; the message lists those that there are.
        """
        folder = self.folder / "token_maps"
        if not (folder / layer / MAP).exists():
            there = [name for name in self.token_layers if (folder / name / MAP).exists()]
            raise KeyError(f"layer '{layer}' has no map of tokens; such a map have: {', '.join(there) or 'none'}")
        frame, about = read_map(folder / layer)
        points = self.tokens_of(int(about["fit"]) // self.states.shape[2])
        joined = points.join(frame.drop(columns="placed").set_index("sample"), how="right").reset_index(drop=True)
        joined.attrs.update(about)
        return joined

    def _map_folder(self, layer: str) -> Path:
        return self.folder / "maps" / layer

    def _require_map(self, layer: str) -> Path:
        if not (self._map_folder(layer) / MAP).exists():
            raise KeyError(f"layer '{layer}' has no map; mapped layers: {', '.join(self.mapped_layers) or 'none'}")
        return self._map_folder(layer)


def open_run(folder: str | Path) -> Run:
    """Open a run by its folder, for example ``results/digits``.

    Raises:
        TraceError: it is not finished, or a file of it is missing, damaged or foreign.
    """
    return Run(Path(folder))
