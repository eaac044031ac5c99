"""What denoisers of all text families share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from denoscope.denoisers.protocol import Step
from denoscope.text.tokenizer import TextTokenizer


class TextDenoiser:
    """A denoiser whose states are token ids.

    Args:
        tokenizer: of the model.
        mask_id: what states hold where nothing is written yet.
        offset: how many positions later than it is predicted a token enters the network.
    """

    def __init__(self, tokenizer: TextTokenizer, mask_id: int, offset: int = 0) -> None:
        self.tokenizer, self.mask_id = tokenizer, mask_id
        self.describes: Mapping[str, Any] = {"kind": "text", "mask_id": mask_id, "offset": offset}

    def previews(self, step: Step) -> dict[str, Tensor]:
        """Nothing: text is no picture."""
        return {}

    def outcome(self, last: Step) -> list[dict[str, Any]]:
        """The text of each sample."""
        return [{"text": self.tokenizer.decode(row)} for row in last.state.tolist()]
