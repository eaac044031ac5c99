"""Event files that TensorBoard reads, written without torch and without TensorFlow.

The same run makes the same file again: the time in it is when the run was finished, not when it was published.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.publish.errors import PublishError
from denoscope.publish.finished import Finished
from denoscope.runtime.files import replacing

EVENTS = "events.out.tfevents.denoscope"
BAR = r"\|"
COLOURS = 3
"""Channels of a picture, as TensorBoard counts them."""


def log_to_tensorboard(run: Finished, folder: Path) -> dict[str, int]:
    """Write ``folder/<run>/events.out.tfevents.denoscope`` and return how much of what is in it.

    Raises:
        PublishError: TensorBoard is not installed.
    """
    try:
        from tensorboard.summary.writer.record_writer import RecordWriter
    except ImportError:
        raise PublishError("TensorBoard is not installed: pip install tensorboard") from None
    events = [*_scalars(run), *_animations(run), *_texts(run)]
    with replacing(folder / run.name / EVENTS) as path, path.open("wb") as file:
        writer = RecordWriter(file)
        for event in (_event(run, file_version="brain.Event:2"), *events):
            writer.write(event.SerializeToString(deterministic=True))
    gifs = sum(".gif" in files for files in run.animations.values())
    return {"scalars": run.scalars.shape[1], "animations": gifs, "texts": len(run.texts)}


def _scalars(run: Finished) -> Iterator[Any]:
    """Means of every step, and what each shard measured, at the number of its first sample."""
    for step, row in run.scalars.iterrows():
        yield from (_scalar(run, int(str(step)), f"mean/{name}", value) for name, value in row.dropna().items())
    for first, measured in run.throughput.items():
        yield from (_scalar(run, first, f"throughput/{name}", value) for name, value in measured.items())


def _animations(run: Finished) -> Iterator[Any]:
    """GIFs, which browsers play where TensorBoard shows a picture; it has no place for MP4."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    for name, files in run.animations.items():
        if ".gif" in files:
            content = files[".gif"].read_bytes()
            width, height = struct.unpack("<HH", content[6:10])
            picture = Summary.Image(height=height, width=width, colorspace=COLOURS, encoded_image_string=content)
            yield _summary(run, 0, Summary.Value(tag=f"animations/{name}", image=picture))


def _texts(run: Finished) -> Iterator[Any]:
    """Facts of the run and final texts; TensorBoard reads Markdown, in which an indented text stays as it is."""
    facts = "".join(f"| {name} | {fact.replace('|', BAR)} |\n" for name, fact in run.facts.items())
    yield _text(run, "run", f"| Run | {run.name} |\n| --- | --- |\n{facts}")
    for row in run.texts.itertuples():
        yield _text(run, f"texts/sample-{row.sample:06d}", "    " + str(row.text).replace("\n", "\n    "))


def _scalar(run: Finished, step: int, tag: str, value: float) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary

    return _summary(run, step, Summary.Value(tag=tag, simple_value=float(value)))


def _text(run: Finished, tag: str, text: str) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.text.metadata import create_summary_metadata
    from tensorboard.util.tensor_util import make_tensor_proto

    metadata = create_summary_metadata(display_name=tag, description="")
    tensor = make_tensor_proto(np.array(text.encode(), dtype=object))
    return _summary(run, 0, Summary.Value(tag=tag, tensor=tensor, metadata=metadata))


def _summary(run: Finished, step: int, value: Any) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary

    return _event(run, step=step, summary=Summary(value=[value]))


def _event(run: Finished, **content: Any) -> Any:
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=run.time, **content)
