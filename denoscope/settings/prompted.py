"""What runs share whose network attends to the tokens of a prompt."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from denoscope.checkpoints.bundled import BUNDLED, model_folder
from denoscope.runtime.files import read_json
from denoscope.scenes.motion import read_motion
from denoscope.scenes.scene import read_caption
from denoscope.settings.checkpoint import BundledCheckpoint
from denoscope.settings.prompts import PromptFile, PromptsError
from denoscope.settings.run import Problem, Run
from denoscope.settings.sizes import ITEMSIZE, UnknownSizeError
from denoscope.words.columns import occurrences, words_in
from denoscope.words.errors import WordError
from denoscope.words.marks import Marked, read_marks

TOLD = 30
"""Words of a prompt that a message lists, at most."""
AUTOENCODER, TEXT_ENCODER = "autoencoder", "text encoder"
CAPTIONS: dict[str, Callable[[str], object]] = {"scenes": read_caption, "motion": read_motion}
"""Readers of captions whose truth can be measured; they raise ValueError for other texts."""


class PromptedRun(Run):
    """A run that makes what prompts say."""

    prompts: tuple[Annotated[str, Field(max_length=20_000)], ...] | PromptFile = Field(
        description="what the samples show, in turn; parentheses mark words whose attention is wanted"
    )

    truth: Literal["scenes", "motion"] | None

    @property
    def measured(self) -> bool:
        """Whether the prompts are captions whose truth can be measured."""
        return self.truth is not None

    @cached_property
    def all_prompts(self) -> tuple[str, ...]:
        """The prompts with their marks, read from their file where they are in one."""
        return self.prompts.read() if isinstance(self.prompts, PromptFile) else self.prompts

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """The prompts without their marks."""
        return tuple(read_marks(prompt) for prompt in self.all_prompts)

    def request(self, sample: int) -> dict[str, Any]:
        """The prompt of ``sample`` and the characters that are marked in it; the prompts are repeated in turn."""
        marked = self.marked[sample % len(self.marked)]
        return {"prompt": marked.text, "marks": [list(span) for span in marked.spans]}

    def companions(self) -> dict[str, int]:
        """Bytes of the autoencoder, which stays in float32, and of the text encoder.

        Raises:
            UnknownSizeError: the checkpoint is neither bundled nor known.
        """
        sizes = {AUTOENCODER: ITEMSIZE["float32"]}
        return {name: count * sizes.get(name, ITEMSIZE[self.dtype]) for name, count in self._beside().items()}

    @abstractmethod
    def published_companions(self) -> dict[str, int] | None:
        """Parameters of what a published checkpoint has beside the network; None where they are not known."""

    def _beside(self) -> dict[str, int]:
        """Parameters of what stands beside the network."""
        checkpoint = self.model.checkpoint
        if isinstance(checkpoint, BundledCheckpoint):
            counts = read_json(model_folder(checkpoint.name, BUNDLED) / "scores.json")["parameters"]
            return {AUTOENCODER: counts["vae"], TEXT_ENCODER: counts["text_encoder"]}
        if found := self.published_companions():
            return found
        raise UnknownSizeError("autoencoder and text encoder of this checkpoint are not known, and not counted")

    def most_words(self) -> int:
        """The most words that a prompt has: listed, or marked."""
        return super().most_words() or max((len(marked.words) for marked in self.marked), default=0)

    def word_names(self) -> tuple[str, ...]:
        """What the words are called whose attention is recorded, in any of the prompts: listed, or marked in one."""
        return super().word_names() or tuple(dict.fromkeys(word for one in self.marked for word in one.words))

    def prompt_problems(self) -> Iterator[Problem]:
        """Prompts that cannot be read, whose marks do not pair, or that lack a word whose attention is wanted."""
        try:
            prompts = self.all_prompts
        except OSError as error:
            yield ("prompts", "file"), f"cannot be read: {error}"
            return
        except PromptsError as error:
            yield ("prompts", "file"), str(error)
            return
        if not prompts:
            yield ("prompts",), "there is no prompt: give at least one"
        for index, prompt in enumerate(prompts):
            key = ("prompts", "file") if isinstance(self.prompts, PromptFile) else ("prompts", index)
            try:
                marked = read_marks(prompt)
            except WordError as error:
                yield key, str(error)
                return
            if self.truth and not _is_caption(marked.text, self.truth):
                yield (
                    key,
                    f"{marked.text!r} is no caption of {self.truth}, and truth says that it is one: remove truth",
                )
            for word in self._missing(marked):
                yield (
                    key,
                    f"{marked.text!r} has no word '{word}', which record.attention.words names; it has "
                    f"{_listed(words_in(marked.text))}: name one of these, add it to the prompt, or mark words",
                )

        asked = self.record.attention
        if self.truth and not (asked and asked.words and "layers" in asked.keep):
            yield (
                ("truth",),
                "scoring needs the attention of words in layers: set record.attention.words, or remove truth",
            )

    def _missing(self, marked: Marked) -> Iterator[str]:
        asked = self.record.attention
        words = asked.words if asked and isinstance(asked.words, tuple) else ()
        known = {word.casefold() for word in marked.words}
        for word in words:
            if isinstance(word, str) and not any(occurrences(word, marked.text)) and word.casefold() not in known:
                yield word


def _listed(words: tuple[str, ...]) -> str:
    """Words of a prompt, or the first of them where they are many."""
    more = f" and {len(words) - TOLD} more" if len(words) > TOLD else ""
    return ", ".join(words[:TOLD]) + more if words else "no word"


def _is_caption(text: str, truth: str) -> bool:
    try:
        CAPTIONS[truth](text)
    except ValueError:
        return False
    return True
