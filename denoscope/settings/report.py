"""The page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt

from denoscope.settings.base import Settings


class Report(Settings):
    """Title and budgets of the report."""

    title: str = Field("denoscope", min_length=1, description="heading of the page")
    inline: Literal["auto", "always", "never"] = Field(
        "auto",
        description="auto keeps data inside the page up to inline_mb and the rest in a folder beside it",
    )
    inline_mb: NonNegativeFloat = Field(64.0, description="megabytes of data inside the page, as base64")
    players: NonNegativeInt = Field(200, description="samples of each run whose every step is in the page")
    media_mb: NonNegativeFloat = Field(
        8.0,
        description="megabytes of each run's animations with the page; the others are linked in the results folder",
    )
