"""What a configuration says of a network, whatever its family."""

from __future__ import annotations

from abc import ABC, abstractmethod

from denoscope.settings.base import Settings
from denoscope.settings.checkpoint import Checkpoint

Shape = tuple[int, ...]


class Model(Settings, ABC):
    """A network and its weights. Each family adds what its networks need."""

    family: str
    checkpoint: Checkpoint

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Everything that is fetched for this model, the weights first."""
        return (self.checkpoint,)

    @abstractmethod
    def layers(self) -> dict[str, Shape]:
        """Every layer that can be tapped, with the shape of its output for one sample."""

    @abstractmethod
    def attention_layers(self) -> tuple[str, ...]:
        """The layers that call scaled dot-product attention themselves."""
