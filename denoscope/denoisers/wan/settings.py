"""The samplers of the WAN family and what each may be told. No torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, TypeAdapter

from denoscope.settings.base import Settings


class Flow(Settings):
    """Settings of every sampler: noise levels fall from 1 to 0 along straight lines between noise and film."""

    steps: PositiveInt = Field(50, le=1000, description="number of evaluations")
    guidance: NonNegativeFloat = Field(
        5.0, description="classifier-free guidance weight; 1 or less evaluates the prompt alone"
    )
    negative: str = Field("", description="what the unconditional pass reads")
    shift: PositiveFloat = Field(
        3.0, description="moves steps to high noise levels: 2 to 5 for small films, 7 to 12 for large ones"
    )
    grid: Literal["diffusers", "original"] = Field(
        "diffusers", description="noise levels before the shift: from 1, or from 0.999 as WAN's own programme has them"
    )


class UniPC(Flow):
    """Zhao et al. 2023 (arXiv:2302.04867), second order: what WAN is published with."""

    name: Literal["unipc"]


class Euler(Flow):
    """First-order steps along the predicted velocity."""

    name: Literal["euler"]


Sampler = Annotated[UniPC | Euler, Field(discriminator="name")]
SAMPLER: TypeAdapter[Sampler] = TypeAdapter(Sampler)
