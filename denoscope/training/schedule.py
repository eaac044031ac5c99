"""What every training says of its optimisation."""

from __future__ import annotations

import math

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from denoscope.settings.base import Settings


class Optimisation(Settings):
    """Steps, learning rate and moving average."""

    steps: PositiveInt = Field(description="optimiser steps")
    batch: PositiveInt = Field(description="items of one step")
    learning_rate: PositiveFloat = Field(description="Adam's learning rate, before its cosine decay")
    warmup: NonNegativeInt = Field(100, description="steps over which the learning rate rises")
    ema: float = Field(0.998, gt=0, lt=1, description="decay of the moving average of the weights that is kept")
    clip: PositiveFloat | None = Field(None, description="largest norm of a step's gradient; null leaves it as it is")
    seed: NonNegativeInt = 0

    def rate(self, step: int) -> float:
        """Learning rate of ``step``: linear warm-up, constant for the first half, cosine decay to 2 % in the second."""
        done = step / self.steps
        decay = 1.0 if done < 0.5 else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (2 * done - 1)))
        return self.learning_rate * (decay * min(1.0, (step + 1) / max(1, self.warmup)))
