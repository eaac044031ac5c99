"""What a configuration says of a network, whatever its family."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod

from denoscope.settings.base import Settings
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.sizes import UnknownSizeError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class AttentionShape:
    """How large the attention of a layer is.

    Args:
        heads: number of heads.
        grid: the query positions: (height, width), or (frames, height, width).
        keys: number of keys.
    """

    heads: int
    grid: Shape
    keys: int

    @property
    def queries(self) -> int:
        """Number of query positions."""
        return prod(self.grid)


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

    def parameters(self) -> int:
        """Number of the network's parameters.

        Raises:
            UnknownSizeError: the family or the configuration does not tell.
        """
        raise UnknownSizeError(f"the family {self.family} does not count its network's parameters")
