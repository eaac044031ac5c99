"""The tokens that a page shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from denoscope.report.page.blocks import Blocks
from denoscope.text.pieces import token_table


class Vocabulary:
    """The tokens that are used, by their place among them, which takes less room than their numbers.

    Args:
        tokenizer: path of ``tokenizer.json``.
        mask_id: what stands where there is no token.
        used: arrays of token numbers, masks among them.
    """

    def __init__(self, tokenizer: Path, mask_id: int, used: Iterable[np.ndarray]) -> None:
        found: set[int] = set()
        for numbers in used:
            found.update(np.unique(numbers).tolist())
        self._table, self._mask = token_table(tokenizer), mask_id
        self._ids = np.array(sorted(number for number in found - {mask_id} if number >= 0), dtype=np.int64)
        self._type = np.dtype("<u2" if len(self._ids) < 0xFFFF else "<u4")

    def codes(self, ids: np.ndarray) -> np.ndarray:
        """Places among the tokens used; the largest number there is for a mask, and where nothing was predicted."""
        places = np.searchsorted(self._ids, ids).astype(self._type)
        return np.where((ids == self._mask) | (ids < 0), np.iinfo(self._type).max, places).astype(self._type)

    def described(self, blocks: Blocks) -> dict[str, Any]:
        """Keep numbers and ends of all tokens (uint32), then their bytes."""
        content = [self._bytes(number) for number in self._ids.tolist()]
        ends = np.cumsum([len(piece) for piece in content]).astype("<u4")
        block = blocks.add(self._ids.astype("<u4").tobytes() + ends.tobytes() + b"".join(content))
        return {
            "count": len(content),
            "width": self._type.itemsize,
            "dropSpace": self._table.drop_first_space,
            "block": block,
        }

    def _bytes(self, number: int) -> bytes:
        """A token's bytes. A network may know more tokens than its tokenizer: those have a number but no text."""
        return self._table.token_bytes(number) if number in self._table.tokens else f"⟨{number}⟩".encode()
