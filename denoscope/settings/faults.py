"""What pydantic refuses, in one line instead of its own several."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError


def one_line(error: ValidationError) -> str:
    """Key and message of everything that is wrong."""
    return "; ".join(_lines(error))


def _lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        key, message = ".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, ")
        yield f"{key}: {message}" if key else message
