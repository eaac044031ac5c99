"""The samplers of the EDM family and what each may be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, TypeAdapter

from denoscope.settings.base import Settings


class Guided(Settings):
    """Settings of every sampler of this family."""

    guidance: NonNegativeFloat = Field(
        1.0, description="classifier-free guidance weight; 1 is the conditional model alone"
    )


class Karras(Guided):
    """The noise levels of Karras et al. 2022 (arXiv:2206.00364), equation 5."""

    steps: PositiveInt = Field(18, description="number of noise levels")
    sigma_min: PositiveFloat = Field(0.002, description="smallest noise level")
    sigma_max: PositiveFloat = Field(80.0, description="largest noise level")
    rho: PositiveFloat = Field(7.0, description="exponent: larger puts more levels near sigma_min")


class Heun(Karras):
    """Second-order sampler, algorithm 2 of Karras et al. 2022; deterministic unless ``s_churn`` is above 0."""

    name: Literal["heun"]
    s_churn: NonNegativeFloat = Field(0.0, description="amount of fresh noise over all steps")
    s_min: NonNegativeFloat = Field(0.0, description="no fresh noise below this level")
    s_max: PositiveFloat | None = Field(None, description="no fresh noise above this level; null for no bound")
    s_noise: PositiveFloat = Field(1.0, description="standard deviation of the fresh noise")


class Euler(Karras):
    """First-order deterministic sampler."""

    name: Literal["euler"]


class OneStep(Guided):
    """A single evaluation from pure noise, as DMD2's ImageNet-64 generators are made for."""

    name: Literal["one-step"]
    sigma: PositiveFloat = Field(80.0, description="noise level of the only evaluation")


class FewStep(Karras):
    """Predict the clean image, add fresh noise of the next level, and again: multistep sampling of distilled models."""

    name: Literal["few-step"]


Sampler = Annotated[Heun | Euler | OneStep | FewStep, Field(discriminator="name")]
SAMPLER: TypeAdapter[Sampler] = TypeAdapter(Sampler)
