"""The WAN family's denoiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.denoisers.wan.parts import Parts, load_parts
from denoscope.denoisers.wan.preview import decoded, linear_preview, preview
from denoscope.denoisers.wan.prompts import cleaned
from denoscope.denoisers.wan.schedulers import scheduler_of
from denoscope.denoisers.wan.settings import SAMPLER, Sampler
from denoscope.trace.schema import STATE_PREVIEWS, X0_PREVIEWS
from denoscope.words.tokens import PromptTokens, Tokenizer, prompt_tokens


class WanDenoiser:
    """A transformer on latents of films, its text encoder and autoencoder, with a sampler.

    Args:
        parts: of the checkpoint.
        sampler: how to denoise.
        latents: frames, height and width of the latents.
        decode: show every step by the autoencoder instead of a linear preview; the last always is.
        shrink: films are shown so many times smaller than they are.
    """

    caches = False
    describes: Mapping[str, Any] = {"kind": "video"}

    def __init__(
        self, parts: Parts, sampler: Sampler, latents: tuple[int, int, int], *, decode: bool, shrink: int
    ) -> None:
        self.network = parts.transformer
        self.sampler, self.parts = sampler, parts
        self._device = next(parts.transformer.parameters()).device
        self._shape = int(parts.autoencoder.config.z_dim), *latents
        config = parts.autoencoder.config
        self._factors = int(config.scale_factor_temporal), int(config.scale_factor_spatial)
        self._preview = None if decode else linear_preview(parts.autoencoder)
        self._shrink, self._last = shrink, -1

    def prepare(self, samples: Sequence[Sample]) -> None:
        """Encode the prompts of all samples at once, so that the encoder is loaded once or not at all."""
        self.parts.reader.prepare([*self._prompts(samples), *([self.sampler.negative] if self._guided else [])])

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are float32 latents ``[batch, channels, F, H, W]``."""
        self.prepare(batch)
        noise = SampleNoise([sample.seed for sample in batch], self._device)
        scheduler = scheduler_of(self.sampler, self.parts.scheduler, self._device)
        texts = {"conditional": self.parts.reader(self._prompts(batch))}
        if self._guided:
            texts["unconditional"] = self.parts.reader([self.sampler.negative] * len(batch))
        x = noise.normal(*self._shape)
        self._last = len(scheduler.timesteps)
        for index, time in enumerate(scheduler.timesteps):
            velocity = self._predict(x, time, index, texts, recorder)
            yield Step(index, float(time), x, x - scheduler.sigmas[index].to(x.device) * velocity)
            x = scheduler.step(velocity, time, x, return_dict=False)[0]
        yield Step(self._last, 0.0, x)

    def prompt_tokens(self, sample: Sample) -> PromptTokens:
        """The tokens of a sample's prompt, as the transformer's cross-attention sees them."""
        return self._tokens(sample.request["prompt"])

    def negative_tokens(self) -> PromptTokens:
        """Those of the negative prompt."""
        return self._tokens(cleaned(self.sampler.negative))

    def previews(self, step: Step) -> dict[str, Tensor]:
        """Films of the state and of the prediction: uint8 ``[batch, frames, H, W, 3]``."""
        found = {STATE_PREVIEWS: self._film(step.state, last=step.index == self._last)}
        return found if step.x0 is None else {**found, X0_PREVIEWS: self._film(step.x0, last=False)}

    def outcome(self, last: Step) -> list[dict[str, Any]]:
        """Nothing: a film is no column."""
        return [{} for _ in last.state]

    def _tokens(self, prompt: str) -> PromptTokens:
        reader = self.parts.reader
        return prompt_tokens(cast("Tokenizer", reader.tokenizer), prompt, reader.length)

    @property
    def _guided(self) -> bool:
        return self.sampler.guidance > 1

    def _prompts(self, samples: Sequence[Sample]) -> list[str]:
        return [cleaned(sample.request["prompt"]) for sample in samples]

    def _predict(self, x: Tensor, time: Tensor, index: int, texts: Mapping[str, Tensor], recorder: Recorder) -> Tensor:
        """The transformer's velocity, guided: one evaluation a text, so that taps see one at a time."""
        found: dict[str, Tensor] = {}
        for branch, text in texts.items():
            with recorder.forward(index, branch, float(time)):
                told = self.network(x.to(text.dtype), time.expand(len(x)), text, return_dict=False)
                found[branch] = told[0].float()
        if "unconditional" not in found:
            return found["conditional"]
        free = found["unconditional"]
        return free + self.sampler.guidance * (found["conditional"] - free)

    def _film(self, latents: Tensor, *, last: bool) -> Tensor:
        if self._preview is None or last:
            colours = decoded(self.parts.autoencoder, latents)
        else:
            colours = preview(latents, self._preview, self._factors)
        colours = F.avg_pool3d(colours, (1, self._shrink, self._shrink)) if self._shrink > 1 else colours
        pixels: Tensor = ((colours.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return pixels.movedim(1, -1)


def load(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> WanDenoiser:
    """Load the folder's parts, every tensor accounted for."""
    parts = load_parts(checkpoint, settings["text_length"], device, dtype)
    sampler, (frames, height, width) = SAMPLER.validate_python(settings["sampler"]), settings["latents"]
    return WanDenoiser(
        parts, sampler, (frames, height, width), decode=settings["decoded"], shrink=settings["preview_shrink"]
    )
