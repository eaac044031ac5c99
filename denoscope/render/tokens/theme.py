"""Colours of texts: light and dark, told apart by colour-blind readers, every text in contrast to its ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np
from PIL import ImageColor

RGB = tuple[int, int, int]
LEVELS = 8
"""Steps from ground to ink at the edges of letters: few, so that all colours of an animation fit into one palette."""


@dataclass(frozen=True)
class Theme:
    """Colours by what they mean; the accents are those of Okabe and Ito, https://jfly.uni-koeln.de/color/.

    Args:
        paper: behind everything.
        ink: text.
        muted: masks, captions.
        revealed: marks a token that was masked before.
        changed: marks another token than before.
        remasked: marks a token that was masked again.
        prompt: text that was given, and how far the run is.
        strength: share of an accent in the ground of what it marks.
    """

    paper: RGB
    ink: RGB
    muted: RGB
    revealed: RGB
    changed: RGB
    remasked: RGB
    prompt: RGB
    strength: float

    @property
    def faint(self) -> RGB:
        """Ground of masked tokens."""
        return mixed(self.paper, self.ink, 0.07)

    @property
    def line(self) -> RGB:
        """Thin lines."""
        return mixed(self.paper, self.ink, 0.25)

    def tint(self, accent: RGB) -> RGB:
        """Ground of what an accent marks."""
        return mixed(self.paper, accent, self.strength)


THEMES = {
    "light": Theme(
        paper=(255, 255, 255),
        ink=(33, 33, 33),
        muted=(98, 98, 98),
        revealed=(0, 158, 115),
        changed=(230, 159, 0),
        remasked=(204, 121, 167),
        prompt=(0, 114, 178),
        strength=0.3,
    ),
    "dark": Theme(
        paper=(22, 24, 29),
        ink=(235, 235, 235),
        muted=(164, 164, 164),
        revealed=(0, 158, 115),
        changed=(230, 159, 0),
        remasked=(204, 121, 167),
        prompt=(86, 180, 233),
        strength=0.4,
    ),
}


def theme(name: str, colours: Mapping[str, str | RGB]) -> Theme:
    """Look up a theme and exchange some of its colours.

    Raises:
        ValueError: if the theme, the name of a colour or a colour is unknown.
    """
    if name not in THEMES:
        raise ValueError(f"theme {name!r} is unknown; give one of {', '.join(THEMES)}")
    names = [field.name for field in fields(Theme) if field.name != "strength"]
    if unknown := colours.keys() - set(names):
        raise ValueError(f"colours of {', '.join(sorted(unknown))} are unknown; give some of {', '.join(names)}")
    return replace(THEMES[name], **{key: _rgb(colour) for key, colour in colours.items()})  # type: ignore[arg-type]


def mixed(first: RGB, second: RGB, share: float) -> RGB:
    """``share`` of the second colour in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@lru_cache(1024)
def ramp(ground: RGB, ink: RGB, levels: int = LEVELS) -> np.ndarray:
    """Colours from ``ground`` to ``ink``, uint8 ``[levels, 3]``."""
    return np.array([mixed(ground, ink, level / (levels - 1)) for level in range(levels)], np.uint8)


def contrast(first: RGB, second: RGB) -> float:
    """Contrast of two colours, 1 to 21, as https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio defines it."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: RGB) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str | RGB) -> RGB:
    red, green, blue = ImageColor.getrgb(colour)[:3] if isinstance(colour, str) else colour
    return red, green, blue
