"""What every run of the configuration says, whatever its model family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt

from denoscope.settings.base import Settings
from denoscope.settings.maps import Maps
from denoscope.settings.model import Model
from denoscope.settings.record import Record
from denoscope.settings.render import Render
from denoscope.settings.samples import Samples

Key = tuple[str | int, ...]
Problem = tuple[Key, str]


class Run(Settings, ABC):
    """A named entry of the configuration. Each family adds its model, its sampler and its conditions."""

    kind: ClassVar[str] = "picture"
    """What a sample is: a picture or a text."""
    time_symbol: ClassVar[str]
    """What this family calls the time or noise level of a step."""

    model: Model
    seed: NonNegativeInt = Field(0, description="with a sample's number it decides all of that sample's noise")
    dtype: Literal["float32", "float16", "bfloat16"] = Field("float32", description="type of the network's weights")
    samples: Samples
    record: Record = Record()
    maps: Maps | None = Field(None, description="null draws no maps")
    render: Render = Render()

    @abstractmethod
    def forward_steps(self) -> int:
        """Number of steps at which the network runs; the recorded states are one more."""

    @abstractmethod
    def request(self, sample: int) -> dict[str, Any]:
        """What ``sample`` asks of the model (a label, a prompt), as plain builtins."""

    @abstractmethod
    def family_settings(self) -> dict[str, Any]:
        """What decides this family's samples besides the requests, as plain builtins."""

    def no_single_tokens(self) -> str | None:
        """Why activations of single tokens cannot be recorded, and what to do; None if they can."""
        return "a picture has no tokens: remove it"

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What the overview says of this family's part of the run, in words."""

    @abstractmethod
    def problems(self) -> Iterator[Problem]:
        """Settings of this family that cannot work together: the key below the run, and what to do."""
