"""The run of the workflow that would write the same texts: it says what can be, and what each text asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from denoscope.config.errors import validation_faults
from denoscope.denoisers.registry import run_settings
from denoscope.denoisers.text.text_run import TextRun
from denoscope.settings.run import Problem
from denoscope.text.tokenizer import TextTokenizer
from denoscope.writing.errors import WritingError
from denoscope.writing.samplers import LEFT_TO_RIGHT, chosen_sampler, sampler_settings
from denoscope.writing.source import Source

LENGTH = 64
"""Tokens of a text where nobody says how many, if the network sees as many."""


def planned_run(
    source: Source,
    prompts: Sequence[str],
    sampler: Mapping[str, Any],
    *,
    length: int,
    seed: int,
    count: int,
    batch: int,
    top: int,
) -> TextRun:
    """The settings of a run.

    Raises:
        WritingError: a value is wrong, or the model cannot write like that.
    """
    checkpoint = {"source": "local", "name": "model", "path": str(source.folder)}
    raw = {
        "model": {"family": source.family, "checkpoint": checkpoint, "network": source.network},
        "sampler": dict(sampler),
        "length": length,
        "prompts": list(prompts),
        "seed": seed,
        "samples": {"count": count, "batch": batch},
        "alternatives": {"top": top},
    }
    try:
        run = cast("TextRun", run_settings(source.family).model_validate(raw))
    except ValidationError as error:
        raise _fault(validation_faults(error, raw)) from None
    if faults := list(run.problems()):
        raise _fault(faults)
    return run


def with_length(
    source: Source,
    tokenizer: TextTokenizer,
    prompts: Sequence[str],
    options: Mapping[str, Any],
    *,
    sampler: str | None,
    length: int | None,
    window: int,
) -> tuple[dict[str, Any], int]:
    """A sampler's settings and the length of a text.

    An autoregressive model writes until the text is full, unless it is told how many tokens to write.
    """
    name = chosen_sampler(source, sampler)
    settings = sampler_settings(name, options)
    if name != LEFT_TO_RIGHT:
        return settings, min(LENGTH, window) if length is None else length
    given = [len(tokenizer.encode(prompt)) for prompt in prompts]
    asked = settings.get("new_tokens")
    if length is None:
        length = min(window, LENGTH if asked is None else max(1, max(given) + asked))
    return {**settings, "new_tokens": max(1, length - min(given)) if asked is None else asked}, length


def _fault(faults: Iterable[Problem]) -> WritingError:
    return WritingError("; ".join(f"{'.'.join(map(str, key))}: {message}" for key, message in faults))
