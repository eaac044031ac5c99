"""What the page knows of a run: types.js beside the page's modules says how it is laid out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoscope.report.page.atlas import Mapped, as_bytes, atlas
from denoscope.report.page.blocks import Blocks, Rank
from denoscope.report.page.columns import sample_columns
from denoscope.report.page.figures import animations, figures
from denoscope.report.page.pictures import kept, sheets, strips
from denoscope.report.page.texts import texts
from denoscope.report.page.wordmaps import word_maps
from denoscope.run import Run
from denoscope.settings.report import Report
from denoscope.trace.merge import STEP_COLUMNS
from denoscope.trace.schema import STATE_PREVIEWS, X0_PREVIEWS

VIEWS = ("overview", "gallery", "player", "atlas", "layers", "figures")
CROSSED = "attn2"
"""How diffusers names a block's attention to the prompt: its keys are no positions of the picture."""
MOST_ATTENTION = 8.0
"""Attention is shown up to so many times an even share."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a run. Older layers, settings and animations may lie beside these.

    Args:
        layers: mapped layers.
        animated: shards with animations.
        settings: names of the further UMAP settings of every map.
        tokens: layers whose single tokens are mapped.
        compared: whether a figure compares the run with others.
    """

    layers: Sequence[str]
    animated: Sequence[str]
    settings: Sequence[str] = ()
    tokens: Sequence[str] = ()
    compared: bool = False


def run_data(run: Run, shown: Shown, settings: Report, blocks: Blocks) -> dict[str, Any]:
    """Describe a run for the page and put its arrays and pictures into ``blocks``."""
    layers = shown.layers
    count = int(run.info["samples"])
    players = min(count, settings.players)
    return {
        "name": run.info["run"],
        "of": None,
        "views": VIEWS,
        "symbol": run.info["time_symbol"],
        "times": run.times,
        "count": count,
        "columns": sample_columns(run.samples, blocks),
        "maps": atlas(_mapped(run, layers), shown.settings, blocks) if layers else None,
        "similarity": _similarity(run.folder / "similarity.parquet", blocks) if layers else None,
        "players": players,
        **_steps(run, count, players, blocks),
        "scalars": _scalars(run, players, blocks),
        "figures": figures(
            run.folder,
            kind(run),
            blocks,
            maps=bool(layers),
            scored=bool(run.info["settings"].get("truth")),
            compared=shown.compared,
        ),
        "media": animations(run, shown.animated, grid=kind(run) != "text", settings=settings, blocks=blocks),
    }


def _mapped(run: Run, layers: Sequence[str]) -> Mapped:
    quality = pd.read_parquet(run.folder / "quality.parquet")
    return Mapped(run.folder / "maps", {x: run.activations(x) for x in layers}, int(run.info["samples"]), quality)


def kind(run: Run) -> str:
    """What a run makes: ``picture``, ``video`` or ``text``."""
    return str(run.info.get("kind", "picture"))


def _steps(run: Run, count: int, players: int, blocks: Blocks) -> dict[str, Any]:
    """What a person looks at, of every step of the first samples and of the last of all."""
    if kind(run) == "text":
        nothing = dict.fromkeys(("picture", "thumbs", "state", "x0"))
        return {**nothing, "texts": texts(run, players, blocks), "attention": [], "words": None}
    shape = run.previews.shape
    *frames, height, width, _ = shape[2:]
    held = kept(shape)  # predictions are those of fewer steps, but have the frames of the states beside them
    return {
        "picture": {"height": height, "width": width, "frames": math.prod(frames)},
        "thumbs": sheets(run.pictures(), count, blocks),
        "state": strips(run, STATE_PREVIEWS, held, players, blocks),
        "x0": strips(run, X0_PREVIEWS, held, players, blocks),
        "texts": None,
        "attention": [_attention(run, *layer, players, blocks) for layer in pictured_attention(run).items()],
        "words": word_maps(run, players, blocks),
    }


def _scalars(run: Run, players: int, blocks: Blocks) -> dict[str, Any]:
    names = [name for name in run.steps.columns if name not in STEP_COLUMNS.names]
    rows = run.steps[run.steps["sample"] < players].drop_duplicates(["sample", "step"])
    values = rows[names].to_numpy(np.float32).reshape(players, len(run.times), len(names))
    content = values.swapaxes(1, 2).tobytes()
    return {"names": names, "block": blocks.add(content, Rank.DETAIL), "steps": len(run.times)}


def pictured_attention(run: Run) -> dict[str, tuple[int, int]]:
    """Layers whose attention is over all positions of a picture, with the grid of these."""
    asked = run.info["settings"]["record"]["attention"]
    if asked is None or asked["keys"] or asked["words"] or kind(run) == "video":
        return {}  # chosen positions are no picture, however many they are
    keys = {layer: run.attention(layer).shape[-1] for layer in run.attention_layers if not layer.endswith(CROSSED)}
    grids = {layer: grid_of(count, *run.previews.shape[2:4]) for layer, count in keys.items()}
    return {layer: grid for layer, grid in grids.items() if grid}


def grid_of(count: int, height: int, width: int) -> tuple[int, int] | None:
    """The grid of ``count`` positions that has the shape of a picture, if there is one: sides may have been rounded."""
    rows = max(1, round(math.sqrt(count * height / width)))
    columns = count // rows
    fits = count > 1 and rows * columns == count and abs(rows * width / height - columns) < 1
    return (rows, columns) if fits else None


def _attention(run: Run, layer: str, grid: tuple[int, int], players: int, blocks: Blocks) -> dict[str, Any]:
    """How much attention each position receives, in units of an even share, averaged over heads and queries."""
    array = run.attention(layer)
    found = array[:, :players].astype(np.float32)
    received = found.mean(axis=tuple(range(2, found.ndim - 1)))  # also of no players, unlike a shape with a -1
    shares = received.swapaxes(0, 1) * array.shape[-1] / MOST_ATTENTION
    return {
        "name": layer,
        "grid": grid,
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
