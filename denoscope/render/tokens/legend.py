"""What the marks of tokens mean: each name is drawn as it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from denoscope.render.tokens.tiles import Tiles
from denoscope.text.changes import UNWRITTEN, Change
from denoscope.text.trajectory import TextTrajectory

NAMES = {Change.REVEALED: "revealed", Change.CHANGED: "changed", Change.PROMPT: "prompt"}
MASKS = {Change.MASKED: "masked", Change.REMASKED: "masked again"}


def legend(trajectories: Sequence[TextTrajectory], tiles: Tiles) -> list[np.ndarray]:
    """Pictures of one height for all states that occur."""
    seen = np.unique(np.concatenate([one.changes[one.ids != UNWRITTEN] for one in trajectories]))
    return [_entry(Change(change), tiles) for change in seen if change != Change.KEPT]


def _entry(change: Change, tiles: Tiles) -> np.ndarray:
    if change in NAMES:
        name = NAMES[change]
        return tiles.tile(name, change, tiles.width(name, change == Change.PROMPT), 0)
    mask = tiles.tile("", change, tiles.mask_width, 0)
    return np.concatenate([mask, tiles.label(f" {MASKS[change]}")], axis=1)
