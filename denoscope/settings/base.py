"""The kind of model that every section of the configuration is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=100,
        description="letters, digits, dot, dash and underscore: it becomes a folder's name",
    ),
]
Steps = Literal["all"] | tuple[NonNegativeInt, ...]


class Settings(BaseModel):
    """A section of the configuration: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def chosen_steps(steps: Steps, available: int) -> tuple[int, ...]:
    """The step numbers that ``steps`` names among ``0 … available - 1``, in order and without repetition."""
    return tuple(range(available)) if steps == "all" else tuple(sorted(set(steps)))
