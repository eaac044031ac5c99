"""Paper figures: the same configuration gives the same bytes, as PDF, SVG and PNG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoscope.render.picture import enlarged
from denoscope.report.colours import CLASSES, OTHER
from denoscope.runtime.files import replacing
from denoscope.trace import schema
from denoscope.trace.reader import Trace

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.titlesize": 8,
    "svg.hashsalt": "denoscope",  # identifiers in an SVG are random without it
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}
UNDATED: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
AS_WRITTEN: dict[str, Any] = {"parse_math": False}
"""How names are drawn: two dollar signs in one are no formula, and a formula that is none would end the job."""
SHOWN_STEPS = 8
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
    """Final pictures, a row per class."""
    cells = _pictures(trace, rows, schema.STATE_PREVIEWS, [len(trace.times) - 1])
    with figure_file(stem, 0.55 * max(map(len, rows.values())) + 0.9, 0.55 * len(rows) + 0.2) as figure:
        axes = figure.subplots()
        _mosaic(axes, [[cell[0] for cell in row] for row in cells], list(rows), [])


def draw_steps(trace: Trace, rows: Mapping[str, Sequence[int]], symbol: str, stem: Path) -> None:
    """The first sample of every class at every noise level: its state, and the prediction of the clean picture."""
    firsts = {label: samples[:1] for label, samples in rows.items()}
    predicted = trace.tensor(schema.X0_PREVIEWS).steps
    panels = (
        ("state", schema.STATE_PREVIEWS, _spread(range(len(trace.times)))),
        ("prediction of the clean picture", schema.X0_PREVIEWS, _spread(predicted)),
    )
    with figure_file(stem, 2 * (0.42 * SHOWN_STEPS + 0.7), 0.42 * len(rows) + 0.6) as figure:
        for axes, (title, name, steps) in zip(figure.subplots(1, 2), panels, strict=True):
            cells = _pictures(trace, firsts, name, steps)
            heads = [f"{trace.times[step]:.2g}" for step in steps]
            _mosaic(axes, [list(row[0]) for row in cells], list(rows), heads)
            axes.set_title(f"{title}, by {symbol}", pad=14)


def draw_maps(
    maps: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]],
    samples: pd.DataFrame,
    times: Sequence[float],
    symbol: str,
    stem: Path,
) -> None:
    """Maps of every layer (rows) at some of the steps (columns), coloured by class."""
    steps = _spread(next(iter(maps.values()))[1]["steps"], 5)
    classes = _class_names(samples)
    colours = {label: CLASSES[index] if index < len(CLASSES) else OTHER for index, label in enumerate(classes)}
    many = len(maps) * len(steps) * len(samples) > VECTOR_POINTS
    width, height = 1.5 * len(steps) + 0.4, 1.55 * len(maps) + 0.5
    with figure_file(stem, width, height) as figure:
        grid = figure.subplots(len(maps), len(steps), squeeze=False)
        for line, (layer, (points, about)) in zip(grid, maps.items(), strict=True):
            for axes, step in zip(line, steps, strict=True):
                part = points[points["step"] == step].merge(samples, on="sample")
                groups = part.groupby("label") if classes else [(None, part)]
                for label, group in groups:
                    colour = colours.get(label, OTHER)
                    axes.plot(group["x"], group["y"], ".", ms=2, mew=0, color=colour, rasterized=many)
                trust = about["trustworthiness"][about["steps"].index(step)]
                axes.set_title(f"{symbol} = {times[step]:.2g}, trust {trust:.3f}", fontsize=6)
                axes.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
            line[0].set_ylabel(layer.removeprefix("model."), fontsize=6, **AS_WRITTEN)
        if 0 < len(classes) <= len(CLASSES):
            marks = [Line2D([], [], marker="o", ls="", ms=3, color=colours[label]) for label in classes]
            _legend(figure, marks, list(classes.values()), columns=10)


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
            axes.set_xticks(ticks, [f"{times[step]:.2g}" for step in ticks])
            axes.set(title=name, xlabel=symbol, ylim=(min(QUALITIES[name], quality[name].min()), 1))
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
        lines = figure.axes[0].lines
        _legend(figure, lines, [str(line.get_label()) for line in lines], columns=6)


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


@contextmanager
def figure_file(stem: Path, width: float, height: float) -> Iterator[Figure]:
    """A figure of ``width × height`` inches that is saved three times under ``stem``."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # not again for every format
        for kind, metadata in UNDATED.items():
            with replacing(stem.with_suffix(f".{kind}")) as path:
                # Tight: the layout of pictures with a fixed aspect may leave a long name outside.
                figure.savefig(path, format=kind, metadata=metadata, bbox_inches="tight", pad_inches=0.04)


def _pictures(
    trace: Trace, rows: Mapping[str, Sequence[int]], name: str, steps: Sequence[int]
) -> list[list[np.ndarray]]:
    """For every cell of ``rows`` the pictures at ``steps``: ``[steps, H, W, C]``."""
    array = trace.tensor(name)
    position = {int(sample): index for index, sample in enumerate(trace.samples["sample"])}
    wanted = [array.position(step) for step in steps]
    return [[array[:, position[sample]][wanted] for sample in samples] for samples in rows.values()]


def _mosaic(axes: Axes, cells: Sequence[Sequence[np.ndarray]], labels: Sequence[str], heads: Sequence[str]) -> None:
    """Pictures in rows, as one image, with a label a row and a head a column."""
    side = cells[0][0].shape[0]
    gap, pitch = max(1, side // 16), side + max(1, side // 16)
    columns = max(map(len, cells))
    canvas = np.full((pitch * len(cells) - gap, pitch * columns - gap, 3), 255, dtype=np.uint8)
    for row, pictures in enumerate(cells):
        for column, picture in enumerate(pictures):
            canvas[row * pitch :, column * pitch :][:side, :side] = enlarged(picture, side)
    axes.imshow(canvas, interpolation="nearest")
    axes.set_yticks([pitch * row + side / 2 for row in range(len(cells))], labels, **AS_WRITTEN)
    axes.set_xticks([pitch * column + side / 2 for column in range(len(heads))], heads)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)


def _spread(steps: Sequence[int] | range, count: int = SHOWN_STEPS) -> list[int]:
    """At most ``count`` of ``steps``, evenly spread, first and last among them."""
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(count, len(steps))).round().astype(int))
    return [int(steps[index]) for index in chosen]


def _class_names(samples: pd.DataFrame) -> dict[Any, str]:
    """Names of the classes by label, in order of the labels; classes of one name have their label added."""
    if "class" not in samples:
        return {}
    named = samples.drop_duplicates("label").sort_values("label")
    shared = named["class"].duplicated(keep=False)
    return {
        label: f"{name} ({label})" if several else str(name)
        for label, name, several in zip(named["label"], named["class"], shared, strict=True)
    }


def _legend(figure: Figure, lines: Iterable[Line2D], names: Sequence[str], columns: int) -> None:
    """Names of lines below the figure."""
    legend = figure.legend(lines, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=6)
    for text in legend.get_texts():
        text.set(**AS_WRITTEN)
