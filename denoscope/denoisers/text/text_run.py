"""Settings that runs of all text families share. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field, PositiveInt

from denoscope.denoisers.text.prompts import GAP
from denoscope.denoisers.text.settings import Alternatives
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.model import AttentionShape, Model, Shape
from denoscope.settings.prompts import PromptFile, PromptsError
from denoscope.settings.render import TextRender
from denoscope.settings.run import Problem, Run
from denoscope.settings.sizes import StepTensor
from denoscope.trace.schema import ENTROPY, LENS, STATES, TOP_IDS, TOP_PROBS

Prompt = Annotated[str, Field(max_length=20_000)]


class TextModel(Model):
    """A language model. Each family adds what describes its network."""

    tokenizer: Checkpoint | None = Field(
        None, description="where tokenizer.json comes from; null takes the one beside the weights"
    )

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The weights, and the tokenizer where that comes from elsewhere."""
        return (self.checkpoint, self.tokenizer) if self.tokenizer else (self.checkpoint,)

    @property
    @abstractmethod
    def title(self) -> str:
        """The network in words."""

    @property
    @abstractmethod
    def window(self) -> int:
        """Tokens that the network sees at once."""

    @abstractmethod
    def heads(self) -> int:
        """Attention heads of a layer.

        Raises:
            UnknownSizeError: the configuration does not tell.
        """

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """The network's configuration, as plain builtins."""


class TextRun(Run):
    """A run that writes text."""

    kind: ClassVar[str] = "text"
    time_symbol: ClassVar[str] = "t"

    model: TextModel
    length: PositiveInt | None = Field(
        None, description="tokens of a sample, the prompt included; null takes what the network sees at once"
    )
    prompts: tuple[Prompt, ...] | PromptFile = Field(
        ("",),
        description="what the texts begin with, in turn; [MASK] or [MASK*8] in a prompt are gaps to be filled",
    )
    alternatives: Alternatives = Alternatives()
    render: TextRender = TextRender()

    @property
    def total(self) -> int:
        """Tokens of a sample."""
        return self.length or self.model.window

    @cached_property
    def all_prompts(self) -> tuple[str, ...]:
        """The prompts, read from their file where they are in one."""
        return self.prompts.read() if isinstance(self.prompts, PromptFile) else self.prompts

    def request(self, sample: int) -> dict[str, Any]:
        """The prompt of ``sample``; the prompts are repeated in turn."""
        return {"prompt": self.all_prompts[sample % len(self.all_prompts)]}

    def guided(self) -> bool:
        """Never: texts are not guided."""
        return False

    def step_tensors(self) -> dict[str, StepTensor]:
        """The tokens, and what the network said of those to come."""
        found = {STATES: StepTensor((self.total,), "int32"), ENTROPY: _predicted(self.total, "float16")}
        if top := self.alternatives.top:
            found |= {TOP_IDS: _predicted(self.total, "int32", top), TOP_PROBS: _predicted(self.total, "float16", top)}
        read = self.model.layers() if self.alternatives.lens else ()
        return found | {f"{LENS}{layer}": _predicted(self.total, "int32") for layer in read}

    def layer_shapes(self) -> dict[str, Shape]:
        """Every layer, with positions, of which a short text has fewer than the network sees, and channels."""
        return {layer: (min(shape[0], self.total), *shape[1:]) for layer, shape in self.model.layers().items()}

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """Every token that the network sees attends to every other one."""
        seen = min(self.model.window, self.total)
        return dict.fromkeys(self.model.attention_layers(), AttentionShape(self.model.heads(), (seen,), seen))

    def told(self, sampler: str, values: Mapping[str, Any]) -> dict[str, str]:
        """The sampler with its ``values``, the network and the length, in words."""
        said = (f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in values.items())
        return {
            "Sampler": ", ".join([sampler, *said]),
            "Network": f"{self.model.title}, {self.dtype}",
            "Text": f"{self.total} tokens a sample, prompt included; {len(self.all_prompts)} prompts in turn",
        }

    def family_settings(self) -> dict[str, Any]:
        """Network, sampler, length, what is kept of the probabilities, and where the tokenizer lies."""
        return {
            "network": self.model.described(),
            "sampler": self.model_dump(mode="json")["sampler"],
            "length": self.total,
            "top": self.alternatives.top,
            "lens": list(self.model.layers()) if self.alternatives.lens else [],
            "tokenizer": (self.model.tokenizer or self.model.checkpoint).name,
        }

    def no_single_tokens(self) -> str | None:
        """A network that sees only part of the text has no row for every token of it."""
        if self.total > self.model.window:
            return (
                f"the network sees {self.model.window} of the {self.total} tokens at once: remove it or shorten length"
            )
        return None

    def gap_problems(self) -> Iterator[Problem]:
        """Gaps in the prompts of a model that only writes what comes after."""
        try:
            prompts = self.all_prompts
        except (OSError, PromptsError):
            return  # text_problems says so
        for prompt in prompts:
            if GAP.search(prompt):
                yield ("prompts",), f"{prompt[:60]!r} has a gap, and this model only writes what comes after: remove it"

    def text_problems(self) -> Iterator[Problem]:
        """Prompts that cannot be read, states that are not kept."""
        try:
            if not self.all_prompts:
                yield ("prompts",), 'there is no prompt: give at least one; "" begins with nothing'
        except OSError as error:
            yield ("prompts", "file"), f"cannot be read: {error}"
        except PromptsError as error:
            yield ("prompts", "file"), str(error)
        if not self.record.states:
            yield (
                ("record", "states"),
                "a text's states are its tokens, and nothing can be shown without them: set true",
            )
        if self.record.attention and self.record.attention.keys:
            for index, key in enumerate(self.record.attention.keys):
                if key >= min(self.total, self.model.window):
                    yield ("record", "attention", "keys", index), f"position {key} is beyond the text's length"


def _predicted(length: int, dtype: str, *more: int) -> StepTensor:
    return StepTensor((length, *more), dtype, predicted=True)
