"""What the UNet reads of a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Text:
    """Encoded prompts: ``tokens [batch, keys, channels]``, and for SDXL ``pooled [batch, channels]``."""

    tokens: Tensor
    pooled: Tensor | None = None

    def nothing(self) -> Text:
        """Zeros instead of a text, what SDXL was trained to read as no prompt."""
        return Text(torch.zeros_like(self.tokens), None if self.pooled is None else torch.zeros_like(self.pooled))


@dataclass(frozen=True)
class TextReader:
    """A CLIP text encoder and its tokenizer."""

    tokenizer: Any
    encoder: Any

    @property
    def length(self) -> int:
        """Tokens of a prompt, filled up."""
        return int(self.tokenizer.model_max_length)

    def __call__(self, prompts: Sequence[str]) -> Any:
        """The encoder's output for ``prompts``, cut and filled up, with all its hidden states."""
        ids = self.tokenizer(list(prompts), padding="max_length", truncation=True, return_tensors="pt").input_ids
        return self.encoder(ids.to(self.encoder.device), output_hidden_states=True)


def encoded(readers: Sequence[TextReader], prompts: Sequence[str]) -> Text:
    """Encode prompts as the network was trained to read them.

    One reader (Stable Diffusion) gives its last hidden states. Two (SDXL, Podell et al. 2023, arXiv:2307.01952) give
    their penultimate ones side by side, and the second its projected pooled state.
    """
    found = [reader(prompts) for reader in readers]
    if len(found) == 1:
        return Text(found[0].last_hidden_state)
    return Text(torch.cat([told.hidden_states[-2] for told in found], dim=-1), found[-1].text_embeds)
