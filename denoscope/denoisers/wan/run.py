"""Settings of a run of the WAN family. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from denoscope.denoisers.wan.model import WanModel
from denoscope.denoisers.wan.settings import Sampler
from denoscope.networks.wan_plan import Grid, attention_layers
from denoscope.settings.checkpoint import LocalCheckpoint
from denoscope.settings.model import AttentionShape, Shape
from denoscope.settings.prompted import AUTOENCODER, TEXT_ENCODER, PromptedRun
from denoscope.settings.prompts import PromptFile
from denoscope.settings.render import VideoRender
from denoscope.settings.run import Problem
from denoscope.settings.sizes import StepTensor
from denoscope.trace.schema import STATE_PREVIEWS, STATES, X0_PREVIEWS

VAE, UMT5_XXL = 126_892_531, 5_680_910_336
"""Parameters of the published autoencoder and text encoder."""
UMT5_CHANNELS = 4096


class WanRun(PromptedRun):
    """A run that films what prompts say."""

    kind: ClassVar[str] = "video"
    time_symbol: ClassVar[str] = "t"

    model: WanModel
    sampler: Sampler
    render: VideoRender = VideoRender()
    height: PositiveInt = Field(480, description="rows of a frame")
    width: PositiveInt = Field(832, description="columns of a frame")
    frames: PositiveInt = Field(81, description="frames of a film: one more than a multiple of four")
    previews: Literal["linear", "decoded"] = Field(
        "linear", description="steps as a linear map of the latents, or by the autoencoder, as the last always is"
    )
    preview_shrink: PositiveInt = Field(
        1, description="films are kept so many times smaller in height and width: each step keeps two"
    )
    truth: Literal["motion"] | None = Field(
        None,
        description="motion: the prompts are captions of a moving shape, so what the films show is measured, and the "
        "attention of their words is scored; null measures nothing",
    )

    @property
    def latents(self) -> Grid:
        """Frames, height and width of the latents."""
        time, space = self.model.compression
        return (self.frames - 1) // time + 1, self.height // space, self.width // space

    def forward_steps(self) -> int:
        """Number of steps at which the network runs."""
        return self.sampler.steps

    def word_layers(self) -> dict[str, AttentionShape]:
        """Cross-attention of every block."""
        grid = self.model.architecture.tokens(self.latents)
        return {
            layer.name: AttentionShape(layer.heads, grid, self.model.text_length)
            for layer in attention_layers(self.model.architecture)
            if layer.crossed
        }

    def guided(self) -> bool:
        """Whether every step also asks the network what it says without the prompt."""
        return self.sampler.guidance > 1

    def layer_shapes(self) -> dict[str, Shape]:
        """Every block, with the tokens of this run's films and its channels."""
        tokens = prod(self.model.architecture.tokens(self.latents))
        return {layer: (tokens, *shape) for layer, shape in self.model.layers().items()}

    def step_tensors(self) -> dict[str, StepTensor]:
        """The latents, their film, and that of the prediction."""
        latents = self.model.architecture.in_channels, *self.latents
        state = {STATES: StepTensor(latents, self.record.dtype)} if self.record.states else {}
        film = self.frames, self.height // self.preview_shrink, self.width // self.preview_shrink, 3
        shown = StepTensor(film, "uint8")
        return {**state, STATE_PREVIEWS: shown, X0_PREVIEWS: replace(shown, predicted=True)}

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """Self-attention over all tokens of a film, and cross-attention to those of the prompt."""
        grid = self.model.architecture.tokens(self.latents)
        return {
            layer.name: AttentionShape(layer.heads, grid, self.model.text_length if layer.crossed else prod(grid))
            for layer in attention_layers(self.model.architecture)
        }

    def published_companions(self) -> dict[str, int] | None:
        """The autoencoder and UMT5-XXL, which is freed when the prompts are encoded; None where others may be read."""
        model = self.model
        if model.network is None or isinstance(model.checkpoint, LocalCheckpoint):
            return None
        return {AUTOENCODER: VAE, TEXT_ENCODER: UMT5_XXL} if model.network.text_dim == UMT5_CHANNELS else None

    def family_settings(self) -> dict[str, Any]:
        """Sampler, size, length of the text and what shows the steps."""
        return {
            "sampler": self.sampler.model_dump(),
            "latents": list(self.latents),
            "text_length": self.model.text_length,
            "decoded": self.previews == "decoded",
            "preview_shrink": self.preview_shrink,
        }

    def facts(self) -> dict[str, str]:
        """The sampler, the network, the film and the prompts."""
        told = self.sampler.model_dump(exclude={"name"})
        net = self.model.architecture
        return {
            "Sampler": ", ".join(
                [self.sampler.name, *(f"{key} {value}" for key, value in told.items() if value != "")]
            ),
            "Network": f"WAN, {net.num_layers} blocks of {net.channels} channels, {self.dtype}",
            "Film": f"{self.frames} frames of {self.width}×{self.height}",
            "Prompts": f"{len(self.all_prompts)} in turn",
        }

    def problems(self) -> Iterator[Problem]:
        """What is wrong with prompts, size or truth, and an unconditional pass that is recorded but not made."""
        wrong = list(self.prompt_problems())
        yield from wrong or self._entity_problems()
        yield from self._size_problems()
        if "unconditional" in self.record.branches and not self.guided():
            yield (
                ("record", "branches"),
                "without guidance there is no unconditional pass: remove 'unconditional', or set sampler.guidance",
            )

    def _size_problems(self) -> Iterator[Problem]:
        net, (time, space) = self.model.architecture, self.model.compression
        if (self.frames - 1) % time or self.latents[0] % net.patch_size[0]:
            yield ("frames",), f"{self.frames} frames are not one more than a multiple of {time}: change them"
        for key, side, patch in (("height", self.height, net.patch_size[1]), ("width", self.width, net.patch_size[2])):
            if side % (space * patch):
                yield (key,), f"{side} is no multiple of {space * patch}, which a token stands for: change it"
            elif side % self.preview_shrink:
                yield ("preview_shrink",), f"{key} {side} is no multiple of {self.preview_shrink}: choose a divisor"
        if max(net.tokens(self.latents)) > net.rope_max_seq_len:
            yield (
                ("frames",),
                f"the network knows {net.rope_max_seq_len} positions a side: make a smaller film",
            )

    def _entity_problems(self) -> Iterator[Problem]:
        """The pipeline resolves entities, and marks would then stand elsewhere."""
        for index, marked in enumerate(self.marked):
            if html.unescape(marked.text) != marked.text:
                key = ("prompts", "file") if isinstance(self.prompts, PromptFile) else ("prompts", index)
                yield key, f"{marked.text!r} has HTML entities: write the characters themselves"


FamilyRun = WanRun
