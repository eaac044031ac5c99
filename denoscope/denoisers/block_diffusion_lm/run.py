"""Settings of a run of a block-diffusion language model. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from denoscope.denoisers.block_diffusion_lm.settings import BlockRefinement, Sampler
from denoscope.denoisers.text.hub_model import HubModel
from denoscope.denoisers.text.text_run import TextRun
from denoscope.networks.block_layers import BLOCKS, GEMMA, LLADA2, SLIDING, canvas_length, text_settings
from denoscope.networks.hub_layers import channels, hub_attention, hub_layers, positions
from denoscope.networks.llada2_settings import glm_settings, llada2_parameters
from denoscope.settings.model import AttentionShape, Shape
from denoscope.settings.prompts import PromptsError
from denoscope.settings.run import Problem
from denoscope.settings.sizes import UnknownSizeError


class BlockDiffusionLM(HubModel):
    """A language model that writes blocks of tokens by diffusion: LLaDA2 or DiffusionGemma."""

    family: Literal["block_diffusion_lm"]
    paths: ClassVar[dict[str, str]] = BLOCKS

    @property
    def title(self) -> str:
        """The network in words."""
        return f"{self.architecture['model_type']}, {len(self.layers())} layers of {channels(self._text)} channels"

    @property
    def window(self) -> int:
        """Tokens that the network sees at once."""
        return positions(self._text)

    def layers(self) -> dict[str, Shape]:
        """Every transformer layer that writes, with positions and channels of its output."""
        names = hub_layers(self._text, self.paths)
        gemma = self.architecture.get("model_type") == GEMMA
        width = canvas_length(self.architecture) if gemma else self.window
        return dict.fromkeys(names, (width, channels(self._text)))

    def attention_layers(self) -> tuple[str, ...]:
        """The modules that attend, one in each layer."""
        return hub_attention(self._text, self.paths)

    def heads(self) -> int:
        """Attention heads of a layer."""
        if "num_attention_heads" not in self._text:
            raise UnknownSizeError("model.network does not say num_attention_heads: copy it from its config.json")
        return int(self._text["num_attention_heads"])

    def canvas_attention(self, total: int) -> dict[str, AttentionShape]:
        """Attention from a canvas to itself and what stands before it in a text of ``total`` tokens.

        Raises:
            UnknownSizeError: the configuration does not say which layers have a window.
        """
        text, width = self._text, canvas_length(self.architecture)
        if not {"layer_types", "sliding_window"} <= text.keys():
            raise UnknownSizeError("model.network does not say layer_types and sliding_window: copy its config.json")
        context = total - width
        near = min(context, text["sliding_window"] - 1)
        keys = [width + (near if kind == SLIDING else context) for kind in text["layer_types"]]
        shapes = [AttentionShape(self.heads(), (width,), count) for count in keys]
        return dict(zip(self.attention_layers(), shapes, strict=True))

    def parameters(self) -> int:
        """Number of LLaDA2's parameters."""
        if self.architecture["model_type"] != LLADA2:
            raise UnknownSizeError(f"parameters of {self.architecture['model_type']} are not counted")
        return llada2_parameters(self.architecture)

    @property
    def _text(self) -> dict[str, Any]:
        return text_settings(self.architecture)


class BlockDiffusionRun(TextRun):
    """A run of a block-diffusion language model, by the pipeline that diffusers has for it."""

    model: BlockDiffusionLM
    sampler: Sampler
    length: PositiveInt | None = Field(
        256, description="tokens of a sample, the prompt included; null takes what the network sees at once"
    )
    chat: bool = Field(True, description="put each prompt into the model's chat template, as a user's message")

    def forward_steps(self) -> int:
        """Network evaluations, at most: what is done before has steps at the end in which nothing happens."""
        return self.sampler.evaluations(self.total)

    def reuses(self) -> bool:
        """A text that is done waits for the others of its batch."""
        return True

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """LLaDA2 sees the whole text at once, DiffusionGemma a canvas and, in layers with a window, what is near it."""
        if self.model.architecture["model_type"] == LLADA2:
            return super().attention_shapes()
        return self.model.canvas_attention(self.total)

    def family_settings(self) -> dict[str, Any]:
        """What all text families have, and whether prompts are chat messages."""
        return {**super().family_settings(), "chat": self.chat}

    def facts(self) -> dict[str, str]:
        """The sampler, the network and the length."""
        return self.told(self.sampler.name, self.sampler.model_dump(exclude={"name"}, exclude_none=True))

    def problems(self) -> Iterator[Problem]:
        """Samplers that are not the model's, lengths that they cannot fill, prompts that they cannot begin with."""
        yield from self.text_problems()
        kind = self.model.architecture["model_type"]
        if kind == LLADA2:
            try:
                glm_settings(self.model.architecture)
            except ValueError as error:
                yield ("model", "network"), str(error)
        if isinstance(self.sampler, BlockRefinement) != (kind == LLADA2):
            choices = "block-refinement" if kind == LLADA2 else "canvas-refinement or entropy-bound"
            yield ("sampler", "name"), f"{self.sampler.name} does not sample {kind}: choose {choices}"
            return
        yield from self._length_problems()
        yield from self._prompt_problems()

    def no_single_tokens(self) -> str | None:
        """The pipelines show the network a block or a canvas after the other."""
        return "this model sees a part of the text at a time: remove it"

    def _length_problems(self) -> Iterator[Problem]:
        if self.total > self.model.window:
            yield ("length",), f"the network sees {self.model.window} tokens at once: lower it"
        if isinstance(self.sampler, BlockRefinement):
            if self.total % self.sampler.block:
                yield ("length",), f"{self.total} tokens are no whole blocks of {self.sampler.block}: choose a multiple"
            return
        written = self.sampler.canvases * canvas_length(self.model.architecture)
        if self.total <= written:
            yield (
                ("length",),
                f"{self.sampler.canvases} canvases of the model have {written} tokens, and the prompt comes before "
                f"them: raise it to at least {written + 1}",
            )

    def _prompt_problems(self) -> Iterator[Problem]:
        try:
            prompts = self.all_prompts
        except (OSError, PromptsError):
            return  # text_problems says so
        yield from self.gap_problems()
        for prompt in prompts:
            if not prompt and not self.chat and not isinstance(self.sampler, BlockRefinement):
                yield ("prompts",), "this model reads a prompt before it writes, and one is empty: give a text"


FamilyRun = BlockDiffusionRun
