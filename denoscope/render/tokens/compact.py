"""A text as one reads it, while it appears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from denoscope.render.tokens.animation import Animation
from denoscope.render.tokens.flow import Content, flow
from denoscope.render.tokens.header import Header
from denoscope.render.tokens.legend import legend
from denoscope.render.tokens.pane import TokenPane
from denoscope.render.tokens.tiles import Tiles, has_lead
from denoscope.text.trajectory import TextTrajectory

GAP = 1


@dataclass(eq=False)
class CompactAnimation(Animation):
    """Running text that breaks between words; what just happened to a token is marked.

    ``chars_per_line`` breaks lines after so many characters instead of ``width`` pixels; the picture grows as needed.
    Other arguments as :class:`~denoscope.render.tokens.animation.Animation`.
    """

    _: KW_ONLY
    chars_per_line: int | None = None

    def pane(self, trajectory: TextTrajectory, title: str, together: Sequence[TextTrajectory]) -> TokenPane:
        """Lay out one text."""
        positions = contents(trajectory, self.tiles, self.chars_per_line is not None)
        if self.chars_per_line is None:
            boxes = flow(positions, GAP, self.width + GAP, self.width)
        else:
            boxes = flow(positions, GAP, self.chars_per_line)
        width = max(self.width, *(box.left + box.width for box in boxes))
        return TokenPane(Header(self.palette, self.small, width, title, self.show_steps), trajectory, self.tiles, boxes)

    def footer(self, together: Sequence[TextTrajectory]) -> list[np.ndarray]:
        """Explain the marks."""
        return legend(together, Tiles(self.palette, self.small, self.placeholder))

    @cached_property
    def tiles(self) -> Tiles:
        """How tokens look."""
        return Tiles(self.palette, self.typeface, self.placeholder)


def contents(trajectory: TextTrajectory, tiles: Tiles, by_characters: bool) -> list[Content]:
    """What every position holds; its cost is its characters, or its pixels and the gap after it."""
    masked, open_end = (set(np.flatnonzero(one).tolist()) for one in (trajectory.masked.any(0), trajectory.masked[-1]))
    found = []
    for position, (column, given) in enumerate(
        zip(zip(*trajectory.pieces, strict=True), trajectory.prompt, strict=True)
    ):
        texts = set(column)
        lead = tiles.space if any(map(has_lead, texts)) else 0
        bare = max(*(tiles.width(text, given) for text in texts), tiles.mask_width if position in masked else 0)
        characters = max(*map(len, texts), len(tiles.placeholder) if position in masked else 0)
        last = trajectory.pieces[-1][position]
        word = has_lead(last) or position in open_end
        cost = characters if by_characters else bare + lead + GAP
        found.append(Content(bare, lead, cost, word, last.count("\n")))
    return found
