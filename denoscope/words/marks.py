"""Parentheses in a prompt mark the words whose attention is wanted: "two swans (kiss)"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from denoscope.words.errors import WordError

PART = re.compile(r"\\[()\\]|[()]")
"""A parenthesis, or an escaped one (or an escaped backslash), which stands for itself."""


@dataclass(frozen=True)
class Marked:
    """A prompt without its marks.

    ``text`` is what the model reads; ``spans`` are the first and past-the-last character of every marked part of it.
    """

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The marked parts, each once, in order."""
        return tuple(dict.fromkeys(self.text[first:last] for first, last in self.spans))


def read_marks(prompt: str) -> Marked:
    r"""Take the marks out of a prompt; ``\(``, ``\)`` and ``\\`` stand for themselves.

    Raises:
        WordError: parentheses do not pair, lie in each other, or hold nothing.
    """
    text, spans, end, opened = "", [], 0, None
    for part in PART.finditer(prompt):
        text += prompt[end : part.start()]
        end = part.end()
        if part[0].startswith("\\"):
            text += part[0][1]
        elif part[0] == "(":
            if opened is not None:
                raise _wrong(prompt, part.start(), "opens within another")
            opened = len(text)
        else:
            if opened is None:
                raise _wrong(prompt, part.start(), "closes what nothing opened")
            if not text[opened:].strip():
                raise _wrong(prompt, part.start(), "closes a mark without a word")
            spans.append(_stripped(text, opened))
            opened = None
    if opened is not None:
        raise _wrong(prompt, len(prompt), "is missing: a mark is not closed")
    return Marked(text + prompt[end:], tuple(spans))


def escaped(text: str) -> str:
    """``text`` as a prompt that marks nothing."""
    return re.sub(r"[()\\]", r"\\\g<0>", text)


def _stripped(text: str, first: int) -> tuple[int, int]:
    marked = text[first:]
    start = first + len(marked) - len(marked.lstrip())
    return start, start + len(marked.strip())


def _wrong(prompt: str, place: int, what: str) -> WordError:
    shown = prompt[max(0, place - 30) : place + 10]
    return WordError(
        f"a parenthesis at character {place} of the prompt (… {shown} …) {what}: parentheses mark words whose "
        "attention is wanted; write \\( and \\) for parentheses that belong to the text"
    )
