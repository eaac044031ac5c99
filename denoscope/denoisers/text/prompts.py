"""Prompts as tokens: known text in front, or around gaps that are to be filled."""

from __future__ import annotations

import re

from denoscope.text.tokenizer import TextTokenizer, TokenizerError

GAP = re.compile(r"\[MASK(?:\*(\d+))?\]")
"""``[MASK]`` is a masked token in a prompt, ``[MASK*8]`` eight of them."""
MOST = 1_000_000
"""Tokens up to the end of a gap; no text is as long."""


def prompt_tokens(prompt: str, tokenizer: TextTokenizer, mask_id: int) -> list[int]:
    """Ids of ``prompt``; its gaps are masks.

    Raises:
        TokenizerError: a gap is longer than any text.
    """
    found: list[int] = []
    end = 0
    for gap in GAP.finditer(prompt):
        found += tokenizer.encode(prompt[end : gap.start()])
        found += [mask_id] * _gap_size(gap, MOST - len(found))
        end = gap.end()
    return [*found, *tokenizer.encode(prompt[end:])]


def _gap_size(gap: re.Match[str], most: int) -> int:
    """Masks of a gap, read only where it has few digits: a list of masks takes memory."""
    digits = gap[1] or "1"
    if len(digits) > len(str(MOST)) or int(digits) > most:
        raise TokenizerError(f"the gap {gap[0][:40]} of the prompt is longer than any text: make it shorter")
    return int(digits)


def require_room(prompt: str, tokens: int, length: int, *, gaps: bool = False) -> None:
    """Check that a prompt leaves something to write.

    Args:
        prompt: as it is configured.
        tokens: how many it has, those of its gaps included.
        length: of the text.
        gaps: whether it has any: then it may fill the text.

    Raises:
        TokenizerError: it does not.
    """
    if tokens > length or (tokens == length and not gaps):
        raise TokenizerError(
            f"the prompt {prompt[:60]!r} has {tokens} tokens and leaves no room in {length}: shorten it, "
            "or raise length"
        )


def require_window(prompt: str, tokens: int, window: int) -> None:
    """Check that the network sees more than the ``tokens`` that a prompt gives.

    Raises:
        TokenizerError: it does not.
    """
    if tokens >= window:
        raise TokenizerError(
            f"the prompt {prompt[:60]!r} has {tokens} tokens, and the network sees {window} at once: shorten it"
        )
