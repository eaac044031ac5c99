"""The paper figure of a run of texts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from denoscope.maps.texts import ENTROPY, KNOWN, MASKED
from denoscope.render.figure import figure_file
from denoscope.report.figures import LINE, STROKES

PANELS = {
    MASKED: ("masked", "share of tokens"),
    ENTROPY: ("uncertainty of the masked", "entropy, nats"),
    KNOWN: ("final token read from a layer", "share of the masked"),
}


def draw_texts(table: pd.DataFrame, symbol: str, stem: Path) -> None:
    """Masked share, entropy, and what each layer knows, by step; bands hold 80 % of the samples."""
    panels = [measure for measure in PANELS if (table["measure"] == measure).any()]
    with figure_file(stem, 2.6 * len(panels), 2.4) as figure:
        for axes, measure in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            rows = table[table["measure"] == measure]
            title, unit = PANELS[measure]
            _lines(axes, rows)
            axes.set(title=title, xlabel=f"step ({symbol} from {rows['time'].max():.2g} to {rows['time'].min():.2g})")
            axes.set(ylabel=unit, ylim=(0, None))
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)


def draw_compared(tables: Mapping[str, pd.DataFrame], stem: Path) -> None:
    """The same of several runs in one figure, by the share of their steps; of layers, what each run's last one knows.

    Args:
        tables: what was judged of each run, by its name.
        stem: path of the figure without its ending.
    """
    panels = [measure for measure in PANELS if any((table["measure"] == measure).any() for table in tables.values())]
    with figure_file(stem, 2.6 * len(panels), 2.6) as figure:
        all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, measure in zip(all_axes, panels, strict=True):
            title, unit = PANELS[measure]
            for stroke, (name, table) in zip(cycle(STROKES), tables.items(), strict=False):
                rows = table[table["measure"] == measure]
                rows = rows[rows["layer"] == rows["layer"].iloc[-1]] if len(rows) else rows
                share = rows["step"] / table["step"].max()
                axes.plot(share, rows["mean"], **stroke, **LINE, markevery=0.1, label=name)
            axes.set(title=title, xlabel="share of the steps", ylabel=unit, ylim=(0, None))
            axes.tick_params(labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
        all_axes[0].legend(fontsize=6, frameon=False)


def _lines(axes: Axes, rows: pd.DataFrame) -> None:
    for stroke, (layer, group) in zip(cycle(STROKES), rows.groupby("layer", sort=False), strict=False):
        axes.plot(group["step"], group["mean"], **stroke, **LINE, label=str(layer))
        if rows["layer"].nunique() == 1:
            axes.fill_between(group["step"], group["low"], group["high"], color=stroke["color"], alpha=0.15, lw=0)
    if rows["layer"].nunique() > 1:
        axes.legend(fontsize=5, frameon=False)
