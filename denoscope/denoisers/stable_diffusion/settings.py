"""The samplers of the Stable Diffusion family, and what else a run may tell it. No torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, TypeAdapter, model_validator

from denoscope.settings.base import Settings

Timestep = Annotated[int, Field(ge=0, le=999)]


class Guided(Settings):
    """Settings of every sampler of this family."""

    guidance: NonNegativeFloat = Field(
        7.5, description="classifier-free guidance weight; 1 or less evaluates the prompt alone"
    )
    negative: str | None = Field(
        None,
        description="what the unconditional pass reads; null is the empty prompt, or zeros where the checkpoint was "
        "trained with them, as SDXL's was",
    )


class Stepped(Guided):
    """A sampler that spreads its steps over the noise schedule as the checkpoint's scheduler says."""

    steps: PositiveInt = Field(30, le=1000, description="number of evaluations")


class DDIM(Stepped):
    """Song et al. 2021 (arXiv:2010.02502)."""

    name: Literal["ddim"]
    eta: float = Field(
        0.0, ge=0, le=1, description="fresh noise after each step: none, up to as much as ancestral sampling adds at 1"
    )


class Euler(Stepped):
    """First-order steps in the noise levels of Karras et al. 2022 (arXiv:2206.00364), deterministic."""

    name: Literal["euler"]


class FewStep(Guided):
    """Predict the clean picture, add fresh noise of the next timestep, and again: what distilled models are made for.

    DMD2 (Yin et al. 2024, arXiv:2405.14867): 999, 749, 499, 249 for four steps, 399 for SDXL's one, 999 for that of
    Stable Diffusion 1.5.
    """

    name: Literal["few-step"]
    guidance: NonNegativeFloat = Field(1.0, description="1 evaluates the prompt alone, as distilled models want")
    timesteps: tuple[Timestep, ...] = Field((999, 749, 499, 249), min_length=1, description="timesteps, falling")

    @model_validator(mode="after")
    def _falling(self) -> FewStep:
        if list(self.timesteps) != sorted(set(self.timesteps), reverse=True):
            raise ValueError(f"timesteps {list(self.timesteps)} do not fall: give them from noise to picture")
        return self


Sampler = Annotated[DDIM | Euler | FewStep, Field(discriminator="name")]
SAMPLER: TypeAdapter[Sampler] = TypeAdapter(Sampler)


Pair = tuple[PositiveInt, PositiveInt]


class SizeCondition(Settings):
    """What SDXL's network is told of a picture (Podell et al. 2023, arXiv:2307.01952); pairs of height and width."""

    original: Pair | None = Field(None, description="size before training cropped it; null is the picture's own")
    crop: tuple[NonNegativeInt, NonNegativeInt] = Field((0, 0), description="what training cropped at top and left")
    target: Pair | None = Field(None, description="size after cropping; null is the picture's own")

    def numbers(self, height: int, width: int) -> tuple[int, ...]:
        """The six numbers, for a picture of ``height`` × ``width`` pixels."""
        own = height, width
        return *(self.original or own), *self.crop, *(self.target or own)
