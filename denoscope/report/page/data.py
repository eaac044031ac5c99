"""What the page knows of a run: types.js beside the page's modules says how it is laid out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoscope.report.page.atlas import as_bytes, atlas
from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.columns import sample_columns
from denoscope.report.page.pictures import sheets, strips
from denoscope.run import Run
from denoscope.runtime.files import read_json
from denoscope.settings.report import Report
from denoscope.trace.merge import STEP_COLUMNS

FIGURES = {
    "samples": ("Samples.", "Results, a row per class."),
    "steps": (
        "Steps.",
        "One sample per class at every noise level: the state, and the prediction of the clean picture.",
    ),
    "maps": ("Maps.", "Activations of each layer at several steps, coloured by class."),
    "quality": ("Quality.", "What each layer knows of the class at each step, and how far its maps can be believed."),
    "similarity": ("Similarity.", "Debiased linear CKA of every layer at every step with every other."),
}
OF_SAMPLES = ("samples", "steps")
KINDS = ("png", "pdf", "svg")
MOST_ATTENTION = 8.0
"""Attention is shown up to so many times an even share."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a run. Older layers, settings and animations may lie beside these.

    Args:
        layers: mapped layers.
        animated: shards with animations.
        settings: names of the further UMAP settings of every map.
    """

    layers: Sequence[str]
    animated: Sequence[str]
    settings: Sequence[str] = ()


def run_data(run: Run, shown: Shown, settings: Report, blocks: Blocks) -> dict[str, Any]:
    """Describe a run for the page and put its arrays and pictures into ``blocks``."""
    layers = shown.layers
    count = int(run.info["samples"])
    players = min(count, settings.players)
    height, width = run.previews.shape[2:4]
    return {
        "name": run.info["run"],
        "symbol": run.info["time_symbol"],
        "times": run.times,
        "count": count,
        "columns": sample_columns(run.samples, blocks),
        "maps": atlas(run, layers, shown.settings, blocks) if layers else None,
        "picture": {"height": height, "width": width},
        "thumbs": sheets(run.previews, count, blocks),
        "similarity": _similarity(run.folder / "similarity.parquet", blocks) if layers else None,
        "players": players,
        "state": strips(run.previews, players, blocks),
        "x0": strips(run.predictions, players, blocks),
        "scalars": _scalars(run, players, blocks),
        "attention": [_attention(run, layer, players, blocks) for layer in _pictured_attention(run)],
        "figures": _figures(run.folder / "figures", bool(layers), blocks),
        "media": _media(run, shown.animated, settings, blocks),
    }


def _scalars(run: Run, players: int, blocks: Blocks) -> dict[str, Any]:
    names = [name for name in run.steps.columns if name not in STEP_COLUMNS.names]
    rows = run.steps[run.steps["sample"] < players].drop_duplicates(["sample", "step"])
    values = rows[names].to_numpy(np.float32).reshape(players, len(run.times), len(names))
    content = values.swapaxes(1, 2).tobytes()
    return {"names": names, "block": blocks.add(content, Rank.DETAIL), "steps": len(run.times)}


def _pictured_attention(run: Run) -> list[str]:
    """Layers whose attention is over all positions of a square picture."""
    asked = run.info["settings"]["record"]["attention"]
    if asked is None or asked["keys"]:
        return []  # chosen positions are no picture, however many they are
    keys = {layer: run.attention(layer).shape[-1] for layer in run.attention_layers}
    return [layer for layer, count in keys.items() if math.isqrt(count) ** 2 == count > 1]


def _attention(run: Run, layer: str, players: int, blocks: Blocks) -> dict[str, Any]:
    """How much attention each position receives, in units of an even share, averaged over heads and queries."""
    array = run.attention(layer)
    received = array[:, :players].astype(np.float32).reshape(len(array), players, -1, array.shape[-1]).mean(axis=2)
    shares = received.swapaxes(0, 1) * array.shape[-1] / MOST_ATTENTION
    return {
        "name": layer,
        "side": math.isqrt(array.shape[-1]),
        "steps": list(array.steps),
        "most": MOST_ATTENTION,
        "block": blocks.add(as_bytes(shares), Rank.DETAIL),
    }


def _similarity(path: Path, blocks: Blocks) -> dict[str, Any]:
    pairs = pd.read_parquet(path)
    return {
        "layers": list(dict.fromkeys(pairs["layer_a"])),
        "steps": [int(step) for step in dict.fromkeys(pairs["step_a"])],
        "block": blocks.add(pairs["cka"].to_numpy("<f4").tobytes()),
        "samples": int(pairs["samples"].iloc[0]),
    }


def _figures(folder: Path, maps: bool, blocks: Blocks) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "title": title,
            "caption": caption,
            **{
                kind: blocks.add((folder / f"{name}.{kind}").read_bytes(), Rank.DETAIL)
                for kind in ("png", "pdf", "svg")
            },
        }
        for name, (title, caption) in FIGURES.items()
        if maps or name in OF_SAMPLES
    ]


def _media(run: Run, shards: Sequence[str], settings: Report, blocks: Blocks) -> list[dict[str, Any]]:
    """Animations: with the page while the budget lasts, else as links into the results folder."""
    folder = run.folder / "media"
    pairs = [("grid", folder / "grid.mp4")]
    for catalogue in (folder / f"{shard}.json" for shard in shards):
        listed = read_json(catalogue)["files"]
        movies = (entry for entry in listed if entry["file"].endswith(".mp4"))
        pairs += [(f"sample {entry['sample']}", catalogue.with_suffix("") / entry["file"]) for entry in movies]
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
