"""Settings of a run of an autoregressive language model. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from denoscope.denoisers.text.hub_model import HubModel
from denoscope.denoisers.text.settings import LeftToRight
from denoscope.denoisers.text.text_run import TextRun
from denoscope.networks.hub_layers import CAUSAL
from denoscope.settings.run import Problem


class CausalLM(HubModel):
    """An autoregressive language model: GPT-2 and its kin."""

    family: Literal["causal_lm"]
    paths: ClassVar[dict[str, str]] = CAUSAL


class CausalLMRun(TextRun):
    """A run of an autoregressive language model: a token at a time."""

    model: CausalLM
    sampler: LeftToRight

    def forward_steps(self) -> int:
        """Tokens that are written."""
        return self.sampler.new_tokens

    def facts(self) -> dict[str, str]:
        """The sampler, the network and the length."""
        choice = self.sampler.choice.model_dump(exclude_none=True)
        return self.told(self.sampler.name, {"new_tokens": self.sampler.new_tokens, **choice})

    def problems(self) -> Iterator[Problem]:
        """More tokens than fit, prompts that cannot be read."""
        yield from self.text_problems()
        if self.total > self.model.window:
            yield ("length",), f"the network sees {self.model.window} tokens at once: lower it"
        yield from self.gap_problems()
        if self.sampler.new_tokens > self.total:
            yield (
                ("sampler", "new_tokens"),
                f"a text has {self.total} tokens, the prompt included: write at most {self.total}",
            )


FamilyRun = CausalLMRun
