"""Several texts on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from denoscope.render.tokens.animation import Animation
from denoscope.render.tokens.files import check_target, write_frames
from denoscope.render.tokens.film import Direction, film
from denoscope.text.trajectory import TextTrajectory, evenly_chosen

Clock = Literal["fraction", "step"]


@dataclass(frozen=True)
class SideBySide:
    """Shows texts of any number of steps and any length together.

    Args:
        animation: how each is drawn, and how fast.
        direction: ``columns`` from left to right, or ``rows`` from top to bottom.
        clock: all begin and end together (``fraction`` of each run), or each step takes equally long (``step``): a
            run that is done waits for the others.

    Raises:
        ValueError: if the direction or the clock is unknown.
    """

    animation: Animation
    direction: Direction = "columns"
    clock: Clock = "fraction"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("direction", self.direction, ("columns", "rows")),
            ("clock", self.clock, ("fraction", "step")),
        ):
            if value not in known:
                raise ValueError(f"{name} {value!r} is unknown; give one of {', '.join(known)}")

    def frames(
        self, trajectories: Sequence[Any], titles: Sequence[str] = (), max_frames: int | None = None
    ) -> list[np.ndarray]:
        """Draw a frame for each tick of the clock, uint8 ``[H, W, 3]``.

        Args:
            trajectories: two or more, each as :meth:`Animation.frames` takes it.
            titles: a line above each text.
            max_frames: show at most so many ticks, the first and the last among them.
        """
        read = [self.animation.read(trajectory) for trajectory in trajectories]
        names = tuple(titles) or ("",) * len(read)
        if len(read) < 2 or len(names) != len(read):
            raise ValueError(
                f"{len(read)} trajectories and {len(names)} titles; give two or more, and a title for each"
            )
        shown = synchronous(read, self.clock, max_frames)
        self.animation.warn(shown, *names)
        panes = [self.animation.pane(one, name, shown) for one, name in zip(shown, names, strict=True)]
        footer, palette = self.animation.footer(shown), self.animation.palette
        return film(panes, len(shown[0].pieces), footer, palette, self.direction)

    def save(
        self,
        trajectories: Sequence[Any],
        path: str | Path,
        titles: Sequence[str] = (),
        max_frames: int | None = None,
    ) -> None:
        """Write the animation; arguments as :meth:`frames`, ``path`` as :meth:`Animation.save`."""
        check_target(path, self.animation.fps, self.animation.hold)
        frames = self.frames(trajectories, titles, max_frames)
        write_frames(Path(path), frames, self.animation.fps, self.animation.hold)


def synchronous(
    trajectories: Sequence[TextTrajectory], clock: Clock, max_frames: int | None = None
) -> list[TextTrajectory]:
    """Bring trajectories to equally many states: at each tick the last that each has reached."""
    hands = [_hand(trajectory.numbers, clock) for trajectory in trajectories]
    ticks = np.unique(np.concatenate(hands)) if clock == "step" else max(hands, key=len)
    if max_frames is not None:
        ticks = ticks[evenly_chosen(len(ticks), max_frames)]
    steps = [np.searchsorted(hand, ticks, side="right") - 1 for hand in hands]
    return [trajectory.at(chosen) for trajectory, chosen in zip(trajectories, steps, strict=True)]


def _hand(numbers: np.ndarray, clock: Clock) -> np.ndarray:
    """Where on the clock each state stands."""
    passed = numbers - numbers[0]
    return np.asarray(passed if clock == "step" else passed / max(1, passed[-1]))
