"""Text as one stream of tokens, of which trainings see windows."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from denoscope.text.tokenizer import TextTokenizer
from denoscope.training.text.corpus import CorpusError


def token_stream(texts: Iterable[str], tokenizer: TextTokenizer) -> Tensor:
    """All tokens ``[n]`` of ``texts``, with an end token after each where the tokenizer has one."""
    end = tokenizer.end_id
    ids = [token for text in texts for token in [*tokenizer.encode(text), *([] if end is None else [end])]]
    return torch.tensor(ids, dtype=torch.long)


def random_windows(stream: Tensor, length: int, count: int, generator: torch.Generator) -> Tensor:
    """``count`` windows ``[count, length]`` of a stream, at random places."""
    _require(stream, length)
    starts = torch.randint(len(stream) - length + 1, (count, 1), generator=generator)
    return stream[starts + torch.arange(length)]


def all_windows(stream: Tensor, length: int) -> Tensor:
    """The stream in windows ``[n, length]`` that do not overlap; a shorter rest is left out."""
    _require(stream, length)
    return stream[: len(stream) // length * length].view(-1, length)


def _require(stream: Tensor, length: int) -> None:
    if len(stream) < length:
        raise CorpusError(f"the text has {len(stream)} tokens, fewer than one sequence of {length}: give more text")
