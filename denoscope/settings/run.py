"""What every run of the configuration says, whatever its model family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt

from denoscope.settings.base import Settings
from denoscope.settings.maps import Maps
from denoscope.settings.model import AttentionShape, Model, Shape
from denoscope.settings.record import Record
from denoscope.settings.render import Render
from denoscope.settings.samples import Samples
from denoscope.settings.sizes import StepTensor, UnknownSizeError
from denoscope.words.target import name_of

Key = tuple[str | int, ...]
Problem = tuple[Key, str]


class Run(Settings, ABC):
    """A named entry of the configuration. Each family adds its model, its sampler and its conditions."""

    kind: ClassVar[str] = "picture"
    """What a sample is: a ``picture``, a ``video`` or a ``text``."""
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

    def word_layers(self) -> dict[str, AttentionShape]:
        """The layers whose queries attend to the prompt's tokens; none where there is no prompt, or no such layer."""
        return {}

    def most_words(self) -> int:
        """The most words that a prompt has whose attention is recorded: listed, or marked in the prompt."""
        asked = self.record.attention
        return len(asked.words) if asked and isinstance(asked.words, tuple) else 0

    def word_names(self) -> tuple[str, ...]:
        """What the words are called whose attention is recorded, in any of the prompts: listed, or marked in one."""
        asked = self.record.attention
        return tuple(map(name_of, asked.words)) if asked and isinstance(asked.words, tuple) else ()

    @property
    def measured(self) -> bool:
        """Whether what the pictures truly show is measured, and attention scored by it."""
        return False

    def no_single_tokens(self) -> str | None:
        """Why activations of single tokens cannot be recorded, and what to do; None if they can."""
        return "a picture has no tokens: remove it"

    def guided(self) -> bool:
        """Whether every step also asks the network what it says without the class or prompt.

        Raises:
            UnknownSizeError: the family does not tell.
        """
        raise UnknownSizeError(f"the family {self.model.family} does not tell whether its steps are guided")

    def evaluations(self) -> int:
        """Network evaluations of a sample; where steps reuse them, the most that there can be."""
        return self.forward_steps() * (2 if self.guided() else 1)

    def reuses(self) -> bool:
        """Whether steps may reuse evaluations."""
        return False

    def step_tensors(self) -> dict[str, StepTensor]:
        """What every step writes of a sample, whatever layers are recorded: states, pictures, predicted tokens.

        Raises:
            UnknownSizeError: the family or the configuration does not tell.
        """
        raise UnknownSizeError(f"the family {self.model.family} does not tell how large its states are")

    def companions(self) -> dict[str, int]:
        """Bytes of what is loaded beside the network, by name: an autoencoder, a text encoder.

        Raises:
            UnknownSizeError: the configuration does not tell.
        """
        return {}

    def layer_shapes(self) -> dict[str, Shape]:
        """Every layer that can be tapped, with the shape of its output for one sample of this run."""
        return self.model.layers()

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """How large the attention of each of the model's attention layers is.

        Raises:
            UnknownSizeError: the family or the configuration does not tell.
        """
        raise UnknownSizeError(f"the family {self.model.family} does not tell how large its attention is")

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What the overview says of this family's part of the run, in words."""

    @abstractmethod
    def problems(self) -> Iterator[Problem]:
        """Settings of this family that cannot work together: the key below the run, and what to do."""
