"""What is recorded of a sample while it is denoised."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from denoscope.settings.base import Settings, Steps
from denoscope.words.target import Target

Branch = Literal["conditional", "unconditional"]
Keys = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]


class RecordAttention(Settings):
    """Which attention maps are kept."""

    layers: tuple[str, ...] = Field(min_length=1, description="globs over the layers that attend")
    keys: Keys | None = Field(None, description="key positions to keep; null keeps all")
    heads: Literal["mean", "each"] = Field("mean", description="average over the heads, or keep each")
    queries: Literal["mean", "each"] | None = Field(
        None, description="average over the query positions, or keep each; null keeps each of words, else averages"
    )
    words: Literal["marked"] | Annotated[tuple[Target, ...], Field(min_length=1)] | None = Field(
        None,
        description="words of the prompt whose attention is kept instead of keys: those that parentheses mark, or a "
        "list that every prompt has; null keeps keys",
    )
    keep: Annotated[tuple[Literal["layers", "mean"], ...], Field(min_length=1)] = Field(
        ("layers", "mean"),
        description="of words: the maps of every layer, and their mean over the layers, of each step and of all steps",
    )
    downsample: PositiveInt = Field(
        1, description="of words: average squares of so many positions a side, which makes maps smaller"
    )

    @model_validator(mode="after")
    def _agrees(self) -> RecordAttention:
        if self.words is None and self.downsample != 1:
            raise ValueError("downsample belongs to words: name words, or remove it")
        if self.words is not None and self.keys is not None:
            raise ValueError("words are kept instead of keys: remove one of them")
        if self.words is not None and self.queries == "mean":
            raise ValueError("a word's map has a value for each query: remove queries")
        return self

    @property
    def averages_queries(self) -> bool:
        """Whether one value stands for all queries."""
        return self.queries != "each" and self.words is None

    def coarse(self, grid: tuple[int, ...]) -> tuple[int, ...]:
        """The grid of a word's map after down-sampling."""
        return (*grid[:-2], *(-(-side // self.downsample) for side in grid[-2:]))


class Record(Settings):
    """Layers, attention and states to keep."""

    layers: tuple[str, ...] = Field((), description="globs over the layers whose activations are kept")
    reduce: Literal["mean", "pool", "flatten"] = Field(
        "mean", description="mean over the positions, average pool to a 4×4 grid, or every value"
    )
    tokens: tuple[str, ...] = Field(
        (), description="globs over the layers whose activations are also kept of every single token, of texts"
    )
    steps: Steps = Field("all", description="steps whose activations and attention are kept")
    branches: tuple[Branch, ...] = Field(
        ("conditional",), min_length=1, description="passes of classifier-free guidance that are kept"
    )
    attention: RecordAttention | None = Field(None, description="attention maps; null keeps none")
    states: bool = Field(True, description="keep the raw state of every step beside its picture")
    dtype: Literal["float16", "float32"] = Field("float16", description="stored type of states and activations")
    verify: bool = Field(
        False, description="make every shard's first batch again without recording, and tell whether all bits are equal"
    )
