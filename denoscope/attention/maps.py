"""What is handed out of a run's attention: maps with what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

OF_ALL, OF_PROMPT = "share of attention", "share of the prompt's attention"
"""Units: of everything that a position attends to, or of what it attends to in the prompt's own tokens."""


class AttentionError(ValueError):
    """A run does not have what was asked for; the message lists what it has."""


class Selection(TypedDict, total=False):
    """Which attention of a word.

    Args:
        layer: None (the default) takes the mean over the layers.
        head: of a layer whose heads were kept apart; None averages them.
        renormalised: as a share of what the prompt's own tokens get, instead of all tokens.
        branch: pass of classifier-free guidance, by default ``conditional``.
    """

    layer: str | None
    head: int | None
    renormalised: bool
    branch: str


@dataclass(frozen=True)
class SampleTokens:
    """The words of a sample that have maps, its prompt, and the tokens that the model reads of it."""

    words: tuple[str, ...]
    prompt: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class MapInfo:
    """What a map is.

    Args:
        sample: number of the sample.
        word: whose attention it is.
        prompt: of the sample.
        steps: the step, or those that it is the mean of.
        times: noise level or time of each of these.
        grid: height and width of the map, or frames, height and width.
        picture: height and width of the sample's picture, or frames, height and width of its film.
        layer: None for the mean over the layers.
        head: None for the mean over the heads.
        branch: pass of classifier-free guidance.
        unit: what a value is.
    """

    sample: int
    word: str
    prompt: str
    steps: tuple[int, ...]
    times: tuple[float, ...]
    grid: tuple[int, ...]
    picture: tuple[int, ...]
    layer: str | None
    head: int | None
    branch: str
    unit: str


@dataclass(frozen=True)
class AttentionMap:
    """A map, float32 ``[*info.grid]``, and what it is."""

    values: np.ndarray
    info: MapInfo
