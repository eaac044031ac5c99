"""The samplers of block diffusion that diffusers has, and what each may be told. No torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, TypeAdapter

from denoscope.denoisers.text.settings import Share
from denoscope.settings.base import Settings

STOP = "stop once the end of the text is written; what comes after it stays as it is"


class BlockRefinement(Settings):
    """LLaDA2: block after block, reveal the tokens that are sure enough, and edit those that are revealed."""

    name: Literal["block-refinement"]
    block: PositiveInt = Field(32, description="tokens of a block; all see each other and the blocks before theirs")
    steps: PositiveInt = Field(32, description="steps a block in which masks are revealed, at most")
    threshold: NonNegativeFloat = Field(
        0.7, description="probability from which a token is revealed; above 1 reveals block/steps tokens in each step"
    )
    editing: Share | None = Field(
        0.5, description="probability from which another token replaces a revealed one; null replaces none"
    )
    post_steps: NonNegativeInt = Field(16, description="steps that may edit a block after its last mask is gone")
    temperature: NonNegativeFloat = Field(0.0, description="divides the logits; 0 takes the likeliest token")
    top_k: PositiveInt | None = Field(None, description="choose among so many likeliest tokens; null among all")
    top_p: Share | None = Field(
        None, description="choose among the fewest tokens that have this probability together; null among all"
    )
    stop_at_end: bool = Field(True, description=STOP)

    def evaluations(self, length: int) -> int:
        """Network evaluations of a text of ``length`` tokens, at most.

        Editing follows only where the last mask of a block is gone before its last step, and takes one step more than
        ``post_steps``.
        """
        edits = self.post_steps if self.editing and self.steps > 1 else 0
        return length // self.block * (self.steps + edits)


class Canvas(Settings):
    """What the samplers of DiffusionGemma share: they begin with random tokens, and what is not kept is random again.

    A canvas is written early where its likeliest tokens stay the same and their mean entropy is low.
    """

    canvases: PositiveInt = Field(1, description="canvases that are written, one after another")
    steps: PositiveInt = Field(48, description="steps a canvas, at most")
    stability: PositiveInt = Field(1, description="steps for which the likeliest tokens must stay the same")
    confidence: PositiveFloat | None = Field(
        0.005, description="mean entropy in nats below which a stable canvas is done; null goes through all steps"
    )
    stop_at_end: bool = Field(True, description=STOP)

    def evaluations(self, length: int) -> int:
        """Network evaluations, at most: of ``length`` they do not depend."""
        return self.canvases * self.steps


class CanvasRefinement(Canvas):
    """DiffusionGemma: keep the surest tokens, an even share in each step, and those above a threshold."""

    name: Literal["canvas-refinement"]
    threshold: NonNegativeFloat = Field(0.95, description="probability from which a token is kept")
    editing: Share | None = Field(
        None, description="probability from which another token replaces a kept one; null replaces none"
    )
    temperature: NonNegativeFloat = Field(0.0, description="divides the logits; 0 takes the likeliest token")


class EntropyBound(Canvas):
    """DiffusionGemma, as published: keep the tokens of lowest entropy, chosen anew in each step."""

    name: Literal["entropy-bound"]
    bound: PositiveFloat = Field(0.1, description="entropy in nats that the kept tokens may have together")
    t_max: PositiveFloat = Field(0.8, description="temperature of the first step")
    t_min: PositiveFloat = Field(0.4, description="temperature of the last step")


CanvasSampler = CanvasRefinement | EntropyBound
Sampler = Annotated[BlockRefinement | CanvasRefinement | EntropyBound, Field(discriminator="name")]
SAMPLER: TypeAdapter[BlockRefinement | CanvasSampler] = TypeAdapter(Sampler)
