"""Prompts as tokens: known text in front, or around gaps that are to be filled."""

from __future__ import annotations

import re

from denoscope.text.tokenizer import TextTokenizer, TokenizerError

GAP = re.compile(r"\[MASK(?:\*(\d+))?\]")
"""``[MASK]`` is a masked token in a prompt, ``[MASK*8]`` eight of them."""


def prompt_tokens(prompt: str, tokenizer: TextTokenizer, mask_id: int) -> list[int]:
    """Ids of ``prompt``; its gaps are masks."""
    found: list[int] = []
    end = 0
    for gap in GAP.finditer(prompt):
        found += [*tokenizer.encode(prompt[end : gap.start()]), *[mask_id] * int(gap[1] or 1)]
        end = gap.end()
    return [*found, *tokenizer.encode(prompt[end:])]


def require_room(prompt: str, tokens: int, length: int) -> None:
    """Check that a prompt leaves something to write.

    Raises:
        TokenizerError: it does not.
    """
    if tokens >= length:
        raise TokenizerError(
            f"the prompt {prompt[:60]!r} has {tokens} tokens and leaves no room in {length}: shorten it, "
            "or raise length"
        )
