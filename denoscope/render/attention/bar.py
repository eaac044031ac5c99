"""The scale of colours beside a map."""

from __future__ import annotations

import numpy as np

from denoscope.render.attention.layout import Layout
from denoscope.render.attention.maps import Scale
from denoscope.render.attention.ticks import ticks
from denoscope.render.picture import pasted
from denoscope.render.text import INK, PAPER, line


def draw_colours(canvas: np.ndarray, layout: Layout, table: np.ndarray, unit: str) -> None:
    """Draw what every frame has: the colours, the largest value at the top, and what they measure."""
    box = layout.bar
    places = np.linspace(len(table) - 1, 0, box.height).round().astype(int)
    canvas[box.rows, box.columns] = table[places][:, None]
    for edge in (box.top, box.top + box.height - 1):
        canvas[edge, box.columns] = INK
    for edge in (box.left, box.left + box.width - 1):
        canvas[box.rows, edge] = INK
    name = line(unit, box.height, layout.line, layout.letters - 1, "middle")
    pasted(canvas, np.rot90(name), box.top, _numbers(layout) + layout.numbers)


def draw_numbers(canvas: np.ndarray, layout: Layout, scale: Scale) -> None:
    """Write the round numbers of ``scale``, each beside its colour."""
    box, height = layout.bar, layout.letters + 2
    left, length = box.left + box.width, layout.letters // 4
    first, last = box.top - layout.gap, box.top + box.height + layout.gap
    canvas[first:last, left : _numbers(layout) + layout.numbers] = PAPER
    for value, text in ticks(scale):
        middle = box.top + round((1 - scale.share(value)) * (box.height - 1))
        canvas[middle, left : left + length] = INK
        written = line(text, layout.numbers, height, layout.letters - 1)
        pasted(canvas, written, middle - height // 2, _numbers(layout))


def _numbers(layout: Layout) -> int:
    return layout.bar.left + layout.bar.width + layout.letters // 2
