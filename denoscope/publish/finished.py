"""What a finished run has to show: scalars by step, throughput, animations and texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from denoscope.run import Run, open_run
from denoscope.runtime.files import read_json
from denoscope.trace.index import RUN
from denoscope.trace.merge import STEP_COLUMNS

FILMS = (".gif", ".mp4")
THROUGHPUT = ("samples_per_second", "seconds", "peak_host_bytes", "peak_device_bytes")


@dataclass(frozen=True)
class Finished:
    """What is published of a run.

    Args:
        name: the run's.
        settings: what the configuration says of it.
        facts: the same in words.
        time: when the run was finished, in seconds since 1970.
        scalars: a row a step, a column a scalar, each the mean over all samples.
        throughput: by the first sample of a shard, what was measured while the shard was made.
        animations: by name, the files that show the same by their suffix.
        texts: ``sample``, ``prompt`` and ``text`` of finished texts; empty for pictures.
    """

    name: str
    settings: dict[str, Any]
    facts: dict[str, str]
    time: float
    scalars: pd.DataFrame
    throughput: dict[int, dict[str, float]]
    animations: dict[str, dict[str, Path]]
    texts: pd.DataFrame


def read_finished(folder: Path, samples: int) -> Finished:
    """Read a run of ``results/``, animations and texts of its first ``samples`` samples.

    Raises:
        TraceError: the run is not finished, or a file of it is damaged.
    """
    run = open_run(folder)
    return Finished(
        name=run.info["run"],
        settings=run.info["settings"],
        facts=run.info.get("facts", {}),
        time=(folder / RUN).stat().st_mtime,
        scalars=mean_scalars(run.steps),
        throughput=_throughput(run),
        animations=_animations(folder / "media", samples),
        texts=_texts(run.samples, samples),
    )


def mean_scalars(steps: pd.DataFrame) -> pd.DataFrame:
    """Means over all samples of every scalar column of a step table: a row a step, NaN where a step has none."""
    names = [name for name in steps.columns if name not in STEP_COLUMNS.names]
    return steps.groupby("step")[names].mean()


def _throughput(run: Run) -> dict[int, dict[str, float]]:
    """What each shard measured; a shard of which nothing was made in the last attempt has no rate."""
    found = {}
    for shard in run.info["shards"]:
        measured = {name: shard.get(name) for name in THROUGHPUT}
        found[int(Path(shard["folder"]).name)] = {name: value for name, value in measured.items() if value is not None}
    return found


def _animations(media: Path, samples: int) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for name, path in _films(media, samples):
        found.setdefault(name, {})[path.suffix] = path
    return found


def _films(media: Path, samples: int) -> Iterator[tuple[str, Path]]:
    """Names and files: of the run's grid, if it has one, and of samples that its shards' catalogues list."""
    yield from (("grid", path) for path in sorted(media.glob("grid.*")) if path.suffix in FILMS)
    for catalogue in sorted(media.glob("*.json")):
        for entry in read_json(catalogue)["files"]:
            if entry["sample"] < samples and Path(entry["file"]).suffix in FILMS:
                yield Path(entry["file"]).stem, catalogue.with_suffix("") / entry["file"]


def _texts(rows: pd.DataFrame, samples: int) -> pd.DataFrame:
    if "text" not in rows:
        return pd.DataFrame(columns=["sample", "prompt", "text"])
    return rows.loc[rows["sample"] < samples, ["sample", "prompt", "text"]]
