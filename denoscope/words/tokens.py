"""A prompt as a text encoder sees it: tokens, the characters of each, and which are none of the prompt's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Tokenizer(Protocol):
    """A tokenizer of transformers that tells characters: every fast one."""

    def __call__(self, text: str, **options: Any) -> Mapping[str, Any]:
        """Encode a text."""

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        """What tokens are called in the vocabulary."""


@dataclass(frozen=True)
class PromptTokens:
    """The tokens of one prompt, in the order of an attention map's columns.

    Args:
        prompt: the text.
        ids: the tokens' numbers.
        names: what the vocabulary calls them.
        spans: first and past-the-last character of the prompt that each stands for; empty where it stands for none.
        special: tokens that the encoder adds: start and end.
        padding: tokens that only fill up the length.
        cut: the first character of the prompt that has no token any more; the prompt's length where all have.
    """

    prompt: str
    ids: tuple[int, ...]
    names: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    special: tuple[bool, ...]
    padding: tuple[bool, ...]
    cut: int

    @property
    def real(self) -> tuple[int, ...]:
        """Columns of the prompt's own tokens."""
        flags = zip(self.special, self.padding, strict=True)
        return tuple(column for column, (special, padding) in enumerate(flags) if not special and not padding)


def no_tokens(length: int) -> PromptTokens:
    """What a network reads that is given ``length`` zeros instead of a text: they only fill up the length."""
    return PromptTokens(
        "", (0,) * length, ("",) * length, ((0, 0),) * length, (False,) * length, (True,) * length, cut=0
    )


def prompt_tokens(tokenizer: Tokenizer, prompt: str, length: int) -> PromptTokens:
    """Encode ``prompt``, cut and padded to ``length`` tokens, as pipelines of diffusers do."""
    asked = {"return_offsets_mapping": True, "return_special_tokens_mask": True, "return_attention_mask": True}
    found = tokenizer(prompt, padding="max_length", max_length=length, truncation=True, **asked)
    padding = tuple(not seen for seen in found["attention_mask"])
    flags = zip(found["special_tokens_mask"], padding, strict=True)
    special = tuple(bool(flag) and not filled for flag, filled in flags)
    none = [a or b for a, b in zip(special, padding, strict=True)]
    offsets = zip(found["offset_mapping"], none, strict=True)
    spans = tuple((0, 0) if other else (int(first), int(last)) for (first, last), other in offsets)
    whole = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    seen = len(none) - sum(none)
    cut = len(prompt) if seen >= len(whole) else int(whole[seen][0])
    ids = tuple(found["input_ids"])
    return PromptTokens(prompt, ids, tuple(tokenizer.convert_ids_to_tokens(list(ids))), spans, special, padding, cut)
