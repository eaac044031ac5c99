"""What the page knows of a run: types.js beside the page's modules says how it is laid out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoscope.maps.files import read_map
from denoscope.report.page.blocks import SHEET_SIDE, Blocks, tiled, webp
from denoscope.run import Run
from denoscope.runtime.files import read_json
from denoscope.settings.report import Report
from denoscope.trace.merge import STEP_COLUMNS
from denoscope.trace.reader import TraceArray

FIGURES = {
    "samples": ("Samples.", "Results, a row per class."),
    "steps": (
        "Steps.",
        "One sample per class at every noise level: the state, and the prediction of the clean picture.",
    ),
    "maps": ("Maps.", "Activations of each layer at several steps, coloured by class."),
    "similarity": ("Similarity.", "Debiased linear CKA of every layer at every step with every other."),
}
READ_AT_ONCE = 64
MOST_ATTENTION = 8.0
"""Attention is shown up to so many times an even share."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a run: mapped layers and shards with animations. Older ones may lie beside them."""

    layers: Sequence[str]
    animated: Sequence[str]


def run_data(run: Run, shown: Shown, settings: Report, blocks: Blocks) -> dict[str, Any]:
    """Describe a run for the page and put its arrays and pictures into ``blocks``."""
    layers = shown.layers
    count = int(run.info["samples"])
    players = min(count, settings.players)
    height, width = run.previews.shape[2:4]
    classes, labels = _classes(run.samples)
    return {
        "name": run.info["run"],
        "symbol": run.info["time_symbol"],
        "times": run.times,
        "count": count,
        "classes": classes,
        "labels": labels,
        "picture": {"height": height, "width": width},
        "players": players,
        "state": _strips(run.previews, players, blocks),
        "x0": _strips(run.predictions, players, blocks),
        "thumbs": _sheets(run.previews, count, blocks),
        "scalars": _scalars(run, players, blocks),
        "attention": [_attention(run, layer, players, blocks) for layer in _pictured_attention(run)],
        "maps": _maps(run, layers, blocks) if layers else None,
        "similarity": _similarity(run.folder / "similarity.parquet", blocks) if layers else None,
        "figures": _figures(run.folder / "figures", bool(layers), blocks),
        "media": _media(run, shown.animated, settings, blocks),
    }


def _classes(samples: pd.DataFrame) -> tuple[list[str], list[int]]:
    """Class names in order of their labels, and every sample's position among them."""
    if "class" not in samples:
        return [], [0] * len(samples)
    present = samples.drop_duplicates("label").sort_values("label")
    position = {label: index for index, label in enumerate(present["label"])}
    return present["class"].tolist(), [position[label] for label in samples["label"]]


def _strips(array: TraceArray, players: int, blocks: Blocks) -> dict[str, Any]:
    columns = math.ceil(math.sqrt(len(array)))
    pictures = []
    for start in range(0, players, READ_AT_ONCE):
        part = array[:, start : min(start + READ_AT_ONCE, players)]
        pictures += [webp(tiled(part[:, index], columns), part.shape[2]) for index in range(part.shape[1])]
    block, offsets = blocks.pictures(pictures)
    return {"block": block, "offsets": offsets, "columns": columns, "steps": list(array.steps)}


def _sheets(array: TraceArray, count: int, blocks: Blocks) -> dict[str, Any]:
    height, width = array.shape[2:4]
    columns = max(1, SHEET_SIDE // width)
    size = columns * max(1, SHEET_SIDE // height)
    last = len(array) - 1
    sheets = [
        webp(tiled(array[last, start : min(start + size, count)], min(columns, count)), height)
        for start in range(0, count, size)
    ]
    block, offsets = blocks.pictures(sheets)
    return {"block": block, "offsets": offsets, "columns": min(columns, count), "perSheet": size}


def _scalars(run: Run, players: int, blocks: Blocks) -> dict[str, Any]:
    names = [name for name in run.steps.columns if name not in STEP_COLUMNS.names]
    rows = run.steps[run.steps["sample"] < players].drop_duplicates(["sample", "step"])
    values = rows[names].to_numpy(np.float32).reshape(players, len(run.times), len(names))
    return {"names": names, "block": blocks.add(values.swapaxes(1, 2).tobytes()), "steps": len(run.times)}


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
        "block": blocks.add(_as_bytes(shares)),
    }


def _maps(run: Run, layers: Sequence[str], blocks: Blocks) -> dict[str, Any]:
    found = {layer: read_map(run.folder / "maps" / layer, int(run.info["samples"])) for layer in layers}
    outliers = np.concatenate([points["outlier"].to_numpy() for points, _ in found.values()])
    scale = (1.0, max(1.5, float(np.quantile(outliers, 0.99))))
    return {
        "layers": [_layer_map(layer, points, about, scale, blocks) for layer, (points, about) in found.items()],
        "outlierRange": scale,
    }


def _layer_map(
    layer: str, points: pd.DataFrame, about: dict[str, Any], scale: tuple[float, float], blocks: Blocks
) -> dict[str, Any]:
    points = points.sort_values(["step", "sample"])
    steps = len(about["steps"])
    xy = points[["x", "y"]].to_numpy(np.float64).reshape(steps, -1, 2)
    low, high = xy.min(axis=(0, 1)), xy.max(axis=(0, 1))
    side = (high - low).max()
    scaled = ((xy - (low + high - side) / 2) / side * 65535).round().astype("<u2")
    outlier = points["outlier"].to_numpy().reshape(steps, -1)
    content = b"".join(
        scaled[step].tobytes()
        + points["cluster"].to_numpy("<i2").reshape(steps, -1)[step].tobytes()
        + _as_bytes((outlier[step] - scale[0]) / (scale[1] - scale[0]))
        + _as_bytes(points["preservation"].to_numpy().reshape(steps, -1)[step])
        for step in range(steps)
    )
    kept = {key: about[key] for key in ("steps", "trustworthiness", "preservation", "engine", "searched", "fit")}
    return {"name": layer, "block": blocks.add(content), **kept}


def _as_bytes(shares: np.ndarray) -> bytes:
    return bytes((np.clip(shares, 0, 1) * 255).round().astype(np.uint8))


def _similarity(path: Path, blocks: Blocks) -> dict[str, Any]:
    pairs = pd.read_parquet(path)
    return {
        "layers": list(dict.fromkeys(pairs["layer_a"])),
        "steps": [int(step) for step in dict.fromkeys(pairs["step_a"])],
        "block": blocks.add(pairs["cka"].to_numpy("<f4").tobytes()),
        "samples": int(pairs["samples"].iloc[0]),
    }


def _figures(folder: Path, maps: bool, blocks: Blocks) -> list[dict[str, str]]:
    names = ["samples", "steps", *(["maps", "similarity"] if maps else [])]
    return [
        {
            "name": name,
            "title": FIGURES[name][0],
            "caption": FIGURES[name][1],
            **{kind: blocks.add((folder / f"{name}.{kind}").read_bytes()) for kind in ("png", "pdf", "svg")},
        }
        for name in names
    ]


def _media(run: Run, shards: Sequence[str], settings: Report, blocks: Blocks) -> list[dict[str, Any]]:
    """Animations: inside the page while the budget lasts, else as links into the results folder."""
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
            kind: blocks.add(path.read_bytes()) if left >= 0 else path.relative_to(run.folder.parent).as_posix()
            for kind, path in (("mp4", mp4), ("gif", gif))
        }
        found.append({"title": title, "embedded": left >= 0, **where})
    return found
