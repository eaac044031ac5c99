"""The page."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat, NonNegativeInt

from denoscope.settings.base import Settings


class Report(Settings):
    """Title and budget of the report."""

    title: str = Field("denoscope", min_length=1, description="heading of the page")
    players: NonNegativeInt = Field(200, description="samples of each run whose every step is in the page")
    media_mb: NonNegativeFloat = Field(
        8.0,
        description="megabytes of each run's animations inside the page; the others are linked in the results folder",
    )
