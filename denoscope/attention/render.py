"""Films of the words of a shard's samples, as soon as the shard is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from denoscope.attention.reader import AttentionReader
from denoscope.attention.visualizer import AttentionVisualizer
from denoscope.runtime.files import file_sha256, replacing_folder, write_json
from denoscope.settings.render import AttentionRender


def render_attention(
    reader: AttentionReader, samples: Sequence[int], settings: AttentionRender, catalogue: Path
) -> None:
    """Write a film of every word of ``samples``.

    The files go into the folder named as ``catalogue`` without its suffix; the catalogue lists every one of them and is
    written when all are there.
    """
    shown = AttentionVisualizer(
        reader,
        colormap=settings.colormap,
        alpha=settings.alpha,
        fps=settings.fps,
        interpolation_steps=settings.interpolation_steps,
    )
    entries: list[dict[str, Any]] = []
    with replacing_folder(catalogue.with_suffix("")) as folder:
        for sample in samples:
            known = reader.tokens(sample).words
            for number, word in enumerate(known):
                if settings.words is None or word in settings.words:
                    path = folder / f"sample-{sample:06d}-{number}.{settings.format}"
                    _write(shown, sample, word, path, settings)
                    entries.append({"sample": sample, "word": word, "file": path.name, **_told(path)})
    write_json(catalogue, {"files": entries})


def _write(shown: AttentionVisualizer, sample: int, word: str, path: Path, settings: AttentionRender) -> None:
    if settings.background is None:
        shown.video(sample, word, path, layer=settings.layer, renormalised=settings.renormalised)
    else:
        shown.overlay(
            sample,
            word,
            path,
            background=settings.background,
            layer=settings.layer,
            renormalised=settings.renormalised,
        )


def _told(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
