"""Chooses what the frames of a film of attention show: maps, captions and the pictures under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from denoscope.attention.maps import AttentionError, AttentionMap, MapInfo, Selection
from denoscope.attention.reader import AttentionReader
from denoscope.render.attention.look import Labels
from denoscope.render.attention.maps import at, between
from denoscope.render.trajectory import step_caption

Background = Literal["final", "predicted"]


@dataclass(frozen=True)
class Shots:
    """Frames to be drawn: maps ``[n, h, w]``, a caption each, labels of all, pictures and who shows which."""

    maps: np.ndarray
    captions: Sequence[str]
    labels: Labels
    pictures: np.ndarray | None = None
    shown: Sequence[int] | None = None


class Shooting:
    """Makes shots of one word's attention in one sample.

    Args:
        analyzer: of the run.
        sample: number of the sample.
        word: whose attention is shown.
        selection: which attention.
        background: None for maps alone, ``final`` for maps on the finished picture, ``predicted`` for maps on what
            each step predicts.

    Raises:
        AttentionError: the run does not have it.
        ValueError: the background is unknown.
    """

    def __init__(
        self, analyzer: AttentionReader, sample: int, word: str, selection: Selection, background: Background | None
    ) -> None:
        if background not in (None, *get_args(Background)):
            raise ValueError(f"background is {background!r}: give {' or '.join(get_args(Background))}")
        self.analyzer, self.sample, self.word, self.selection = analyzer, sample, word, selection
        self.total = analyzer.aggregate(sample, word, **selection)
        self.info, self.background = self.total.info, background

    def steps(self, more: int, frame: int | None) -> Shots:
        """All recorded steps, with ``more`` maps between each two; of a film one ``frame`` of its maps, or their mean.

        Raises:
            AttentionError: the maps have no such frame.
        """
        values = self._flat(self.analyzer.values(self.sample, self.word, **self.selection), frame)
        maps, places = between(values, more)
        captions = [self._between_steps(place) for place in places]
        if self.background == "predicted":
            pictures = self.analyzer.predictions(self.sample, self._place(frame))
            return Shots(maps, captions, self._labels(frame), pictures, np.floor(places).astype(int).tolist())
        return self._on_final(maps, captions, frame)

    def mean(self, frame: int | None) -> Shots:
        """One picture: the mean over the steps; of a film as :meth:`steps`."""
        return self._on_final(self._flat(self.total.values[None], frame), [_mean_of(self.info)], frame)

    def frames(self, step: int | None, more: int) -> Shots:
        """All frames of a film at a recorded step, or of the mean over the steps.

        As many as the film has: its maps, which are fewer, are interpolated, the first and the last at its ends. A
        sample whose film was not kept shows its maps with ``more`` between each two.

        Raises:
            AttentionError: the sample is a picture, or the step was not recorded.
        """
        if len(self.info.grid) != 3:
            raise AttentionError("the samples are pictures, which have no frames to play: leave the axis out")
        shown = self._at(step)
        count = self.info.picture[0] if len(self.info.picture) == 3 else (self.info.grid[0] - 1) * (more + 1) + 1
        maps = at(shown.values, np.linspace(0, self.info.grid[0] - 1, count))
        when = _mean_of(self.info) if step is None else self._step(step)
        captions = [f"frame {number} / {count - 1}   {when}" for number in range(count)]
        return Shots(maps, captions, self._labels(None, plays=True), self._film(step))

    def _at(self, step: int | None) -> AttentionMap:
        if step is None:
            return self.total
        return self.analyzer.load_step(self.sample, self.word, step, **self.selection)

    def _film(self, step: int | None) -> np.ndarray | None:
        if self.background is None:
            return None
        if self.background == "final" or step is None:
            return self.analyzer.picture(self.sample)
        return np.asarray(self.analyzer.predictions(self.sample, steps=[step])[0])

    def _on_final(self, maps: np.ndarray, captions: Sequence[str], frame: int | None) -> Shots:
        labels = self._labels(frame)
        if self.background is None:
            return Shots(maps, captions, labels)
        picture = self.analyzer.picture(self.sample, self._place(frame))[None]
        return Shots(maps, captions, labels, picture, [0] * len(maps))

    def _flat(self, values: np.ndarray, frame: int | None) -> np.ndarray:
        """Maps ``[n, h, w]`` of ``[n, *grid]``."""
        if len(self.info.grid) == 2:
            if frame is not None:
                raise AttentionError("the samples are pictures, which have no frames: leave the frame out")
            return values
        if frame is None:
            return np.asarray(values.mean(axis=1))
        if not 0 <= frame < self.info.grid[0]:
            raise AttentionError(f"the maps have no frame {frame}; they have 0 to {self.info.grid[0] - 1}")
        return values[:, frame]

    def _place(self, frame: int | None) -> float:
        """Where in a film, from 0 to 1, the picture under the maps' frame lies: without a frame, in the middle."""
        return 0.5 if frame is None else frame / max(1, self.info.grid[0] - 1)

    def _labels(self, frame: int | None, *, plays: bool = False) -> Labels:
        info = self.info
        parts = [f"sample {info.sample}"]
        if len(info.grid) == 3 and not plays:
            parts.append("mean over frames" if frame is None else f"frame {frame} / {info.grid[0] - 1} of the maps")
        parts += [info.branch] * (info.branch != "conditional")
        parts += [f"head {info.head}"] * (info.head is not None)
        parts.append(info.layer or "mean over layers")
        return Labels(info.word, "   ".join(parts), info.unit)

    def _between_steps(self, place: float) -> str:
        number = int(place)
        steps, symbol = self.analyzer.steps, self.analyzer.symbol
        if place == number:
            return self._step(steps[number])
        times = [f"{self.analyzer.trace.times[step]:.3g}" for step in steps[number : number + 2]]
        last = len(self.analyzer.trace.times) - 1
        return f"step {steps[number]} → {steps[number + 1]} / {last}   {symbol} = {' → '.join(times)}"

    def _step(self, step: int) -> str:
        return step_caption(step, self.analyzer.trace.times, self.analyzer.symbol)


def _mean_of(info: MapInfo) -> str:
    return f"mean over {len(info.steps)} steps" if len(info.steps) > 1 else f"step {info.steps[0]}"
