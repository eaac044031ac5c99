"""Settings of a run of a masked language model. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from denoscope.denoisers.text.hub_model import HubModel
from denoscope.denoisers.text.masked_run import MaskedRun
from denoscope.denoisers.text.settings import Uncertainty
from denoscope.networks.hub_layers import MASKED
from denoscope.settings.run import Problem


class MaskedLM(HubModel):
    """A masked language model: RoBERTa, BERT and their kin."""

    family: Literal["masked_lm"]
    paths: ClassVar[dict[str, str]] = MASKED


class MaskedLMRun(MaskedRun):
    """A run of a masked language model."""

    model: MaskedLM

    def problems(self) -> Iterator[Problem]:
        """What all masked runs check, and that no importance is asked for."""
        yield from super().problems()
        if isinstance(self.sampler, Uncertainty):
            yield ("sampler", "name"), "uncertainty needs ATAT's importance, of the family mdlm: choose another sampler"


FamilyRun = MaskedLMRun
