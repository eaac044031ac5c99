"""Measured values below tokens: colour, number, and the scale that explains both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.glyphs import Typeface, written
from denoscope.render.tokens.theme import RGB, Theme, contrast, ramp
from denoscope.text.trajectory import TextTrajectory

SHADES = 16
"""Colours of a scale: few, so that with the edges of the numbers on each they fit into one palette."""
EDGES = 4
"""Steps from a shade to a number on it."""
SCALE = 160
"""Pixels of a scale."""


@dataclass(frozen=True)
class Quantity:
    """What is measured of a token.

    Args:
        name: what it is called, also by :class:`~denoscope.text.trajectory.TextTrajectory`.
        unit: what it is measured in, empty for none.
        colormap: a map of matplotlib's.
        from_zero: whether its first colour is 0 rather than its smallest value.
    """

    name: str
    unit: str
    colormap: str
    from_zero: bool

    def of(self, trajectory: TextTrajectory) -> np.ndarray | None:
        """Its values in a trajectory, ``[steps', L]``."""
        values: np.ndarray | None = getattr(trajectory, self.name)
        return values

    def bounds(self, trajectories: Sequence[TextTrajectory]) -> tuple[float, float]:
        """Smallest and largest finite value in all trajectories; (0, 1) if there is none."""
        measured = [values[np.isfinite(values)] for one in trajectories if (values := self.of(one)) is not None]
        finite = np.concatenate(measured) if measured else np.zeros(0)
        if not finite.size:
            return 0.0, 1.0
        return 0.0 if self.from_zero else float(finite.min()), float(finite.max())


IMPORTANCE = Quantity("importance", "", "cividis", from_zero=False)
ENTROPY = Quantity("entropy", "(nats)", "viridis", from_zero=True)


class Heat:
    """One quantity below the tokens of a text.

    Args:
        quantity: what it is.
        values: ``[steps', L]``, NaN where nothing was measured.
        bounds: values of the first and the last colour.
        typeface: of the numbers.
        theme: other colours.
    """

    def __init__(
        self, quantity: Quantity, values: np.ndarray, bounds: tuple[float, float], typeface: Typeface, theme: Theme
    ) -> None:
        self.quantity, self.values, self.bounds = quantity, values, bounds
        self.typeface, self.theme = typeface, theme
        self.height = typeface.height
        self._shades, self._drawn = shades(quantity.colormap), lru_cache(16384)(self._cell)

    @property
    def number_width(self) -> int:
        """Pixels of the widest number."""
        return max(self.typeface.width(self.number(bound)) for bound in self.bounds)

    def cell(self, step: int, position: int, width: int) -> np.ndarray:
        """Picture of a value, ``[height, width, 3]``; of paper where there is none."""
        value = float(self.values[step, position]) if step < len(self.values) else float("nan")
        return self._drawn(self.number(value) if isfinite(value) else "", self._shade(value), width)

    def scale(self) -> np.ndarray:
        """Explain the colours, ``[height, width, 3]``: name, first value, colours, last value."""
        low, high = map(self.number, self.bounds)
        colours = np.array(self._shades, np.uint8).repeat(SCALE // SHADES, axis=0)
        bar = np.broadcast_to(colours, (self.height, *colours.shape))
        name = " ".join(filter(None, (self.quantity.name, self.quantity.unit)))
        texts = (f"{name}  {low} ", f" {high}")
        before, after = (written(self.typeface, text, self.theme.paper, self.theme.muted) for text in texts)
        return np.concatenate([before, bar, after], axis=1)

    def number(self, value: float) -> str:
        """A value as exactly as its colour can be told."""
        return f"{value:.{1 if self.bounds[1] - self.bounds[0] > 2 else 2}f}"

    def _shade(self, value: float) -> int:
        low, high = self.bounds
        share = (value - low) / (high - low) if high > low and isfinite(value) else 0.0
        return min(max(int(share * SHADES), 0), SHADES - 1)

    def _cell(self, text: str, shade: int, width: int) -> np.ndarray:
        ground = self._shades[shade] if text else self.theme.paper
        cell = np.full((self.height, width, 3), ground, np.uint8)
        if text:
            ink = max(((0, 0, 0), (255, 255, 255)), key=lambda one: contrast(one, ground))
            letters = self.typeface.coverage(self.typeface.fitted(text, width)) * (EDGES - 1) // 7
            pasted(cell, ramp(ground, ink, EDGES)[letters], 0, (width - letters.shape[1]) // 2)
        cell.setflags(write=False)
        return cell


@lru_cache
def shades(colormap: str) -> tuple[RGB, ...]:
    """Equidistant colours of a map of matplotlib's."""
    from matplotlib import colormaps  # nothing else here needs it

    table = colormaps[colormap](np.linspace(0, 1, SHADES), bytes=True)
    return tuple((int(red), int(green), int(blue)) for red, green, blue, _ in table)
