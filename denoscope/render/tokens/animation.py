"""What all animations of texts share: how they look, what they take, where they are written."""

from __future__ import annotations

import unicodedata
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.render.encode import check_pace
from denoscope.render.tokens.files import check_target, write_frames
from denoscope.render.tokens.film import Pane, film
from denoscope.render.tokens.glyphs import Typeface
from denoscope.render.tokens.theme import RGB, Theme, theme
from denoscope.text.pieces import TokenTable, token_table
from denoscope.text.trajectory import TextTrajectory

SMALL = 0.8
"""Size of what is written about the text."""
NAMED = 10
"""Characters that a warning names."""
BACKWARDS = ("R", "AL")
"""Unicode's classes of letters that are written from right to left."""
LEAST = 4
"""Least width of a text, in sizes of its letters."""


@dataclass(eq=False)
class Animation(ABC):
    """Draws the states of a text.

    Args:
        tokenizer: needed for token numbers: anything that :func:`~denoscope.text.pieces.token_table` takes.
        mask_id: number of a masked token; by default the tokenizer's own, or the first of
            :data:`~denoscope.text.pieces.MASKS` that it has.
        mask: a masked token in trajectories of strings.
        prompt: how many leading tokens are given, or a boolean ``[L]`` that marks them.
        width: pixels of the text.
        font: ``sans``, ``mono``, the path of a font, or several: the first that has a character draws it.
        size: pixels of the letters.
        theme: ``light`` or ``dark``.
        colours: others for some of ``paper``, ``ink``, ``muted``, ``revealed``, ``changed``, ``remasked``, ``prompt``;
            ``"#rrggbb"`` or (red, green, blue).
        fps: frames per second, 0.0001 to 100.
        hold: seconds for which the last frame stays longer than the others, at most a day.
        placeholder: what stands for a masked token.
        show_steps: write the step, its time and the masked share, and draw how far the run is.

    Raises:
        ValueError: if a font, a theme or a colour is unknown, the width too small, or ``fps`` or ``hold`` out of range.
    """

    tokenizer: Any = None
    _: KW_ONLY
    mask_id: int | None = None
    mask: str = "[MASK]"
    prompt: np.ndarray | int = 0
    width: int = 800
    font: str | Path | Sequence[str | Path] = "sans"
    size: int = 18
    theme: str = "light"
    colours: Mapping[str, str | RGB] = field(default_factory=dict)
    fps: float = 5.0
    hold: float = 1.0
    placeholder: str = "[?]"
    show_steps: bool = True

    def __post_init__(self) -> None:
        check_pace(self.fps, self.hold)
        if self.width < LEAST * self.size:
            raise ValueError(f"{self.width} pixels are too few for letters of {self.size}; give width or size")
        self.palette: Theme = theme(self.theme, self.colours)
        faces = (self.font,) if isinstance(self.font, str | Path) else self.font
        self.typeface = Typeface(tuple(map(str, faces)), self.size)
        self.small = self.typeface.at(SMALL)

    def frames(self, trajectory: Any, title: str = "") -> list[np.ndarray]:
        """Draw a frame for each step, uint8 ``[H, W, 3]``.

        Args:
            trajectory: a :class:`~denoscope.text.trajectory.TextTrajectory`, or states: ``[steps, L]`` token numbers or
                strings.
            title: a line above the text.
        """
        shown = self.read(trajectory)
        self.warn([shown], title)
        return film([self.pane(shown, title, [shown])], len(shown.pieces), self.footer([shown]), self.palette)

    def save(self, trajectory: Any, path: str | Path, max_frames: int | None = None, title: str = "") -> None:
        """Write the animation.

        Args:
            trajectory: as for :meth:`frames`.
            path: its suffix says what is written: ``.gif``, ``.mp4``, ``.webp``, or ``.png`` for a folder of frames
                that is named without it.
            max_frames: show at most so many steps, the first and the last among them.
            title: a line above the text.

        Raises:
            ValueError: if the suffix is none of these, or such a file cannot hold a frame for as long.
        """
        check_target(path, self.fps, self.hold)
        shown = self.read(trajectory)
        frames = self.frames(shown if max_frames is None else shown.limited(max_frames), title)
        write_frames(Path(path), frames, self.fps, self.hold)

    def read(self, trajectory: Any) -> TextTrajectory:
        """Make a trajectory of what :meth:`frames` takes."""
        if isinstance(trajectory, TextTrajectory):
            return trajectory
        empty = not len(trajectory) or not len(trajectory[0])  # refused alike, whatever it would hold
        if empty or isinstance(trajectory[0][0], str):
            return TextTrajectory.from_strings(trajectory, self.mask, self.prompt)
        return TextTrajectory.from_ids(trajectory, self._table, self._mask_id(), self.prompt)

    def warn(self, trajectories: Sequence[TextTrajectory], *titles: str) -> None:
        """Name the characters that no font has, and those of scripts from right to left, once for all."""
        texts = {piece for trajectory in trajectories for state in trajectory.pieces for piece in state}
        texts |= {*titles, self.placeholder}
        if missing := set().union(*map(self.typeface.missing, texts)):
            warnings.warn(
                f"no font has {named(missing)}: boxes stand for them; give the path of a font that has them as a "
                "second font, after sans",
                stacklevel=3,
            )
        if backwards := {one for text in texts for one in text if unicodedata.bidirectional(one) in BACKWARDS}:
            warnings.warn(
                f"{named(backwards)} are written from right to left, but drawn from left to right and unjoined: read "
                "such a text where it is printed",
                stacklevel=3,
            )

    @abstractmethod
    def pane(self, trajectory: TextTrajectory, title: str, together: Sequence[TextTrajectory]) -> Pane:
        """Lay out one text; ``together`` are all that are shown, whose colours must mean the same."""

    @abstractmethod
    def footer(self, together: Sequence[TextTrajectory]) -> list[np.ndarray]:
        """Explain the marks and colours of all that are shown."""

    @cached_property
    def _table(self) -> TokenTable:
        if self.tokenizer is None:
            raise ValueError(f"token numbers need a tokenizer: {type(self).__name__}(tokenizer); or give strings")
        return token_table(self.tokenizer)

    def _mask_id(self) -> int:
        names = ("mask_token_id", "mask_id")
        known = [self.mask_id, *(getattr(self.tokenizer, name, None) for name in names), self._table.mask_id]
        found = next((number for number in known if number is not None), None)
        if found is None:
            raise ValueError("the tokenizer has no mask: give mask_id, the number that the model gives a masked token")
        return int(found)


def named(characters: Iterable[str]) -> str:
    """Characters and their code points, for example ``漢 (U+6F22), 字 (U+5B57)``; how many more, if there are many."""
    found = sorted(characters)
    names = ", ".join(f"{character} (U+{ord(character):04X})" for character in found[:NAMED])
    return f"{names} and {len(found) - NAMED} more" if len(found) > NAMED else names
