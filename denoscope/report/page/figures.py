"""Figures and animations of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from denoscope.report.page.blocks import Blocks, Rank
from denoscope.run import Run
from denoscope.runtime.files import read_json
from denoscope.settings.report import Report

FIGURES = {
    "samples": ("Samples.", "Results, a row per class or prompt."),
    "steps": (
        "Steps.",
        "One sample per class or prompt at every noise level: the state, and the prediction of the clean picture.",
    ),
    "texts": (
        "Texts.",
        "How masks and uncertainty fall, and which layer knows the final token when; bands hold 80 % of the samples.",
    ),
    "compared": (
        "Compared.",
        "All runs of texts by the share of their steps: what is masked, how unsure the model is of it, how often its "
        "head reads the final token from its last layer.",
    ),
    "maps": ("Maps.", "Activations of each layer at several steps, coloured by class, or by prompt."),
    "quality": (
        "Quality.",
        "How far each layer's maps can be believed at each step, and what it knows of the class where there is one.",
    ),
    "attention": (
        "Attention.",
        "How often a word's map has its largest value on the object that the word names, and which rule that makes one "
        "map of many finds objects best.",
    ),
    "similarity": ("Similarity.", "Debiased linear CKA of every layer at every step with every other."),
}
OF_FILMS = {
    "samples": ("Samples.", "First, middle and last frame of the results, a row per prompt."),
    "steps": (
        "Steps.",
        "The middle frame of one sample per prompt at every noise level: the state, and the predicted clean film.",
    ),
}
OF_MAPS = ("maps", "quality", "similarity")
OF_SAMPLES = {"picture": ("samples", "steps"), "video": ("samples", "steps"), "text": ("texts",)}
SUFFIXES = ("png", "pdf", "svg")


def figures(
    folder: Path, kind: str, blocks: Blocks, *, maps: bool, scored: bool, compared: bool
) -> list[dict[str, str]]:
    """Take a run's figures into the page.

    Args:
        folder: the run's.
        kind: of its samples.
        blocks: where they go.
        maps: whether there are figures of maps.
        scored: whether there is one of scored attention.
        compared: whether there is one that compares runs of texts.
    """
    names = (*OF_SAMPLES[kind], *(OF_MAPS if maps else ()), *(["attention"] if scored else ()))
    own = {name: folder / "figures" / name for name in names}
    told = FIGURES | (OF_FILMS if kind == "video" else {})
    common = {"compared": folder.parent / "figures" / "texts"} if compared else {}
    return [
        {
            "name": name,
            "title": told[name][0],
            "caption": told[name][1],
            **{suffix: blocks.add(stem.with_suffix(f".{suffix}").read_bytes(), Rank.DETAIL) for suffix in SUFFIXES},
        }
        for name, stem in (own | common).items()
    ]


def animations(
    run: Run, shards: Sequence[str], *, grid: bool, settings: Report, blocks: Blocks
) -> list[dict[str, Any]]:
    """Take animations into the page while the budget lasts, else link them in the results folder.

    Args:
        run: whose animations.
        shards: those that have some.
        grid: whether there is one of many samples.
        settings: the budget.
        blocks: where they go.
    """
    folder = run.folder / "media"
    pairs = [("grid", folder / "grid.mp4")] if grid else []
    for catalogue in (folder / f"{shard}.json" for shard in shards):
        listed = read_json(catalogue)["files"]
        movies = (entry for entry in listed if entry["file"].endswith(".mp4"))
        pairs += [(_title(entry), catalogue.with_suffix("") / entry["file"]) for entry in movies]
    left = settings.media_mb * 1e6
    found = []
    for title, mp4 in pairs:
        gif = mp4.with_suffix(".gif")
        left -= mp4.stat().st_size + gif.stat().st_size
        where = {
            kind: blocks.add(path.read_bytes(), Rank.LARGE)
            if left >= 0
            else path.relative_to(run.folder.parent).as_posix()
            for kind, path in (("mp4", mp4), ("gif", gif))
        }
        found.append({"title": title, "embedded": left >= 0, **where})
    return found


def _title(entry: Mapping[str, Any]) -> str:
    """``sample 3``, or ``film 3`` where it is the finished film that plays."""
    return f"{entry['file'].partition('-')[0]} {entry['sample']}"
