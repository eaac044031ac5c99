"""What a configuration may ask the attention of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from denoscope.settings.base import Settings


class TokenIndex(Settings):
    """One token, by its place."""

    index: NonNegativeInt = Field(description="place of the token, the start token included, from 0")


class TokenGroup(Settings):
    """Tokens of a kind."""

    group: Literal["all", "special", "padding"] = Field(
        description="all of the prompt's own tokens, the start and end tokens, or what only fills up the length"
    )


Target = Annotated[str, Field(min_length=1)] | TokenIndex | TokenGroup
"""A word or phrase wherever it stands in the prompt, a token, or a group of tokens."""


def name_of(target: Target) -> str:
    """What files and tables call a target; no word is called so."""
    if isinstance(target, TokenIndex):
        return f"#{target.index}"
    return f"<{target.group}>" if isinstance(target, TokenGroup) else target
