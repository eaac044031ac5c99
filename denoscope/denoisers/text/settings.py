"""The samplers of text diffusion and what each may be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, TypeAdapter

from denoscope.settings.base import Settings

Share = Annotated[float, Field(gt=0, le=1)]


class Choice(Settings):
    """How a token is chosen from the network's probabilities."""

    method: Literal["greedy", "sample"] = Field("sample", description="the likeliest token, or one at random")
    temperature: PositiveFloat = Field(
        1.0, allow_inf_nan=False, description="divides the logits: below 1 is bolder towards likely tokens"
    )
    top_k: PositiveInt | None = Field(None, description="choose among so many likeliest tokens; null among all")
    top_p: Share | None = Field(
        None, description="choose among the fewest tokens that have this probability together; null among all"
    )


class Steps(Settings):
    """What every sampler with a fixed number of steps says."""

    steps: PositiveInt = Field(32, description="denoising steps")


class MDLMSampler(Steps):
    """What MDLM's samplers share (Sahoo et al. 2024, arXiv:2406.07524)."""

    draw: Literal["float32", "float64"] = Field(
        "float64",
        description="type of the categorical draw; float32 is what was published, and its rounding acts like a lower "
        "temperature (Zheng et al. 2024, arXiv:2409.02908)",
    )
    noise_removal: bool = Field(True, description="after the last step, write what is still masked at once")
    stride: PositiveInt | None = Field(
        None,
        description="semi-autoregressive: tokens by which the model's window moves on whenever it is written; null "
        "writes one window",
    )


class DDPM(MDLMSampler):
    """Ancestral sampling with the log-linear noise schedule."""

    name: Literal["ddpm"]


class DDPMCache(MDLMSampler):
    """Ancestral sampling with move chance t; a sample whose tokens did not change keeps its prediction."""

    name: Literal["ddpm_cache"]


class Analytic(MDLMSampler):
    """Tweedie's analytic step (Lou et al. 2024, arXiv:2310.16834), which for masks is the exact posterior."""

    name: Literal["analytic"]


class Scheduled(Steps):
    """Samplers that mask a scheduled share of the text again after each step."""

    schedule: Literal["linear", "cosine", "exponential"] = Field(
        "linear", description="how the masked share falls: evenly, as 1 − sin, or as exp(−3 x)"
    )
    choice: Choice = Choice()


class RemaskBernoulli(Scheduled):
    """Predict every position, then mask each again with the scheduled probability; revealed tokens may change."""

    name: Literal["remask-bernoulli"]
    steps: PositiveInt = Field(10, description="denoising steps")
    choice: Choice = Choice(top_k=50, top_p=0.95)


class RemaskCount(Scheduled):
    """Fill the masks, then mask a scheduled number of random positions again, revealed ones too."""

    name: Literal["remask-count"]
    steps: PositiveInt = Field(10, description="denoising steps")
    choice: Choice = Choice(temperature=0.7, top_k=50)


class ConfidenceParallel(Steps):
    """Reveal all positions of which the network is sure, at least one, and never mask again."""

    name: Literal["confidence-parallel"]
    steps: PositiveInt = Field(64, description="steps at most: where fewer are left than masks, more are revealed")
    threshold: Share = Field(0.9, description="probability from which a token is revealed")
    choice: Choice = Choice(method="greedy", temperature=0.8)


class Uncertainty(Steps):
    """ATAT: reveal as many positions in each step, those of largest entropy × importance first."""

    name: Literal["uncertainty"]
    choice: Choice = Choice()


Sampler = Annotated[
    DDPM | DDPMCache | Analytic | RemaskBernoulli | RemaskCount | ConfidenceParallel | Uncertainty,
    Field(discriminator="name"),
]
SAMPLER: TypeAdapter[Sampler] = TypeAdapter(Sampler)
REUSING = (DDPMCache, ConfidenceParallel)
"""Samplers by which a text whose tokens did not change keeps its prediction."""


class LeftToRight(Settings):
    """Autoregressive writing: a token at a time, from left to right."""

    name: Literal["left-to-right"]
    new_tokens: PositiveInt = Field(48, description="tokens to write after the prompt, as far as there is room")
    choice: Choice = Choice()


class Alternatives(Settings):
    """What is kept of the probabilities at every position and step."""

    top: NonNegativeInt = Field(5, le=64, description="likeliest tokens that are kept with their probabilities")
    lens: bool = Field(False, description="also keep which token the model's own head reads from each layer")
