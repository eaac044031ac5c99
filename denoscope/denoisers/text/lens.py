"""What the model's own head reads from each layer: the logit lens (nostalgebraist 2020)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from denoscope.trace.schema import LENS

Head = Callable[[Tensor], Tensor]
"""``hidden [batch, length, channels] → log-probabilities [batch, length, vocabulary]``."""


class Lens:
    """Reads the likeliest token from the output of each layer while the network runs.

    Args:
        network: the model.
        layers: names of its layers; none reads nothing.
        head: the model's head with what precedes it.
    """

    def __init__(self, network: nn.Module, layers: Sequence[str], head: Head) -> None:
        modules = dict(network.named_modules())
        self._layers = {name: modules[name] for name in layers}
        self._head = head
        self._found: dict[str, Tensor] = {}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Enclose one evaluation of the network."""
        hooks = [module.register_forward_hook(self._hook(name)) for name, module in self._layers.items()]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def take(self) -> dict[str, Tensor]:
        """What the last evaluation told: int32 ``[batch, length]`` by name."""
        found, self._found = self._found, {}
        return found

    def _hook(self, name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            hidden = output[0] if isinstance(output, tuple) else output
            self._found[LENS + name] = self._head(hidden).argmax(dim=-1).int()

        return hook
