"""The paper figure of scored attention: where and when it finds objects, and which rule finds them best."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from denoscope.render.figure import figure_file

RULES = {
    "best": "best, chosen on other samples:",
    "all": "mean of all layers and steps",
    "last": "mean of all layers, last step",
}
KINDS = {"shape": "#4269d0", "colour": "#b3572a"}
"""Kinds of words, and the colours of their bars."""


def draw_attention(table: pd.DataFrame, stem: Path) -> None:
    """Pointing accuracy of shape words by layer and step, and of every rule for shapes and colours.

    Args:
        table: what :func:`denoscope.localisation.score.score_table` found.
        stem: path of the figure without its ending.
    """
    layers = table.loc[table["rule"].eq("step") & table["layer"].notna(), "layer"].unique()
    with figure_file(stem, 7.2, 0.5 + 0.24 * max(len(layers), 6)) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        _by_step(left, table)
        _by_rule(right, table)


def _by_step(axes: Axes, table: pd.DataFrame) -> None:
    rows = table[table["rule"].eq("step") & table["head"].isna() & table["kind"].eq("shape") & table["layer"].notna()]
    rows = rows[rows["pointing"].notna() & ~rows["renormalised"]]
    if rows.empty:
        _nothing(axes, "no shape word was scored")
        return
    grid = rows.pivot_table(index="layer", columns="first", values="pointing", sort=False)
    image = axes.imshow(grid.to_numpy(), aspect="auto", vmin=0, vmax=1, cmap="viridis", interpolation="nearest")
    axes.set_yticks(range(len(grid)), [_short(layer) for layer in grid.index], fontsize=6)
    shown = np.unique(np.linspace(0, len(grid.columns) - 1, 6).round().astype(int))
    axes.set_xticks(shown, [str(grid.columns[place]) for place in shown], fontsize=6)
    axes.set(xlabel="step", title="shape words that point at their object")
    bar = axes.figure.colorbar(image, ax=axes, label="share")
    bar.ax.tick_params(labelsize=6)


def _by_rule(axes: Axes, table: pd.DataFrame) -> None:
    # The rules of others are of shares of all tokens.
    table = table[table["rule"].eq("best") | ~table["renormalised"]]
    rules = [rule for rule in RULES if (table["rule"] == rule).any()]
    kinds = [kind for kind in KINDS if table.loc[table["kind"] == kind, "pointing"].notna().any()]
    if not kinds:
        _nothing(axes, "no word was scored")
        return
    places = np.arange(len(rules))
    for offset, kind in zip(0.4 * (np.arange(len(kinds)) - (len(kinds) - 1) / 2), kinds, strict=True):
        rows = table[table["kind"] == kind].drop_duplicates(["rule", "kind"]).set_index("rule").loc[rules]
        shares, chances = (rows[name].to_numpy(float) for name in ("pointing", "chance"))
        axes.barh(places + offset, shares, 0.36, color=KINDS[kind], label=f"{kind} words")
        axes.plot(chances, places + offset, "|", color="black", ms=9)
        for place, share, chance in zip(places + offset, shares, chances, strict=True):
            if not np.isnan(share):
                axes.text(max(share, chance) + 0.02, place, f"{share:.2f}", fontsize=6, va="center")
    axes.plot([], [], "|", color="black", ms=6, ls="", label="by chance")
    axes.set_yticks(places, [_told(rule, row) for rule, row in rows.to_dict("index").items()], fontsize=6)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.12), xlabel="share that points at its object")
    axes.tick_params(axis="x", labelsize=6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=5, frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=3)


def _told(rule: Hashable, row: Mapping[Hashable, Any]) -> str:
    """A rule in words; of the best one, what it is."""
    if rule != "best":
        return RULES[str(rule)]
    layers = f"mean of {row['grid']} layers" if pd.notna(row["grid"]) else "mean of all layers"
    if pd.notna(row["layer"]):
        layers = _short(row["layer"]) + ("" if pd.isna(row["head"]) else f", head {row['head']:.0f}")
    of = ",\nshares of the prompt's tokens" if row["renormalised"] else ""
    return f"{RULES['best']}\n{layers}, steps {row['first']}–{row['last']}{of}"


def _nothing(axes: Axes, why: str) -> None:
    """Say why there is nothing to draw: no picture shows what a word of its caption names."""
    axes.text(0.5, 0.5, why, ha="center", va="center", fontsize=7, transform=axes.transAxes)
    axes.set_axis_off()


def _short(layer: str) -> str:
    """A layer's name without what all of them say."""
    return layer.replace(".transformer_blocks", "").replace("_blocks", "").replace(".attentions", "")
