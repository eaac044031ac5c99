"""Title, step and progress above a text."""

from __future__ import annotations

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.glyphs import Typeface, written
from denoscope.render.tokens.theme import RGB, Theme
from denoscope.text.changes import UNWRITTEN
from denoscope.text.trajectory import TextTrajectory

BAR, SPACE = 3, 6


class Header:
    """What stands above the tokens.

    Args:
        theme: colours.
        typeface: of title and caption.
        width: pixels.
        title: a line above all, empty for none.
        show_steps: write the step, its time and the masked share, and draw how far the run is.
    """

    def __init__(self, theme: Theme, typeface: Typeface, width: int, title: str, show_steps: bool) -> None:
        self.theme, self.typeface, self.width = theme, typeface, width
        self.title, self.show_steps = title, show_steps
        lines = bool(title) + show_steps
        self.height = lines * typeface.height + show_steps * (BAR + SPACE) + (SPACE if lines else 0)

    def start(self, view: np.ndarray) -> None:
        """Draw what stays."""
        if self.title:
            self._line(view, self.title, 0, self.theme.ink, self.typeface.bold)

    def draw(self, view: np.ndarray, trajectory: TextTrajectory, step: int) -> None:
        """Draw what changes from step to step."""
        if not self.show_steps:
            return
        top = self.typeface.height if self.title else 0
        view[top : top + self.typeface.height] = self.theme.paper
        self._line(view, caption(trajectory, step), top, self.theme.muted, self.typeface)
        numbers, bar = trajectory.numbers, view[top + self.typeface.height + SPACE // 2 :][:BAR]
        bar[:] = self.theme.line
        bar[:, : round(self.width * numbers[step] / max(1, numbers[-1]))] = self.theme.prompt

    def _line(self, view: np.ndarray, text: str, top: int, ink: RGB, typeface: Typeface) -> None:
        pasted(view, written(typeface, typeface.fitted(text, self.width), self.theme.paper, ink), top, 0)


def caption(trajectory: TextTrajectory, step: int) -> str:
    """Step, share of masked tokens and time, for example ``step 3 / 18   50 % masked   t = 0.834``."""
    last = str(trajectory.numbers[-1])
    free = ~trajectory.prompt
    masked = 100 * trajectory.masked[step, free].mean() if free.any() else 0
    state = "unwritten" if (trajectory.ids == UNWRITTEN).any() else "masked"
    now = aligned(str(trajectory.numbers[step]), len(last))
    parts = [f"step {now} / {last}", f"{aligned(f'{masked:.0f}', 3)} % {state}"]
    if trajectory.times is not None:
        parts.append(f"{trajectory.time_symbol} = {trajectory.times[step]:.3g}")
    return "   ".join(parts)


def aligned(number: str, digits: int) -> str:
    """``number`` as wide as ``digits`` digits, so that what follows stays in its place."""
    return number.rjust(digits, "\u2007")
