"""The recipe of a text model: ``models/<name>/recipe.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from denoscope.settings.base import Settings
from denoscope.training.schedule import Optimisation

LEVELS = tuple(round(0.1 * level, 1) for level in range(1, 11))
"""Shares of masked tokens, 10 to 100 %."""


class Held(Settings):
    """What every corpus says."""

    holdout: float = Field(0.1, gt=0, lt=1, description="share of the text that is not trained on")


class Default(Held):
    """The prose of Python's help (``pydoc_data.topics``)."""

    name: Literal["python-help"]


class TextFile(Held):
    """Any text file, UTF-8, empty lines between paragraphs."""

    file: str = Field(min_length=1, description="path of a text file")


class HubText(Held):
    """A column of a data set of the hub."""

    hub: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)?$", description="data set on the hub")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$", description="full commit hash: a branch or a tag may move")
    subset: str | None = Field(None, description="configuration of the data set")
    split: str = Field("train", description="its split")
    column: str = Field("text", description="the column that holds the text")
    documents: PositiveInt = Field(10_000, description="rows to read, from the first")


Corpus = Default | TextFile | HubText

Level = Annotated[float, Field(gt=0, le=1)]


class Phase(Settings):
    """Some of the training's steps, and how tokens are masked in them."""

    until: float = Field(1.0, gt=0, le=1, description="share of all steps at which the phase ends")
    levels: tuple[Level, ...] = Field(LEVELS, min_length=1, description="shares of masked tokens; one is drawn a text")


class Adaptive(Settings):
    """ATAT: tokens are masked by their importance, the more so the further the curriculum is."""

    mode: Literal["importance", "inverse", "balanced"] = Field(
        "importance", description="mask important tokens more often, less often, or half by importance"
    )
    curriculum: float = Field(
        0.5, gt=0, le=1, description="share of the steps over which masking goes from uniform to adaptive"
    )


class TextRecipe(Optimisation):
    """How a text model is trained. ``batch`` counts texts of the network's length."""

    corpus: Corpus
    phases: tuple[Phase, ...] = Field((Phase(),), min_length=1, description="masking over the training, in order")
    prefix: NonNegativeInt = Field(16, description="up to so many tokens at the start are not masked")
    adaptive: Adaptive | None = Field(None, description="ATAT's masking; null masks every token alike")
    weight_decay: float = Field(0.1, ge=0, description="AdamW's weight decay")
    init: str | None = Field(None, description="folder of a checkpoint to start from; null starts anew")

    @model_validator(mode="after")
    def _phases_end(self) -> TextRecipe:
        ends = [phase.until for phase in self.phases]
        if ends != sorted(set(ends)) or ends[-1] != 1:
            raise ValueError("phases must end one after the other, the last at 1 (until: 1.0)")
        return self
