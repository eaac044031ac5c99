"""What all animations of texts share: how they look, what they take, where they are written."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.render.tokens.files import check_suffix, write_frames
from denoscope.render.tokens.film import Pane, film
from denoscope.render.tokens.glyphs import Typeface
from denoscope.render.tokens.theme import RGB, Theme, theme
from denoscope.text.pieces import TokenTable, token_table
from denoscope.text.trajectory import TextTrajectory

SMALL = 0.8
"""Size of what is written about the text."""
NAMED = 10
"""Missing characters that a warning names."""
LEAST = 4
"""Least width of a text, in sizes of its letters."""


@dataclass(eq=False)
class Animation(ABC):
    """Draws the states of a text.

    Args:
        tokenizer: needed for token numbers: anything that :func:`~denoscope.text.pieces.token_table` takes.
        mask_id: number of a masked token; by default the tokenizer's own.
        mask: a masked token in trajectories of strings.
        prompt: how many leading tokens are given, or a boolean ``[L]`` that marks them.
        width: pixels of the text.
        font: ``sans``, ``mono``, the path of a font, or several: the first that has a character draws it.
        size: pixels of the letters.
        theme: ``light`` or ``dark``.
        colours: others for some of ``paper``, ``ink``, ``muted``, ``revealed``, ``changed``, ``remasked``, ``prompt``;
            ``"#rrggbb"`` or (red, green, blue).
        fps: frames per second.
        hold: seconds for which the last frame stays longer than the others.
        placeholder: what stands for a masked token.
        show_steps: write the step, its time and the masked share, and draw how far the run is.

    Raises:
        ValueError: if a font, a theme or a colour is unknown, or the width too small.
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
            ValueError: if the suffix is none of these.
        """
        check_suffix(path)
        shown = self.read(trajectory)
        frames = self.frames(shown if max_frames is None else shown.limited(max_frames), title)
        write_frames(Path(path), frames, self.fps, self.hold)

    def read(self, trajectory: Any) -> TextTrajectory:
        """Make a trajectory of what :meth:`frames` takes."""
        if isinstance(trajectory, TextTrajectory):
            return trajectory
        if len(trajectory) and len(trajectory[0]) and isinstance(trajectory[0][0], str):
            return TextTrajectory.from_strings(trajectory, self.mask, self.prompt)
        return TextTrajectory.from_ids(trajectory, self._table, self._mask_id(), self.prompt)

    def warn(self, trajectories: Sequence[TextTrajectory], *titles: str) -> None:
        """Name the characters that no font has, once for all."""
        texts = {piece for trajectory in trajectories for state in trajectory.pieces for piece in state}
        missing = sorted(set().union(*(self.typeface.missing(text) for text in (*texts, *titles, self.placeholder))))
        if missing:
            names = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing[:NAMED])
            more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
            warnings.warn(
                f"no font has {names}{more}: boxes stand for them; give a font that has them, for example "
                'font=("sans", "/path/to/font.ttf")',
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
        known = [self.mask_id, *(getattr(self.tokenizer, name, None) for name in names)]
        found = next((number for number in known if number is not None), None)
        if found is None:
            raise ValueError("the tokenizer has no mask: give mask_id, the number that the model gives a masked token")
        return int(found)
