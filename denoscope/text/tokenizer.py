"""A tokenizer as ``tokenizer.json`` describes it, without torch and without transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from denoscope.checkpoints.manifest import TOKENIZER

ENDS = ("</s>", "<|endoftext|>", "[SEP]", "<|end_of_text|>")
"""What the end of a text is called in published tokenizers."""
MASKS = ("<mask>", "[MASK]", "<|mask|>", "<|mask_token|>", "<|mdm_mask|>")
"""What masks are called in published tokenizers."""


class TokenizerError(ValueError):
    """A tokenizer that is missing or does not serve."""


@dataclass(frozen=True)
class TextTokenizer:
    """Text ↔ token ids, and which ids a model must not write.

    ``special`` are the added tokens that are marked special: beginnings, ends, padding, the mask.
    """

    base: Tokenizer
    special: tuple[int, ...]
    mask_id: int | None
    end_id: int | None

    @property
    def size(self) -> int:
        """Number of tokens, added ones included."""
        return int(self.base.get_vocab_size(with_added_tokens=True))

    def encode(self, text: str) -> list[int]:
        """Ids of ``text``, without special tokens around it: they would stand between a prompt and what follows."""
        return list(self.base.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids``; ids beyond the tokenizer, as an added mask's, and special tokens are left out."""
        return str(self.base.decode([i for i in ids if 0 <= i < self.size], skip_special_tokens=True))


def read_tokenizer(folder: Path) -> TextTokenizer:
    """Read ``tokenizer.json`` of a checkpoint's folder, or the file itself.

    Raises:
        TokenizerError: it is missing or damaged.
    """
    path = folder / TOKENIZER if folder.is_dir() else folder
    if not path.exists():
        raise TokenizerError(
            f"{path} is missing: a text model needs its tokenizer; put tokenizer.json beside the weights, or name a "
            "checkpoint that has one with model.tokenizer"
        )
    try:
        base = Tokenizer.from_file(str(path))
    except Exception as error:
        raise TokenizerError(f"{path} is no tokenizer.json: {error}") from None
    return wrapped(base)


def wrapped(base: Tokenizer) -> TextTokenizer:
    """A tokenizer of the library ``tokenizers`` with its special ids."""
    added = base.get_added_tokens_decoder()
    special = tuple(sorted(int(index) for index, token in added.items() if token.special))
    return TextTokenizer(base, special, _first(base, MASKS), _first(base, ENDS))


def _first(base: Tokenizer, names: Sequence[str]) -> int | None:
    return next((found for name in names if (found := base.token_to_id(name)) is not None), None)
