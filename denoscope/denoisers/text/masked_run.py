"""Settings that runs of masked text diffusion share."""

from __future__ import annotations

from collections.abc import Iterator

from denoscope.denoisers.text.schedules import state_times
from denoscope.denoisers.text.settings import REUSING, MDLMSampler, Sampler
from denoscope.denoisers.text.text_run import TextRun
from denoscope.settings.run import Problem


class MaskedRun(TextRun):
    """A run of a network that guesses masked tokens, by any of the samplers."""

    sampler: Sampler

    @property
    def strides(self) -> int:
        """Windows after the first of a semi-autoregressive sampler."""
        stride = self.sampler.stride if isinstance(self.sampler, MDLMSampler) else None
        return max(0, self.total - self.model.window) // stride if stride else 0

    def forward_steps(self) -> int:
        """Number of states at which the network is asked."""
        return len(state_times(self.sampler, self.strides)) - 1

    def reuses(self) -> bool:
        """Whether a text whose tokens did not change keeps its prediction."""
        return isinstance(self.sampler, REUSING)

    def facts(self) -> dict[str, str]:
        """The sampler, the network and the length."""
        choice = getattr(self.sampler, "choice", None)
        chosen = choice.model_dump(exclude_none=True) if choice else {}
        return self.told(
            self.sampler.name, self.sampler.model_dump(exclude={"name", "choice"}, exclude_none=True) | chosen
        )

    def problems(self) -> Iterator[Problem]:
        """Lengths that the network or the sampler cannot fill, prompts that cannot be read."""
        yield from self.text_problems()
        window = self.model.window
        stride = self.sampler.stride if isinstance(self.sampler, MDLMSampler) else None
        if stride is None and self.total > window:
            more = "set sampler.stride to write on in further windows" if isinstance(self.sampler, MDLMSampler) else ""
            yield ("length",), f"the network sees {window} tokens at once: lower it{', or ' if more else ''}{more}"
        if stride and (self.total <= window or (self.total - window) % stride):
            yield (
                ("sampler", "stride"),
                f"windows of {window} tokens that move by {stride} do not end at {self.total}: choose length as "
                f"{window} plus a multiple of the stride",
            )
        if stride and stride >= window:
            yield ("sampler", "stride"), f"a stride of {stride} leaves nothing of the window of {window} to go on from"
