"""Finds the tokens of a word: every occurrence, every part."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence

from denoscope.words.errors import WordError
from denoscope.words.target import Target, TokenGroup, TokenIndex
from denoscope.words.tokens import PromptTokens

Span = tuple[int, int]


def columns_of(target: Target, tokens: PromptTokens, marked: Sequence[Span] = ()) -> tuple[int, ...]:
    """Columns of an attention map that belong to ``target``.

    Args:
        target: what is asked for; a word or phrase is found wherever it stands, whatever its case.
        tokens: of the prompt.
        marked: characters that are marked in the prompt, which may be parts of a word: "(kiss)ing".

    Raises:
        WordError: the prompt does not have it; the message lists the tokens that it has.
    """
    if isinstance(target, TokenIndex):
        if target.index >= len(tokens.ids):
            raise WordError(f"there is no token {target.index}: the prompt has {_listed(tokens)}")
        return (target.index,)
    if isinstance(target, TokenGroup):
        return _group(target, tokens)
    spans = list(dict.fromkeys([*occurrences(target, tokens.prompt), *_same(target, tokens.prompt, marked)]))
    found = sorted({column for span in spans for column in _overlapping(span, tokens)})
    # A word of which the text encoder reads only the first parts is no whole word.
    if found and all(span[1] <= tokens.cut and _overlapping(span, tokens) for span in spans):
        return tuple(found)
    if spans:
        raise WordError(
            f"'{target}' stands at character {max(spans)[0]} of the prompt, and the text encoder reads it to character "
            f"{tokens.cut} ({len(tokens.ids)} tokens): shorten the prompt; its tokens are {_listed(tokens)}"
        )
    raise WordError(f"'{target}' is no word of the prompt {tokens.prompt!r}; its tokens are {_listed(tokens)}")


def words_in(prompt: str) -> tuple[str, ...]:
    """The words of a prompt as they stand between spaces, each once, without punctuation around them."""
    parts = (part.strip(string.punctuation) for part in prompt.split())
    return tuple(dict.fromkeys(part for part in parts if part))


def occurrences(phrase: str, prompt: str) -> Iterator[Span]:
    """Where ``phrase`` stands in ``prompt`` as whole words, whatever its case and the kind of space between words."""
    wanted = r"\s+".join(re.escape(word) for word in phrase.split())
    for match in re.finditer(wanted, prompt, re.IGNORECASE) if wanted else ():
        if not _inside_word(prompt, match.start()) and not _inside_word(prompt, match.end()):
            yield match.span()


def _inside_word(prompt: str, place: int) -> bool:
    """Whether a word goes on over ``place``; scripts without spaces have no such words."""
    if not 0 < place < len(prompt):
        return False
    return all(_belongs(side) for side in prompt[place - 1 : place + 1])


def _belongs(character: str) -> bool:
    """Whether a character joins its neighbours to a word: letters, digits and combining marks, but no ideographs."""
    joins = character.isalnum() or unicodedata.category(character).startswith("M")
    return joins and unicodedata.east_asian_width(character) != "W"


def _same(target: str, prompt: str, marked: Sequence[Span]) -> list[Span]:
    return [span for span in marked if prompt[slice(*span)].casefold() == target.casefold()]


def _overlapping(span: Span, tokens: PromptTokens) -> list[int]:
    """Tokens that share a character with ``span``; the space before a word may be its token's, and does not count."""
    return [
        column
        for column, (first, last) in enumerate(tokens.spans)
        if tokens.prompt[max(first, span[0]) : min(last, span[1])].strip()
    ]


def _group(target: TokenGroup, tokens: PromptTokens) -> tuple[int, ...]:
    flags = {"special": tokens.special, "padding": tokens.padding}
    if target.group == "all":
        return tokens.real
    found = tuple(column for column, flag in enumerate(flags[target.group]) if flag)
    if not found:
        raise WordError(f"the prompt has no {target.group} tokens; its tokens are {_listed(tokens)}")
    return found


def _listed(tokens: PromptTokens) -> str:
    names = [f"{column} {tokens.names[column]!r}" for column in tokens.real]
    return ", ".join(names) or "none of its own"
