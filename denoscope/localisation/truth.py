"""What the pictures or films of captions truly show, measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from denoscope.run import Run
from denoscope.scenes.measuring import Found, agrees, find, shows, word_mask
from denoscope.scenes.motion import read_motion
from denoscope.scenes.scene import read_caption
from denoscope.scenes.watching import only, seen
from denoscope.trace.reader import is_film


def truth_table(run: Run) -> pd.DataFrame:
    """What every sample shows, as the columns ``sample, prompt, things, objects, relation`` or ``direction``.

    ``objects`` says whether exactly the caption's things are there, ``relation`` whether they also lie as it says,
    ``direction`` whether the thing of a film moves as it says.
    """
    rows = []
    for sample, prompt in enumerate(run.samples["prompt"]):
        made = run.previews[-1, sample]
        shown = _film_shows(made, prompt) if is_film(made.shape) else _picture_shows(made, prompt)
        rows.append({"sample": sample, "prompt": prompt, **shown})
    return pd.DataFrame(rows)


def things_in(made: np.ndarray) -> list[list[Found]]:
    """The things in every frame of a film ``[F, H, W, 3]`` uint8; a picture ``[H, W, 3]`` is a film of one frame."""
    if not is_film(made.shape):
        return [find(made)]
    return [[thing] if (thing := only(find(frame))) else [] for frame in made]


def word_masks(word: str, things: Sequence[Sequence[Found]], size: tuple[int, int]) -> np.ndarray | None:
    """Where in every frame the things lie that a word names: ``[F, H, W]`` bool; None where they are in none."""
    masks = [word_mask(word, list(found)) for found in things]
    if all(mask is None for mask in masks):
        return None
    return np.stack([np.zeros(size, dtype=bool) if mask is None else mask for mask in masks])


def _picture_shows(picture: np.ndarray, prompt: str) -> dict[str, Any]:
    found, caption = find(picture), read_caption(prompt)
    return {
        "things": [str(thing.kind) for thing in found],
        "objects": shows(found, caption),
        "relation": agrees(found, caption),
    }


def _film_shows(frames: np.ndarray, prompt: str) -> dict[str, Any]:
    found, motion = seen(frames), read_motion(prompt)
    return {
        "things": [str(found.kind)] if found.kind else [],
        "objects": found.kind == motion.kind,
        "direction": found.direction == motion.direction,
    }
