"""What is recorded of a sample while it is denoised."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from denoscope.settings.base import Settings, Steps

Branch = Literal["conditional", "unconditional"]
Keys = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]


class RecordAttention(Settings):
    """Which attention maps are kept."""

    layers: tuple[str, ...] = Field(min_length=1, description="globs over the layers that attend")
    keys: Keys | None = Field(None, description="key positions to keep; null keeps all")
    heads: Literal["mean", "each"] = Field("mean", description="average over the heads, or keep each")
    queries: Literal["mean", "each"] = Field("mean", description="average over the query positions, or keep each")


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
