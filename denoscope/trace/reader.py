"""Reads a run's shards as one trace, lazily."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError, safe_open

from denoscope.trace import schema
from denoscope.trace.schema import TraceError


class Shard:
    """One shard on disk.

    Raises:
        TraceError: a file is missing, damaged or no trace; the message names it and says how to make it again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / schema.TENSORS
        self.info = _trace_info(path, _tensor_metadata(path))

    def table(self, name: str) -> pa.Table:
        """The shard's sample table or step table."""
        path = self.folder / name
        try:
            table = pq.read_table(path)
        except FileNotFoundError:
            raise TraceError(f"{path} is missing; {_remedy(path)}") from None
        except (pa.ArrowInvalid, OSError) as error:
            raise TraceError(f"{path} is damaged ({error}); {_remedy(path)}") from error
        _trace_info(path, {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()})
        return table

    def read(self, name: str, steps: slice, rows: slice, *inside: slice) -> np.ndarray:
        """Part of a tensor ``[step, sample, …]``; one step is one contiguous read. ``inside`` are of further axes."""
        stored = _open(self.folder / schema.TENSORS).get_slice(name)
        if name not in self.info.get("sparse", ()):
            return np.asarray(stored[(steps, rows, *inside)])
        assert not inside, f"{name} is sparse and read whole"
        places = self._places(name)[steps, rows]
        if not places.size:
            return np.empty((*places.shape, *stored.get_shape()[1:]), dtype=np.asarray(stored[0:0]).dtype)
        first = int(places.min())
        return np.asarray(np.asarray(stored[first : int(places.max()) + 1])[places - first])

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a tensor."""
        shape = tuple(_open(self.folder / schema.TENSORS).get_slice(name).get_shape())
        sparse = name in self.info.get("sparse", ())
        return (len(self.info["tensors"][name]), self.info["size"], *shape[1:]) if sparse else shape

    def _places(self, name: str) -> np.ndarray:
        """For each step that has ``name`` and each sample, the row of the stored tensor: ``[step, sample]``.

        A sample has a row at a step if it was evaluated since the step before; else the row before serves again.
        """
        fresh = np.asarray(_open(self.folder / schema.TENSORS).get_tensor(schema.FRESH)).astype(bool)
        ends = [step + 1 for step in self.info["tensors"][name]]
        stored = np.stack([fresh[a:b].any(axis=0) for a, b in zip([0, *ends[:-1]], ends, strict=True)])
        numbers = (np.cumsum(stored) - 1).reshape(stored.shape)
        return np.asarray(np.maximum.accumulate(np.where(stored, numbers, -1), axis=0))


class TraceArray:
    """A tensor of all shards, read when it is indexed: ``array[step]``, ``array[step, samples]``, ``array[:, sample]``.

    The first axis counts the steps that have it (``steps`` gives their numbers), the second the samples.
    """

    _inside: tuple[slice, ...] = ()

    def __init__(self, name: str, shards: Sequence[Shard]) -> None:
        self.name, self._shards = name, shards
        shapes = [shard.shape(name) for shard in shards]
        self.steps: tuple[int, ...] = tuple(shards[0].info["tensors"][name])
        self._sizes = [shape[1] for shape in shapes]
        self._row = shapes[0][2:]
        self.shape: tuple[int, ...] = (shapes[0][0], sum(self._sizes), *self._row)
        self.dtype = shards[0].read(name, slice(0, 0), slice(0, 0)).dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"TraceArray({self.name!r}, shape={self.shape})"

    def __getitem__(self, index: Any) -> np.ndarray:
        step, sample = index if isinstance(index, tuple) else (index, slice(None))
        steps, samples = np.arange(self.shape[0])[step], np.arange(self.shape[1])[sample]
        found = self._read(np.atleast_1d(steps), np.atleast_1d(samples))
        found = found if samples.ndim else found[:, 0]
        return found if steps.ndim else found[0]

    def at(self, step: int) -> np.ndarray:
        """All samples at step number ``step``: ``[sample, …]``."""
        return self[self.position(step)]

    def position(self, step: int) -> int:
        """Where step number ``step`` lies on the first axis.

        Raises:
            KeyError: that step was not recorded.
        """
        if step not in self.steps:
            raise KeyError(f"{self.name} was not recorded at step {step}; recorded steps: {list(self.steps)}")
        return self.steps.index(step)

    def among(self, steps: Literal["all"] | Sequence[int]) -> tuple[int, ...]:
        """The recorded step numbers, or those of them that ``steps`` names."""
        return self.steps if steps == "all" else tuple(step for step in self.steps if step in steps)

    def blocks(self, step: int, samples: int | None = None) -> Iterator[np.ndarray]:
        """The first ``samples`` samples at step number ``step``, one shard at a time."""
        position, left = self.position(step), self.shape[1] if samples is None else samples
        for shard, size in zip(self._shards, self._sizes, strict=True):
            if left > 0:
                yield shard.read(self.name, slice(position, position + 1), slice(0, min(size, left)), *self._inside)[0]
            left -= size

    def _read(self, steps: np.ndarray, samples: np.ndarray) -> np.ndarray:
        """Values at all of ``steps`` × ``samples``, from one read of every shard concerned."""
        found = np.empty((len(steps), len(samples), *self._row), dtype=self.dtype)
        if not found.size:
            return found
        start = 0
        for shard, size in zip(self._shards, self._sizes, strict=True):
            here = (samples >= start) & (samples < start + size)
            if here.any():
                rows = samples[here] - start
                part = shard.read(self.name, _span(steps), _span(rows), *self._inside)
                found[:, here] = part[np.ix_(steps - steps.min(), rows - rows.min())]
            start += size
        return found


class FrameArray(TraceArray):
    """One frame of every film, read without the others: ``[step, sample, H, W, C]``.

    Args:
        name: of a tensor ``[step, sample, frames, H, W, C]``.
        shards: of the run.
        place: of the frame in the film, from 0 to 1.
    """

    def __init__(self, name: str, shards: Sequence[Shard], place: float) -> None:
        super().__init__(name, shards)
        frames, *picture = self._row
        frame = round(place * (frames - 1))
        self._inside = (slice(frame, frame + 1),)
        self._row = (1, *picture)
        self.shape = (*self.shape[:2], *picture)

    def blocks(self, step: int, samples: int | None = None) -> Iterator[np.ndarray]:
        """The frames of the first ``samples`` samples at step number ``step``, one shard at a time."""
        for block in super().blocks(step, samples):
            yield block[:, 0]

    def _read(self, steps: np.ndarray, samples: np.ndarray) -> np.ndarray:
        return super()._read(steps, samples)[:, :, 0]


class TokenArray(TraceArray):
    """Activations of single tokens of the first texts, a row a token: ``[step, sample × position, channel]``."""

    def __init__(self, name: str, shards: Sequence[Shard], texts: int | None = None) -> None:
        super().__init__(name, shards)
        self._texts = self.shape[1] if texts is None else min(texts, self.shape[1])
        self._length = self._row[0]
        self.shape = (self.shape[0], self._texts * self._length, *self._row[1:])

    def blocks(self, step: int, samples: int | None = None) -> Iterator[np.ndarray]:
        """The first ``samples`` tokens at step number ``step``, the texts of one shard at a time."""
        left = self.shape[1] if samples is None else samples
        for block in super().blocks(step, -(-left // self._length)):
            yield block.reshape(-1, *self._row[1:])[:left]
            left -= len(block) * self._length

    def _read(self, steps: np.ndarray, samples: np.ndarray) -> np.ndarray:
        texts, places = np.unique(samples // self._length, return_inverse=True)
        return np.asarray(super()._read(steps, texts)[:, places, samples % self._length])


def _span(numbers: np.ndarray) -> slice:
    """The smallest slice that holds all of ``numbers``."""
    return slice(int(numbers.min()), int(numbers.max()) + 1)


class Trace:
    """All shards of a run as one object.

    Args:
        folders: the shards' folders.
        gaps: whether samples may be missing between the shards, as where only some are looked at.
    """

    def __init__(self, folders: Sequence[Path], *, gaps: bool = False) -> None:
        if not folders:
            raise TraceError("a trace needs at least one shard")
        self.shards = sorted((Shard(Path(folder)) for folder in folders), key=lambda shard: int(shard.info["first"]))
        expected = self.shards[0].info
        for before, shard in zip(self.shards, self.shards[1:], strict=False):
            _require_like(shard, expected)
            if not gaps and shard.info["first"] != before.info["first"] + before.info["size"]:
                raise TraceError(f"between {before.folder} and {shard.folder} samples are missing: is a shard absent?")

    @property
    def times(self) -> list[float]:
        """Noise level or time of every step's state."""
        return list(self.shards[0].info["times"])

    @property
    def tensors(self) -> tuple[str, ...]:
        """Names of all recorded tensors."""
        return tuple(self.shards[0].info["tensors"])

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers with recorded activations, in the model's order."""
        return tuple(self.shards[0].info["layers"])

    @property
    def attention_layers(self) -> tuple[str, ...]:
        """Layers with recorded attention, in the model's order."""
        return tuple(self.shards[0].info["attention_layers"])

    @property
    def token_layers(self) -> tuple[str, ...]:
        """Layers with recorded activations of every token, in the model's order."""
        return tuple(self.shards[0].info.get("token_layers", ()))

    @cached_property
    def samples(self) -> pd.DataFrame:
        """One row a sample."""
        return self._frame(schema.SAMPLES)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row a forward."""
        return self._frame(schema.STEPS)

    def tensor(self, name: str) -> TraceArray:
        """A recorded tensor by name.

        Raises:
            KeyError: it was not recorded; the message lists what was.
        """
        if name not in self.tensors:
            raise KeyError(f"'{name}' was not recorded; recorded: {', '.join(self.tensors)}")
        return TraceArray(name, self.shards)

    def pictures(self, name: str = schema.STATE_PREVIEWS, place: float = 0.5) -> TraceArray:
        """Previews as one picture a step and sample ``[step, sample, H, W, C]``: of a film the frame at ``place``."""
        array = self.tensor(name)
        return FrameArray(name, self.shards, place) if is_film(array.shape[2:]) else array

    def activations(self, layer: str, branch: str = schema.CONDITIONAL) -> TraceArray:
        """Activations of ``layer``: ``[step, sample, …]``."""
        return self.tensor(schema.record_name(schema.ACTIVATIONS, layer, branch))

    def tokens(self, layer: str, texts: int | None = None) -> TokenArray:
        """Activations of ``layer`` of every token of the first ``texts``: ``[step, sample × position, channel]``.

        Raises:
            KeyError: they were not recorded (``record.tokens``).
        """
        self.tensor(schema.TOKENS + layer)
        return TokenArray(schema.TOKENS + layer, self.shards, texts)

    def attention(self, layer: str, branch: str = schema.CONDITIONAL) -> TraceArray:
        """Attention of ``layer``: ``[step, sample, (heads,) (queries,) keys]``."""
        return self.tensor(schema.record_name(schema.ATTENTION, layer, branch))

    def _frame(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = pa.concat_tables([shard.table(name) for shard in self.shards]).to_pandas()
        return frame


def is_film(shape: Sequence[int]) -> bool:
    """Whether a preview of this shape is a film ``[frames, H, W, C]``: a picture is ``[H, W, C]``."""
    return len(shape) == 4


def _require_like(shard: Shard, expected: dict[str, Any]) -> None:
    for key in ("version", "times", "tensors"):
        if shard.info[key] != expected[key]:
            raise TraceError(
                f"{shard.folder} belongs to another run: its {key} differ from those of the first shard; "
                "remove the shards that are out of date and run the workflow again"
            )


def _trace_info(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    if schema.METADATA_KEY not in metadata:
        raise TraceError(f"{path} is not a denoscope trace: its metadata has no '{schema.METADATA_KEY}' entry")
    info: dict[str, Any] = json.loads(metadata[schema.METADATA_KEY])
    if info["version"] != schema.VERSION:
        raise TraceError(f"{path} has trace version {info['version']}, this denoscope reads version {schema.VERSION}")
    return info


def _tensor_metadata(path: Path) -> dict[str, str]:
    return dict(_open(path).metadata() or {})


@lru_cache(maxsize=64)
def _cached_open(path: str, modified: int, size: int) -> Any:
    return safe_open(path, framework="numpy")


def _open(path: Path) -> Any:
    try:
        stat = path.stat()
        return _cached_open(str(path), stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        raise TraceError(f"{path} is missing; {_remedy(path)}") from None
    except SafetensorError as error:
        raise TraceError(f"{path} is truncated or damaged ({error}); {_remedy(path)}") from error


def _remedy(path: Path) -> str:
    return f"delete {path.parent} and run the workflow again: it makes only what is missing"
