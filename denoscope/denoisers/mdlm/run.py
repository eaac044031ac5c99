"""Settings of a run of the MDLM family. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, NonNegativeInt

from denoscope.denoisers.text.masked_run import MaskedRun
from denoscope.denoisers.text.settings import Uncertainty
from denoscope.denoisers.text.text_run import TextModel
from denoscope.networks.description import published
from denoscope.networks.dit_config import DiTConfig
from denoscope.settings.model import Shape
from denoscope.settings.run import Problem
from denoscope.settings.sizes import StepTensor
from denoscope.trace.schema import IMPORTANCE


class MDLMModel(TextModel):
    """MDLM's diffusion transformer, with ATAT's importance estimator where its network says so."""

    family: Literal["mdlm"]
    network: DiTConfig | None = Field(
        None, description="architecture; a bundled, trained or local checkpoint may bring it in its config.json"
    )
    mask_id: NonNegativeInt | None = Field(
        None, description="the mask's id; null takes the tokenizer's, or the last of the network's vocabulary"
    )

    @cached_property
    def architecture(self) -> DiTConfig:
        """The network's configuration, from here or from the checkpoint's folder."""
        return self.network or DiTConfig.model_validate(published(self.checkpoint, self.family).network)

    @property
    def title(self) -> str:
        """The network in words."""
        net = self.architecture
        size = f"{net.n_blocks} blocks of {net.hidden_dim} channels, {net.n_heads} heads"
        return f"MDLM's diffusion transformer, {size}" + (", with ATAT's importance" if net.importance else "")

    @property
    def window(self) -> int:
        """Tokens that the network sees at once."""
        return self.architecture.model_length

    def layers(self) -> dict[str, Shape]:
        """Every block, with positions and channels of its output."""
        return self.architecture.layers()

    def attention_layers(self) -> tuple[str, ...]:
        """Every block attends."""
        return tuple(self.architecture.layers())

    def heads(self) -> int:
        """Attention heads of a block."""
        return self.architecture.n_heads

    def parameters(self) -> int:
        """Number of the network's parameters."""
        return self.architecture.parameters()

    def described(self) -> dict[str, Any]:
        """The network's configuration and the mask."""
        return {**self.architecture.model_dump(mode="json"), "mask_id": self.mask_id}


class MDLMRun(MaskedRun):
    """A run of the MDLM family."""

    model: MDLMModel

    def step_tensors(self) -> dict[str, StepTensor]:
        """What all texts have, and the importance of every token where the network has it."""
        importance = {IMPORTANCE: StepTensor((self.total,), "float16", predicted=True)}
        return super().step_tensors() | (importance if self.model.architecture.importance else {})

    def problems(self) -> Iterator[Problem]:
        """What all masked runs check, and that the sampler has the importance that it wants."""
        yield from super().problems()
        if isinstance(self.sampler, Uncertainty) and not self.model.architecture.importance:
            yield (
                ("sampler", "name"),
                "uncertainty needs ATAT's importance estimator, which this network lacks: choose prose-atat or another "
                "checkpoint with one, or another sampler",
            )


FamilyRun = MDLMRun
