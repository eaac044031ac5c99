"""A paper figure of how the attention of several words changes from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from denoscope.render.attention.colours import colour_table
from denoscope.render.attention.maps import Scale
from denoscope.render.figure import AS_WRITTEN, UNDATED, figure_file

ENLARGED = {"interpolation": "bilinear", "interpolation_stage": "data"}
"""Values, not colours, are interpolated: by itself matplotlib mixes colours where a map has many positions."""
CELL = 1.1
"""Inches of a map."""


def kind_of_figure(path: Path) -> str:
    """What the suffix of a figure's file says.

    Raises:
        ValueError: it says nothing.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in UNDATED:
        raise ValueError(f"{path}: its suffix must be one of {', '.join(f'.{known}' for known in UNDATED)}")
    return kind


def draw_comparison(
    maps: Sequence[np.ndarray], words: Sequence[str], steps: Sequence[str], unit: str, colormap: str, path: Path
) -> Path:
    """Draw words (rows) at steps (columns) with one scale of colours, and return the file's path.

    Args:
        maps: shares of attention ``[steps, h, w]`` of every word.
        words: names of the rows.
        steps: names of the columns.
        unit: what the colours measure.
        colormap: a map of matplotlib's.
        path: ``.png``, ``.pdf`` or ``.svg``; a suffix in capitals is written in small letters.

    Raises:
        ValueError: the suffix or the colour map is unknown.
    """
    kind, colours = kind_of_figure(path), _colormap(colormap)
    scale = Scale.of(np.stack(maps))
    height, width = maps[0].shape[1:]
    size = CELL * len(steps) + 1.1, CELL * height / width * len(words) + 0.3
    stem = path.with_suffix("")
    with figure_file(stem, *size, kinds=[kind]) as figure:
        axes = figure.subplots(len(words), len(steps), squeeze=False)
        for row, word, values in zip(axes, words, maps, strict=True):
            row[0].set_ylabel(word, **AS_WRITTEN)
            for place, shown in zip(row, values, strict=True):
                image = place.imshow(shown, cmap=colours, vmin=scale.low, vmax=scale.high, **ENLARGED)
                place.set(xticks=[], yticks=[])
        for place, name in zip(axes[0], steps, strict=True):
            place.set_title(name, fontsize=7, **AS_WRITTEN)
        bar = figure.colorbar(image, ax=axes, shrink=0.9, label=unit, format=lambda value, _: f"{100 * value:.3g} %")
        bar.outline.set_linewidth(0.6)
    return stem.with_name(f"{stem.name}.{kind}")


def _colormap(name: str) -> str:
    colour_table(name)  # refuses it with a better message than matplotlib's
    return name
