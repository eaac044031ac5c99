"""Settings of a run of the Stable Diffusion family. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field

from denoscope.denoisers.stable_diffusion.model import StableDiffusionModel
from denoscope.denoisers.stable_diffusion.settings import DDIM, FewStep, Sampler, SizeCondition
from denoscope.networks.unet2d_plan import attention_layers
from denoscope.settings.checkpoint import LocalCheckpoint
from denoscope.settings.model import AttentionShape
from denoscope.settings.prompted import AUTOENCODER, TEXT_ENCODER, PromptedRun
from denoscope.settings.render import PictureRender
from denoscope.settings.run import Problem
from denoscope.settings.sizes import StepTensor
from denoscope.trace.schema import STATE_PREVIEWS, STATES, X0_PREVIEWS

VAE, CLIP_L, CLIP_G = 83_653_863, 123_060_480, 694_659_840
"""Parameters of the autoencoder, of Stable Diffusion 1's text model, and of the second one of SDXL."""
TEXT_ENCODERS = {(False, 768): CLIP_L, (True, 2048): CLIP_L + CLIP_G}
"""Parameters of the text models that are known, by whether the network is told sizes and the channels of its text."""


class StableDiffusionRun(PromptedRun):
    """A run that draws what prompts say."""

    time_symbol: ClassVar[str] = "t"

    model: StableDiffusionModel
    sampler: Sampler
    render: PictureRender = PictureRender()
    sizes: SizeCondition | None = Field(
        None, description="what SDXL is told of a picture; null tells it that nothing was cropped"
    )
    previews: Literal["linear", "decoded"] = Field(
        "linear", description="steps as a linear map of the latents, or by the autoencoder, as the last always is"
    )

    truth: Literal["scenes"] | None = Field(
        None,
        description="scenes: the prompts are captions of shapes, so what the pictures show is measured, and the "
        "attention of their words is scored; null measures nothing",
    )

    def forward_steps(self) -> int:
        """Number of steps at which the network runs."""
        return len(self.sampler.timesteps) if isinstance(self.sampler, FewStep) else self.sampler.steps

    def word_layers(self) -> dict[str, AttentionShape]:
        """Cross-attention of every transformer block."""
        return self.model.word_layers()

    def guided(self) -> bool:
        """Whether every step also asks the network what it says without the prompt."""
        return self.sampler.guidance > 1

    def step_tensors(self) -> dict[str, StepTensor]:
        """The latents, their picture, and that of the prediction."""
        latents = self.model.architecture.in_channels, *self.model.latents
        state = {STATES: StepTensor(latents, self.record.dtype)} if self.record.states else {}
        picture = StepTensor((*self.model.size, 3), "uint8")
        return {**state, STATE_PREVIEWS: picture, X0_PREVIEWS: replace(picture, predicted=True)}

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """Self-attention over all positions, and cross-attention to the prompt's tokens."""
        model = self.model
        return {
            layer.name: AttentionShape(
                layer.heads, layer.grid, model.text_length if layer.reads_text else prod(layer.grid)
            )
            for layer in attention_layers(model.architecture, model.latents)
        }

    def published_companions(self) -> dict[str, int] | None:
        """The autoencoder and the CLIP text models of the published checkpoints, of which SDXL has two.

        The channels of the encoded text tell which they are; Stable Diffusion 2's encoder is another, and not counted.
        """
        if self.model.network is None or isinstance(self.model.checkpoint, LocalCheckpoint):
            return None
        encoder = TEXT_ENCODERS.get((self._told_sizes, self.model.network.cross_attention_dim))
        return {AUTOENCODER: VAE, TEXT_ENCODER: encoder} if encoder else None

    def family_settings(self) -> dict[str, Any]:
        """Sampler, network and what changes it, size, tokens of a prompt, and what shows the steps."""
        model, lora = self.model, self.model.lora
        return {
            "sampler": self.sampler.model_dump(mode="json"),
            "network": model.architecture.model_dump(mode="json"),
            "unet": model.unet.name if model.unet else None,
            "lora": {"name": lora.checkpoint.name, "scale": lora.scale} if lora else None,
            "size": list(model.size),
            "sizes": list((self.sizes or SizeCondition()).numbers(*model.size)) if self._told_sizes else None,
            "factor": model.factor,
            "text_length": model.text_length,
            "decoded": self.previews == "decoded",
        }

    def facts(self) -> dict[str, str]:
        """The sampler, the network, the size and the prompts."""
        return {
            "Sampler": self._sampler_fact(),
            "Network": self._network_fact(),
            "Pictures": self._picture_fact(),
            "Prompts": f"{len(self.all_prompts)} in turn, {self.samples.count} samples; the text encoder reads "
            f"{self.model.text_length} tokens",
        }

    def problems(self) -> Iterator[Problem]:
        """Sizes and passes that the network does not have, prompts that cannot be read, or whose marks do not pair."""
        yield from self._size_problems()
        if "unconditional" in self.record.branches and not self.guided():
            yield (
                ("record", "branches"),
                "without guidance there is no unconditional pass: remove 'unconditional', or set sampler.guidance",
            )
        yield from self.prompt_problems()

    @property
    def _told_sizes(self) -> bool:
        return self.model.architecture.addition_embed_type is not None

    def _sampler_fact(self) -> str:
        sampler = self.sampler
        if isinstance(sampler, FewStep):
            steps = f"timesteps {', '.join(map(str, sampler.timesteps))}"
        else:
            steps = f"{sampler.steps} steps"
        against = "no text" if sampler.negative is None else repr(sampler.negative)
        guided = f"guidance {sampler.guidance:g} against {against}" if self.guided() else "no guidance"
        noise = f", eta {sampler.eta:g}" if isinstance(sampler, DDIM) and sampler.eta else ""
        return f"{sampler.name}, {steps}, {guided}{noise}"

    def _network_fact(self) -> str:
        model, source = self.model, self.model.unet or self.model.checkpoint
        kind = "SDXL's UNet, two text encoders" if self._told_sizes else "Stable Diffusion's UNet, one text encoder"
        lora = f", changed by {model.lora.checkpoint.name} × {model.lora.scale:g}" if model.lora else ""
        other = f", the other parts from {model.checkpoint.name}" if model.unet else ""
        return f"{kind}; weights {source.name}{lora}{other}, {self.dtype} (autoencoder float32)"

    def _picture_fact(self) -> str:
        (height, width), latents = self.model.size, self.model.latents
        seen = "decoded" if self.previews == "decoded" else "as a linear map of the latents, the last decoded"
        told = (self.sizes or SizeCondition()).numbers(height, width)
        sizes = f"; told original {told[0]}×{told[1]}, crop {told[2]}, {told[3]}, target {told[4]}×{told[5]}"
        return (
            f"{height}×{width} pixels from {latents[0]}×{latents[1]} latents; steps are shown {seen}"
            f"{sizes if self._told_sizes else ''}"
        )

    def _size_problems(self) -> Iterator[Problem]:
        factor = self.model.factor
        for key, length in zip(("height", "width"), self.model.size, strict=True):
            if length % factor:
                near = max(factor, round(length / factor) * factor)
                yield ("model", key), f"{length} is no multiple of the {factor} pixels of a latent: take {near}"
        if self.sizes and not self._told_sizes:
            yield ("sizes",), "this network reads no sizes, only SDXL's does: remove it"


FamilyRun = StableDiffusionRun
