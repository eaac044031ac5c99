"""The animations of a shard and of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.render.encode import write_gif, write_mp4, write_png
from denoscope.render.film import film_frames, film_grid, film_trajectory
from denoscope.render.grid import grid_frames
from denoscope.render.texts import text_animation, text_trajectory
from denoscope.render.trajectory import trajectory_frames
from denoscope.runtime.files import file_sha256, replacing_folder, write_json
from denoscope.settings.render import PictureRender, Render, TextRender, VideoRender
from denoscope.trace import schema
from denoscope.trace.reader import Trace


def render_shard(trace: Trace, samples: Sequence[int], symbol: str, settings: PictureRender, catalogue: Path) -> None:
    """Animate ``samples`` of a shard of pictures.

    The files go into the folder named as ``catalogue`` without its suffix; the catalogue lists every one of them and is
    written when all are there.
    """
    rows = trace.samples.set_index("sample")
    entries: list[dict[str, Any]] = []
    with replacing_folder(catalogue.with_suffix("")) as folder:
        for sample in samples:
            position = rows.index.get_loc(sample)
            frames = trajectory_frames(
                trace.tensor(schema.STATE_PREVIEWS)[:, position],
                trace.tensor(schema.X0_PREVIEWS)[:, position],
                trace.times,
                settings.size,
                title=sample_title(sample, rows.at[sample, "class"] if "class" in rows else None),
                caption=settings.caption,
                symbol=symbol,
            )
            entries += _write(folder, f"sample-{sample:06d}", sample, frames, settings)
    write_json(catalogue, {"files": entries})


def render_films(trace: Trace, samples: Sequence[int], symbol: str, settings: VideoRender, catalogue: Path) -> None:
    """Animate ``samples`` of a shard of films, as :func:`render_shard` those of pictures: each film, then its steps."""
    states, predictions = trace.tensor(schema.STATE_PREVIEWS), trace.tensor(schema.X0_PREVIEWS)
    rows, prompts = trace.samples["sample"].tolist(), trace.samples["prompt"].tolist()
    entries: list[dict[str, Any]] = []
    with replacing_folder(catalogue.with_suffix("")) as folder:
        for sample in samples:
            position = rows.index(sample)
            film = film_frames(states[-1, position], settings.size)
            entries += _write(folder, f"film-{sample:06d}", sample, film, settings.of_films(), each="frame")
            steps = film_trajectory(
                states,
                predictions,
                position,
                trace.times,
                settings.size,
                title=f"sample {sample}: {prompts[position]}",
                caption=settings.caption,
                symbol=symbol,
            )
            entries += _write(folder, f"sample-{sample:06d}", sample, steps, settings)
    write_json(catalogue, {"files": entries})


def render_texts(
    trace: Trace, samples: Sequence[int], symbol: str, settings: TextRender, tokenizer: Path, catalogue: Path
) -> None:
    """Animate ``samples`` of a shard of texts, as :func:`render_shard` those of pictures; ``tokenizer`` is its file."""
    animation = text_animation(settings, tokenizer)
    rows = trace.samples["sample"].tolist()
    entries: list[dict[str, Any]] = []
    with replacing_folder(catalogue.with_suffix("")) as folder:
        for sample in samples:
            trajectory = text_trajectory(trace, rows.index(sample), tokenizer, symbol)
            shown = trajectory.limited(settings.max_frames) if settings.max_frames else trajectory
            frames = animation.frames(shown, f"sample {sample}")
            entries += _write(folder, f"sample-{sample:06d}", sample, frames, settings)
    write_json(catalogue, {"files": entries})


def render_grid(
    trace: Trace, rows: Mapping[str, Sequence[int]], symbol: str, settings: PictureRender, gif: Path, mp4: Path
) -> None:
    """Animate the grid of samples that ``rows`` lists by label."""
    states = trace.tensor(schema.STATE_PREVIEWS)
    position = {int(sample): index for index, sample in enumerate(trace.samples["sample"])}
    cells = [[states[:, position[sample]] for sample in samples] for samples in rows.values()]
    frames = grid_frames(cells, list(rows), trace.times, max(1, settings.size // 4), symbol)
    write_gif(gif, frames, settings.fps, settings.hold)
    write_mp4(mp4, frames, settings.fps, settings.hold)


def render_film_grid(
    trace: Trace, rows: Mapping[str, Sequence[int]], settings: VideoRender, gif: Path, mp4: Path
) -> None:
    """Play the finished films of the samples that ``rows`` lists by label, side by side."""
    states, size = trace.tensor(schema.STATE_PREVIEWS), max(1, settings.size // 4)
    position = {int(sample): index for index, sample in enumerate(trace.samples["sample"])}
    films = [[film_frames(states[-1, position[sample]], size) for sample in samples] for samples in rows.values()]
    frames = film_grid(films, list(rows), size)
    pace = settings.of_films()
    write_gif(gif, frames, pace.fps, pace.hold)
    write_mp4(mp4, frames, pace.fps, pace.hold)


def sample_title(sample: int, name: Any) -> str:
    """What to call a sample: its number and its class, where it has one."""
    return f"sample {sample}" if name is None else f"sample {sample}, class {name}"


def _write(
    folder: Path, stem: str, sample: int, frames: Sequence[np.ndarray], settings: Render, each: str = "step"
) -> list[dict[str, Any]]:
    write_gif(folder / f"{stem}.gif", frames, settings.fps, settings.hold)
    write_mp4(folder / f"{stem}.mp4", frames, settings.fps, settings.hold)
    if settings.frames:
        (folder / stem).mkdir()
        for index, frame in enumerate(frames):
            write_png(folder / stem / f"{each}-{index:04d}.png", frame)
    return [
        {
            "sample": sample,
            "file": path.relative_to(folder).as_posix(),
            "frames": len(frames),
            "bytes": path.stat().st_size,
            "sha256": file_sha256(path),
        }
        for path in (folder / f"{stem}.gif", folder / f"{stem}.mp4", *sorted(folder.glob(f"{stem}/*.png")))
    ]
