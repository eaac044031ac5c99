"""What a model family offers to the sampling stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from denoscope.words.tokens import PromptTokens


@dataclass(frozen=True)
class Sample:
    """One item to generate: its number in the run, the seed of its generator and what it asks of the model."""

    id: int
    seed: int
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One state of the sampler, for the whole batch; step 0 is pure noise or all masks.

    ``state`` and ``x0`` (the prediction of the clean data, where the step has one) are ``[batch, …]``; each scalar is
    ``[batch]``; ``time`` is the noise level or time of the state. ``records`` are what else the step's evaluation tells
    of each sample, ``[batch, …]`` by name. ``cached [batch]`` says whose evaluation is that of an earlier step; None
    where no step reuses any.
    """

    index: int
    time: float
    state: Tensor
    x0: Tensor | None = None
    scalars: Mapping[str, Tensor] = field(default_factory=dict)
    records: Mapping[str, Tensor] = field(default_factory=dict)
    cached: Tensor | None = None


class Recorder(Protocol):
    """What a sampler tells while it runs."""

    def forward(self, step: int, branch: str, time: float) -> AbstractContextManager[None]:
        """Enclose one network evaluation at ``step``; the layers that run inside are recorded."""


class Unrecorded:
    """A recorder for those who only want the samples."""

    def forward(self, step: int, branch: str, time: float) -> AbstractContextManager[None]:
        """Enclose nothing."""
        return nullcontext()


class Denoiser(Protocol):
    """A loaded model with its sampler."""

    network: nn.Module
    caches: bool
    """Whether a step may reuse an evaluation; every step with an evaluation then says whose it reuses."""

    describes: Mapping[str, Any]
    """What a reader of the trace has to know of its states: of texts, that they are, and the mask's id."""

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch, yielding every step in order; what was yielded does not change any more."""

    def previews(self, step: Step) -> Mapping[str, Tensor]:
        """What a person looks at: uint8 ``[batch, H, W, C]`` by name, of films ``[batch, frames, H, W, C]``.

        A text has none.
        """

    def outcome(self, last: Step) -> list[dict[str, Any]]:
        """Columns of the sample table that the last step decides, a row a sample: a text, for example."""


class Prompted(Denoiser, Protocol):
    """A denoiser whose network attends to the tokens of a prompt."""

    def prompt_tokens(self, sample: Sample) -> PromptTokens:
        """The tokens of a sample's prompt, one a key of the attention."""

    def negative_tokens(self) -> PromptTokens:
        """The tokens that the unconditional pass reads instead of a prompt's, as many."""


@runtime_checkable
class Preparing(Protocol):
    """A denoiser that does something once for many samples, such as reading all prompts."""

    def prepare(self, samples: Sequence[Sample]) -> None:
        """Do it for the samples of a shard that are to be made, before the first batch."""


class Loader(Protocol):
    """Loads a denoiser of one family."""

    def __call__(
        self, settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype
    ) -> Denoiser:
        """Build the network that ``settings`` (the family's part of the run) describe from the folder's weights."""
