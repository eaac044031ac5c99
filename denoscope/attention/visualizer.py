"""Films and figures of the attention of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal, Unpack, get_args

import numpy as np

from denoscope.attention.maps import AttentionError, Selection
from denoscope.attention.reader import AttentionReader
from denoscope.attention.shots import Background, Shooting, Shots
from denoscope.render.attention.comparison import draw_comparison, kind_of_figure
from denoscope.render.attention.files import kind_of, write_film
from denoscope.render.attention.film import AttentionFilm
from denoscope.render.attention.look import Look
from denoscope.render.encode import check_pace

Axis = Literal["step", "frame"]
ALL_FRAMES = "all frames are played, or a single one is shown: leave frame out, or take the axis step"
COLUMNS = 8
"""Steps of a comparison, if nothing else is asked for."""


@dataclass
class AttentionVisualizer:
    """Shows where words were seen.

    Args:
        analyzer: of a run.
        size: pixels of a frame, (width, height); None makes the longer side of the picture about 512.
        colormap: a map of matplotlib's.
        alpha: how much the colours of an overlay cover its picture: 0 leaves it as it is, 1 hides it.
        scale: ``film``: one scale of colours for all frames, so that they compare; ``frame``: each has its own.
        fps: frames per second, 0.0001 to 100.
        interpolation_steps: frames between each two steps, linear in the maps' values.
        timestamp: write step and noise level below the map.
        colorbar: draw the scale of colours beside it.
        static_duration: seconds of a film of a single picture.

    Raises:
        ValueError: one of them is out of range or unknown.
    """

    analyzer: AttentionReader
    _: KW_ONLY
    size: tuple[int, int] | None = None
    colormap: str = "hot"
    alpha: float = 0.6
    scale: Literal["film", "frame"] = "film"
    fps: float = 10.0
    interpolation_steps: int = 2
    timestamp: bool = True
    colorbar: bool = True
    static_duration: float = 3.0

    def __post_init__(self) -> None:
        self.look = Look(self.size, self.colormap, self.alpha, self.scale, self.colorbar, self.timestamp)
        check_pace(self.fps, self.static_duration, told="static_duration")
        if self.interpolation_steps < 0:
            raise ValueError(f"interpolation_steps is {self.interpolation_steps}: give 0 for none, or more")

    def video(
        self,
        sample: int,
        word: str,
        output: str | Path,
        *,
        axis: Axis = "step",
        step: int | None = None,
        frame: int | None = None,
        kind: str | None = None,
        **selection: Unpack[Selection],
    ) -> Path:
        """Write a film of the attention alone and return its path.

        Args:
            sample: number of the sample.
            word: whose attention is shown.
            output: the file: ``.mp4``, ``.avi``, ``.gif`` or ``.webp``.
            axis: what is played: the ``step`` s, or of a film its ``frame`` s.
            step: the step whose frames are played; None plays the mean over the steps.
            frame: the frame of the maps whose steps are played; None plays the mean over the frames.
            kind: ``mp4``, ``avi``, ``gif`` or ``webp``, where ``output`` has no suffix.
            selection: which attention.

        Raises:
            AttentionError: the run does not have it; the message says what it has.
            ValueError: the suffix says nothing, the frame is too small for its parts, or axis or background is unknown.
        """
        return self._play(Shooting(self.analyzer, sample, word, selection, None), output, kind, axis, step, frame)

    def overlay(
        self,
        sample: int,
        word: str,
        output: str | Path,
        *,
        background: Background = "final",
        axis: Axis = "step",
        step: int | None = None,
        frame: int | None = None,
        kind: str | None = None,
        **selection: Unpack[Selection],
    ) -> Path:
        """Write a film of the attention over the generated picture or film and return its path.

        Args and errors as :meth:`video`; ``background`` is the ``final`` picture, or what each step ``predicted``.
        """
        shooting = Shooting(self.analyzer, sample, word, selection, background)
        return self._play(shooting, output, kind, axis, step, frame)

    def aggregate(
        self,
        sample: int,
        word: str,
        output: str | Path,
        *,
        overlay: bool = True,
        axis: Axis | None = None,
        frame: int | None = None,
        kind: str | None = None,
        **selection: Unpack[Selection],
    ) -> Path:
        """Write the mean over the steps: a still picture, as film or ``.png``; of a film, all of its frames.

        Args and errors as :meth:`video`; with ``overlay`` the map is over what was generated; ``axis="step"`` makes a
        still picture of a film, too.
        """
        _check_axis(axis)
        if axis == "frame" and frame is not None:
            raise AttentionError(ALL_FRAMES)
        shooting = Shooting(self.analyzer, sample, word, selection, "final" if overlay else None)
        plays = axis == "frame" or (axis is None and frame is None and len(shooting.info.grid) == 3)
        kind = kind_of(Path(output), kind, still=not plays)
        if plays:
            return self._write(shooting.frames(None, self.interpolation_steps), output, kind)
        return self._write(shooting.mean(frame), output, kind, self.static_duration)

    def temporal_comparison(
        self,
        sample: int,
        words: Sequence[str],
        output: str | Path,
        *,
        steps: Sequence[int] | None = None,
        **selection: Unpack[Selection],
    ) -> Path:
        """Draw a figure of words (rows) at steps (columns) with one scale of colours, and return its path.

        Args:
            sample: number of the sample.
            words: whose attention is shown.
            output: the file: ``.png``, ``.pdf`` or ``.svg``.
            steps: recorded steps; by default eight of them, the first and the last among them.
            selection: which attention.

        Raises:
            AttentionError: the run does not have it; the message says what it has.
            ValueError: the suffix says nothing.
        """
        kind_of_figure(Path(output))
        if not words or steps == ():
            raise AttentionError("a comparison needs words and steps: give at least one of each")
        chosen = _spread(self.analyzer.steps) if steps is None else steps
        maps = [self._at_steps(sample, word, chosen, selection) for word in words]
        unit = self.analyzer.aggregate(sample, words[0], **selection).info.unit
        times = [f"step {step}\n{self.analyzer.symbol} = {self.analyzer.trace.times[step]:.3g}" for step in chosen]
        return draw_comparison(maps, words, times, unit, self.colormap, Path(output))

    def _at_steps(self, sample: int, word: str, steps: Sequence[int], selection: Selection) -> np.ndarray:
        """Maps ``[steps, h, w]``, of films the mean over the frames."""
        found = np.stack([self.analyzer.load_step(sample, word, step, **selection).values for step in steps])
        return np.asarray(found.mean(axis=1) if found.ndim == 4 else found)

    def _play(
        self,
        shooting: Shooting,
        output: str | Path,
        kind: str | None,
        axis: Axis,
        step: int | None,
        frame: int | None,
    ) -> Path:
        _check_axis(axis)
        kind = kind_of(Path(output), kind)
        if axis == "frame":
            if frame is not None:
                raise AttentionError(ALL_FRAMES)
            return self._write(shooting.frames(step, self.interpolation_steps), output, kind)
        if step is not None:
            raise AttentionError("all steps are played, or one step's frames: leave step out, or play frames")
        return self._write(shooting.steps(self.interpolation_steps, frame), output, kind)

    def _write(self, shots: Shots, output: str | Path, kind: str, seconds: float | None = None) -> Path:
        film = AttentionFilm(shots.maps, shots.captions, shots.labels, self.look, shots.pictures, shots.shown)
        return write_film(Path(output), kind, film, self.fps, seconds)


def _check_axis(axis: str | None) -> None:
    if axis not in (None, *get_args(Axis)):
        raise ValueError(f"axis is {axis!r}: give {' or '.join(get_args(Axis))}")


def _spread(steps: Sequence[int]) -> list[int]:
    """Some of the steps, at equal distances, the first and the last among them."""
    places = np.linspace(0, len(steps) - 1, min(COLUMNS, len(steps))).round().astype(int)
    return [steps[place] for place in places]
