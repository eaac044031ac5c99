"""Prompts cut at the words whose attention was recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from denoscope.words.columns import Span, occurrences

NO_WORD = -1


def pieces(prompt: str, words: Sequence[str]) -> list[tuple[str, int]]:
    """The prompt in parts, each with the number of its word, or ``NO_WORD``; a word within another has no part."""
    found, end = [], 0
    for (first, last), word in sorted(_places(prompt, words), key=lambda place: (place[0][0], -place[0][1])):
        if first >= end:
            found += [(prompt[end:first], NO_WORD), (prompt[first:last], word)]
            end = last
    return [(part, word) for part, word in [*found, (prompt[end:], NO_WORD)] if part]


def _places(prompt: str, words: Sequence[str]) -> Iterator[tuple[Span, int]]:
    for number, word in enumerate(words):
        # What was marked may be a part of a word: "(kiss)ing".
        spans = list(occurrences(word, prompt)) or [
            m.span() for m in re.finditer(re.escape(word), prompt, re.IGNORECASE)
        ]
        yield from ((span, number) for span in spans if word)
