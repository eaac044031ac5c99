"""Paper figures of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoscope.render.figure import AS_WRITTEN, figure_file
from denoscope.render.picture import enlarged
from denoscope.report.colours import CLASSES, OTHER
from denoscope.trace import schema
from denoscope.trace.reader import Trace, is_film

SHOWN_STEPS = 8
PLACES = (0.0, 0.5, 1.0)
"""Frames of a film that a figure of samples shows."""
WIDEST = 12.0
"""Inches of films side by side."""
LONGEST_NAME = 60
"""Characters of a name that are drawn: a prompt may be thousands long."""
LETTER = 0.6 / 72
"""Inches of width that a letter of DejaVu Sans takes, about, for each point of its size."""
QUALITIES = {"purity": 0.0, "trustworthiness": 0.9, "preservation": 0.0}
"""What is said of maps, and where its axis begins at the latest: small differences near 1 should look small."""
VECTOR_POINTS = 2000
"""With more points than this a figure's points are pixels, its text and axes still lines."""
LINE: dict[str, Any] = {"ms": 2.5, "lw": 1, "clip_on": False}  # a line along the frame would lose half its width
STROKES: list[dict[str, Any]] = [
    {"color": colour, "marker": marker, "ls": dashes}
    for dashes in ("-", "--", "-.")
    for colour, marker in zip(CLASSES, "os^Dv" * 2, strict=True)
]
"""Lines of layers, told apart by colour and mark, beyond ten also by their dashes."""


def draw_grid(trace: Trace, rows: Mapping[str, Sequence[int]], stem: Path) -> None:
    """Final pictures, or three frames of the films, a row per class or prompt."""
    last = [len(trace.times) - 1]
    film = _films(trace)
    stills = [_pictures(trace, rows, schema.STATE_PREVIEWS, last, place) for place in (PLACES if film else (0.5,))]
    cells = [
        [np.concatenate([cell[0] for cell in places], axis=1) for places in zip(*row, strict=True)]
        for row in zip(*stills, strict=True)
    ]
    names = list(map(_short, rows))
    width = 0.55 * _aspect(cells) * max(map(len, rows.values()))
    scale = min(1, WIDEST / width) if film else 1
    with figure_file(stem, scale * width + _margin(names), scale * 0.55 * len(rows) + 0.2) as figure:
        _mosaic(figure.subplots(), cells, names, [])


def draw_steps(trace: Trace, rows: Mapping[str, Sequence[int]], symbol: str, stem: Path) -> None:
    """The first sample of every class at every noise level: its state, and the prediction of the clean picture.

    Of a film both are the middle frame.
    """
    firsts = {label: samples[:1] for label, samples in rows.items()}
    predicted = trace.tensor(schema.X0_PREVIEWS).steps
    panels = (
        ("state", schema.STATE_PREVIEWS, _spread(range(len(trace.times)))),
        (f"prediction of the clean {'film' if _films(trace) else 'picture'}", schema.X0_PREVIEWS, _spread(predicted)),
    )
    found = [[list(row[0]) for row in _pictures(trace, firsts, name, steps)] for _, name, steps in panels]
    names = list(map(_short, rows))
    side = 0.42 * _aspect(found[0])
    columns = [len(steps) for _, _, steps in panels]
    width = side * sum(columns) + _margin(names) + 0.2
    with figure_file(stem, width, 0.42 * len(rows) + 0.6) as figure:
        sides = figure.subplots(1, 2, width_ratios=columns)
        for axes, (title, _, steps), cells in zip(sides, panels, found, strict=True):
            heads = [_level(trace.times[step]) for step in steps]
            _mosaic(axes, cells, names, heads)
            axes.set_title(f"{title}, by {symbol}", pad=14)
        axes.set_yticks([])  # the rows of the second panel are those of the first


def draw_maps(
    maps: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]],
    samples: pd.DataFrame,
    times: Sequence[float],
    symbol: str,
    stem: Path,
) -> None:
    """Maps of every layer (rows) at some of the steps (columns), coloured by class, or by prompt."""
    steps = _spread(next(iter(maps.values()))[1]["steps"], 5)
    column, kinds = _kinds(samples)
    colours = {kind: CLASSES[index] if index < len(CLASSES) else OTHER for index, kind in enumerate(kinds)}
    dot = float(np.clip(40 / np.sqrt(len(samples)), 2, 6))  # fewer points cover as much, between two sizes
    many = len(maps) * len(steps) * len(samples) > VECTOR_POINTS
    width, height = 1.5 * len(steps) + 0.4, 1.55 * len(maps) + 0.5
    with figure_file(stem, width, height) as figure:
        grid = figure.subplots(len(maps), len(steps), squeeze=False)
        for line, (layer, (points, about)) in zip(grid, maps.items(), strict=True):
            for axes, step in zip(line, steps, strict=True):
                part = points[points["step"] == step].merge(samples, on="sample")
                groups = part.groupby(column) if kinds else [(None, part)]
                for kind, group in groups:
                    colour = colours.get(kind, OTHER)
                    axes.plot(group["x"], group["y"], ".", ms=dot, mew=0, color=colour, rasterized=many)
                trust = about["trustworthiness"][about["steps"].index(step)]
                axes.set_title(f"{symbol} = {_level(times[step])}, trust {trust:.3f}", fontsize=6)
                axes.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
            line[0].set_ylabel(layer.removeprefix("model."), fontsize=6, **AS_WRITTEN)
        if 0 < len(kinds) <= len(CLASSES):
            marks = [Line2D([], [], marker="o", ls="", ms=3, color=colours[kind]) for kind in kinds]
            _legend(figure, marks, list(kinds.values()))


def draw_quality(quality: pd.DataFrame, times: Sequence[float], symbol: str, stem: Path) -> None:
    """How good every layer's maps are at every step; where no sample has a label, purity has no panel."""
    panels = [name for name in QUALITIES if quality[name].notna().any()]
    ticks = _spread(sorted(quality["step"].unique()), 5)
    with figure_file(stem, 2.3 * len(panels), 2.3) as figure:
        for axes, name in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            for stroke, (layer, rows) in zip(cycle(STROKES), quality.groupby("layer", sort=False), strict=False):
                axes.plot(rows["step"], rows[name], **stroke, **LINE, label=str(layer).removeprefix("model."))
            if name == "purity":
                axes.axhline(quality["chance"].iloc[0], color=OTHER, ls=":", lw=1, label="purity by chance")
            axes.set_xticks(ticks, [_level(times[step]) for step in ticks])
            axes.set(title=name, xlabel=symbol, ylim=(min(QUALITIES[name], quality[name].min()), 1))
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
        lines = figure.axes[0].lines
        _legend(figure, lines, [str(line.get_label()) for line in lines])


def draw_similarity(pairs: pd.DataFrame, times: Sequence[float], symbol: str, stem: Path) -> None:
    """Similarity of all layers and steps, layer by layer and within a layer step by step."""
    layers = list(dict.fromkeys(pairs["layer_a"]))
    steps = list(dict.fromkeys(pairs["step_a"]))
    side = len(layers) * len(steps)
    matrix = pairs["cka"].to_numpy().reshape(side, side)
    with figure_file(stem, 5.2, 4.6) as figure:
        axes = figure.subplots()
        image = axes.imshow(matrix, vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
        for border in range(len(steps), side, len(steps)):
            axes.axhline(border - 0.5, color="white", lw=0.8)
            axes.axvline(border - 0.5, color="white", lw=0.8)
        middles = [len(steps) * (index + 0.5) - 0.5 for index in range(len(layers))]
        names = [layer.removeprefix("model.") for layer in layers]
        axes.set_xticks(middles, names, rotation=30, ha="right", fontsize=6, **AS_WRITTEN)
        axes.set_yticks(middles, names, fontsize=6, **AS_WRITTEN)
        axes.tick_params(length=0)
        axes.set_title(f"linear CKA (debiased); within a layer, {symbol} falls from {times[steps[0]]:.3g}")
        figure.colorbar(image, ax=axes, shrink=0.8)


def _films(trace: Trace) -> bool:
    return is_film(trace.tensor(schema.STATE_PREVIEWS).shape[2:])


def _level(time: float) -> str:
    """A noise level in few characters: two digits, or a whole number such as 857."""
    return f"{time:.0f}" if time >= 100 else f"{time:.2g}"


def _pictures(
    trace: Trace, rows: Mapping[str, Sequence[int]], name: str, steps: Sequence[int], place: float = 0.5
) -> list[list[np.ndarray]]:
    """For every cell of ``rows`` the pictures at ``steps``, of films the frame at ``place``: ``[steps, H, W, C]``."""
    array = trace.pictures(name, place)
    position = {int(sample): index for index, sample in enumerate(trace.samples["sample"])}
    wanted = [array.position(step) for step in steps]
    return [[array[:, position[sample]][wanted] for sample in samples] for samples in rows.values()]


def _aspect(cells: Sequence[Sequence[np.ndarray]]) -> float:
    """Width of a cell by its height."""
    height, width = cells[0][0].shape[:2]
    return float(width / height)


def _mosaic(axes: Axes, cells: Sequence[Sequence[np.ndarray]], labels: Sequence[str], heads: Sequence[str]) -> None:
    """Pictures in rows, as one image, with a label a row and a head a column."""
    height, width = cells[0][0].shape[:2]
    gap = max(1, height // 16)
    down, right = height + gap, width + gap
    columns = max(map(len, cells))
    canvas = np.full((down * len(cells) - gap, right * columns - gap, 3), 255, dtype=np.uint8)
    for row, pictures in enumerate(cells):
        for column, picture in enumerate(pictures):
            canvas[row * down :, column * right :][:height, :width] = enlarged(picture, height)
    axes.imshow(canvas, interpolation="nearest")
    axes.set_yticks([down * row + height / 2 for row in range(len(cells))], labels, **AS_WRITTEN)
    axes.set_xticks([right * column + width / 2 for column in range(len(heads))], heads)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)


def _spread(steps: Sequence[int] | range, count: int = SHOWN_STEPS) -> list[int]:
    """At most ``count`` of ``steps``, evenly spread, first and last among them."""
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(count, len(steps))).round().astype(int))
    return [int(steps[index]) for index in chosen]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _margin(names: Sequence[str], size: float = 8) -> float:
    """Inches that the longest of ``names`` takes beside a row, at ``size`` points."""
    return LETTER * size * max(map(len, names)) + 0.2


def _kinds(samples: pd.DataFrame) -> tuple[str, dict[Any, str]]:
    """The column by whose values samples are told apart, and a name of each value: classes, or several prompts.

    Classes come in order of their labels, prompts in that of the samples. Without either there are no names.
    """
    if "class" in samples:
        return "label", _class_names(samples)
    prompts = list(dict.fromkeys(samples["prompt"])) if "prompt" in samples else []
    return "prompt", {prompt: _short(prompt) for prompt in prompts} if len(prompts) > 1 else {}


def _class_names(samples: pd.DataFrame) -> dict[Any, str]:
    """Names of the classes by label, in order of the labels; classes of one name have their label added."""
    named = samples.drop_duplicates("label").sort_values("label")
    shared = named["class"].duplicated(keep=False)
    return {
        label: f"{name} ({label})" if several else str(name)
        for label, name, several in zip(named["label"], named["class"], shared, strict=True)
    }


def _legend(figure: Figure, lines: Iterable[Line2D], names: Sequence[str]) -> None:
    """Names of lines below the figure, in as many columns as it has room for."""
    columns = max(1, int(figure.get_figwidth() / (_margin(names, 6) + 0.25)))  # with the line before a name
    legend = figure.legend(lines, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=6)
    for text in legend.get_texts():
        text.set(**AS_WRITTEN)
