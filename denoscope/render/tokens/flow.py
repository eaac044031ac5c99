"""Where every token of a running text stands, the same in all frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Content:
    """The most that a position holds in any frame.

    Args:
        bare: pixels of its widest token.
        lead: pixels of the space before it, 0 if no token has one.
        cost: what it takes of a line.
        word: whether a word begins here in the last state.
        breaks: how many lines end here in the last state.
    """

    bare: int
    lead: int
    cost: int
    word: bool
    breaks: int


@dataclass(frozen=True)
class Box:
    """Place of a token: its line, and pixels from the left; ``lead`` of them are the space before it."""

    line: int
    left: int
    width: int
    lead: int


def flow(positions: Sequence[Content], gap: int, capacity: int, room: int | None = None) -> list[Box]:
    """Break lines between words; within a word only if it is longer than a line.

    Args:
        positions: what every position holds.
        gap: pixels between two tokens.
        capacity: the most that a line may cost.
        room: the most pixels that a box may take, None for any.
    """
    boxes: list[Box] = []
    cursor = _Cursor(capacity)
    for word in _words(positions):
        whole = sum(content.cost for content in word)
        if whole <= capacity:
            cursor.reserve(whole)
        for content in word:
            cursor.reserve(content.cost)
            lead = 0 if cursor.wrapped and not cursor.used else content.lead
            width = content.bare + lead if room is None else min(content.bare + lead, room)
            boxes.append(Box(cursor.line, cursor.left, width, lead))
            cursor.advance(width + gap, content.cost)
            cursor.end_lines(content.breaks)
    return boxes


@dataclass
class _Cursor:
    capacity: int
    line: int = 0
    left: int = 0
    used: int = 0
    wrapped: bool = False
    """Whether the line began for want of room: only then is the space at its beginning left out."""

    def reserve(self, cost: int) -> None:
        if self.used and self.used + cost > self.capacity:
            self._begin(1)
            self.wrapped = True

    def advance(self, pixels: int, cost: int) -> None:
        self.left += pixels
        self.used += cost

    def end_lines(self, count: int) -> None:
        if count:
            self._begin(count)
            self.wrapped = False

    def _begin(self, lines: int) -> None:
        self.line, self.left, self.used = self.line + lines, 0, 0


def _words(positions: Sequence[Content]) -> Iterator[list[Content]]:
    word: list[Content] = []
    for content in positions:
        if word and (content.word or word[-1].breaks):
            yield word
            word = []
        word.append(content)
    if word:
        yield word
