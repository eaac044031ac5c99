"""The Stable Diffusion family's denoiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.denoisers.stable_diffusion.parts import Parts, load_parts
from denoscope.denoisers.stable_diffusion.preview import linear_preview, preview
from denoscope.denoisers.stable_diffusion.schedulers import clean, scheduler_of
from denoscope.denoisers.stable_diffusion.settings import SAMPLER, Sampler
from denoscope.denoisers.stable_diffusion.text import Text, encoded
from denoscope.trace.schema import STATE_PREVIEWS, X0_PREVIEWS
from denoscope.words.tokens import PromptTokens, no_tokens, prompt_tokens

PIXELS = 2**20
"""Pixels that are decoded at once, which bounds the autoencoder's memory: one picture of 1024², four of 512²."""


class StableDiffusionDenoiser:
    """A UNet on latents, its text encoders and autoencoder, with a sampler.

    Args:
        parts: of the checkpoint.
        sampler: how to denoise.
        size: height and width of a picture in pixels.
        sizes: what SDXL's network is told of it: original height and width, crop's top and left, target's height and
            width; None for other networks.
        decoded: show every step by the autoencoder instead of a linear preview; the last always is.
    """

    caches = False
    describes: Mapping[str, Any] = {"kind": "picture"}

    def __init__(
        self, parts: Parts, sampler: Sampler, size: Sequence[int], sizes: Sequence[int] | None, *, decoded: bool
    ) -> None:
        self.network = parts.unet
        self.sampler, self.parts = sampler, parts
        self._device, self._dtype = parts.unet.device, parts.unet.dtype
        self._factor = 2 ** (len(parts.autoencoder.config.block_out_channels) - 1)
        self._shape = int(parts.unet.config.in_channels), *(length // self._factor for length in size)
        self._sizes = sizes
        self._preview = None if decoded else linear_preview(parts.autoencoder)
        self._last = -1

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are float32 latents ``[batch, channels, H, W]``."""
        noise = SampleNoise([sample.seed for sample in batch], self._device)
        scheduler = scheduler_of(self.sampler, self.parts.scheduler, self._device)
        texts = self._texts([sample.request["prompt"] for sample in batch])
        x = noise.normal(*self._shape) * scheduler.init_noise_sigma
        self._last = len(scheduler.timesteps)
        for index, time in enumerate(scheduler.timesteps):
            predicted = self._predict(scheduler.scale_model_input(x, time), time, index, texts, recorder)
            told = scheduler.step(predicted, time, x, **self._noise(noise))
            yield Step(index, float(time), x, clean(told))
            x = told.prev_sample
        yield Step(self._last, 0.0, x)

    def prompt_tokens(self, sample: Sample) -> PromptTokens:
        """The tokens of a sample's prompt, one a key of the cross-attention; SDXL's second tokenizer cuts alike."""
        return self._tokens(sample.request["prompt"])

    def negative_tokens(self) -> PromptTokens:
        """Those of the negative prompt; zeros instead of one have no tokens."""
        return no_tokens(self.parts.readers[0].length) if self._zeros else self._tokens(self.sampler.negative or "")

    def previews(self, step: Step) -> dict[str, Tensor]:
        """Pictures of the state and of the prediction."""
        found = {STATE_PREVIEWS: self._picture(step.state, last=step.index == self._last)}
        return found if step.x0 is None else {**found, X0_PREVIEWS: self._picture(step.x0, last=False)}

    def outcome(self, last: Step) -> list[dict[str, Any]]:
        """Nothing: a picture is no column."""
        return [{} for _ in last.state]

    @property
    def _zeros(self) -> bool:
        """Whether the unconditional pass reads zeros."""
        return self.sampler.negative is None and self.parts.zeros

    def _tokens(self, prompt: str) -> PromptTokens:
        reader = self.parts.readers[0]
        return prompt_tokens(reader.tokenizer, prompt, reader.length)

    def _texts(self, prompts: Sequence[str]) -> dict[str, Text]:
        """What each pass reads."""
        found = {"conditional": encoded(self.parts.readers, prompts)}
        if self.sampler.guidance > 1:
            found["unconditional"] = (
                found["conditional"].nothing()
                if self._zeros
                else encoded(self.parts.readers, [self.sampler.negative or ""] * len(prompts))
            )
        return found

    def _predict(self, x: Tensor, time: Tensor, index: int, texts: Mapping[str, Text], recorder: Recorder) -> Tensor:
        """The UNet's output, guided: one evaluation a text, so that taps see one at a time."""
        found: dict[str, Tensor] = {}
        for branch, text in texts.items():
            with recorder.forward(index, branch, float(time)):
                told = self.network(x.to(self._dtype), time, text.tokens, added_cond_kwargs=self._told(text))
            found[branch] = told.sample.float()
        if "unconditional" not in found:
            return found["conditional"]
        free = found["unconditional"]
        return free + self.sampler.guidance * (found["conditional"] - free)

    def _told(self, text: Text) -> dict[str, Tensor] | None:
        """SDXL's additional condition; sizes in float32, for float16 does not hold every one above 2048."""
        if self._sizes is None or text.pooled is None:
            return None
        numbers = torch.tensor(self._sizes, dtype=torch.float32, device=self._device)
        return {"text_embeds": text.pooled, "time_ids": numbers.expand(len(text.pooled), -1)}

    def _noise(self, noise: SampleNoise) -> dict[str, Any]:
        """What the scheduler's step is told of fresh noise, which every sample draws from its own generator."""
        eta = {"eta": self.sampler.eta} if self.sampler.name == "ddim" else {}
        return {"generator": noise.generators, **eta}

    def _picture(self, latents: Tensor, *, last: bool) -> Tensor:
        if self._preview is None or last:
            scaled = latents.float() / self.parts.autoencoder.config.scaling_factor
            parts = scaled.split(max(1, PIXELS // (scaled[0, 0].numel() * self._factor**2)))
            colours = torch.cat([self.parts.autoencoder.decode(part).sample for part in parts])
        else:
            colours = preview(latents, self._preview, self._factor)
        pixels: Tensor = ((colours.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return pixels.permute(0, 2, 3, 1)


def load(
    settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype
) -> StableDiffusionDenoiser:
    """Load the parts, every tensor accounted for."""
    parts = load_parts(settings, checkpoint, device, dtype)
    sampler = SAMPLER.validate_python(settings["sampler"])
    return StableDiffusionDenoiser(parts, sampler, settings["size"], settings["sizes"], decoded=settings["decoded"])
