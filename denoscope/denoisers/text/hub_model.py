"""A language model that transformers ships, described by its configuration."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field

from denoscope.denoisers.text.text_run import TextModel
from denoscope.networks.description import published
from denoscope.networks.hub_layers import channels, hub_attention, hub_layers, positions
from denoscope.networks.hub_sizes import heads, parameter_count
from denoscope.settings.model import Shape


class HubModel(TextModel):
    """A transformer of the library transformers; its code is that library's, never the repository's."""

    paths: ClassVar[dict[str, str]]
    """Where the layers of each ``model_type`` lie."""

    network: dict[str, Any] | None = Field(
        None,
        description="transformers' configuration, as in the repository's config.json: model_type and whatever differs "
        "from its defaults; a bundled, trained or local checkpoint may bring it in its config.json",
    )

    @cached_property
    def architecture(self) -> dict[str, Any]:
        """The network's configuration, from here or from the checkpoint's folder."""
        return published(self.checkpoint, self.family).network if self.network is None else self.network

    @property
    def title(self) -> str:
        """The network in words."""
        net = self.architecture
        return f"{net['model_type']}, {len(self.layers())} layers of {channels(net)} channels"

    @property
    def window(self) -> int:
        """Tokens that the network sees at once."""
        return positions(self.architecture)

    def layers(self) -> dict[str, Shape]:
        """Every transformer layer, with positions and channels of its output."""
        names = hub_layers(self.architecture, self.paths)
        return dict.fromkeys(names, (positions(self.architecture), channels(self.architecture)))

    def attention_layers(self) -> tuple[str, ...]:
        """The modules that attend, one in each layer."""
        return hub_attention(self.architecture, self.paths)

    def heads(self) -> int:
        """Attention heads of a layer."""
        return heads(self.architecture)

    def parameters(self) -> int:
        """Number of the network's parameters."""
        return parameter_count(self.architecture)

    def described(self) -> dict[str, Any]:
        """The network's configuration."""
        return dict(self.architecture)
