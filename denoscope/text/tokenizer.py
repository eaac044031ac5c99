"""A tokenizer as ``tokenizer.json`` describes it, without torch and without transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from denoscope.checkpoints.manifest import TOKENIZER
from denoscope.text.pieces import MASKS

ENDS = ("</s>", "<|endoftext|>", "<eos>", "[SEP]", "<|end_of_text|>")
"""What the end of a text is called in published tokenizers."""


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

    @property
    def start_id(self) -> int | None:
        """What the tokenizer puts before every text; else the end of the text before."""
        added = self.base.encode("", add_special_tokens=True).ids
        return int(added[0]) if added else self.end_id

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
    return TextTokenizer(base, special, _first(base, MASKS, special), _first(base, ENDS, special))


def mask_of(tokenizer: TextTokenizer, vocab_size: int, asked: int | None) -> int:
    """The mask's id: as asked, the tokenizer's own, or the one id that the network knows beyond the tokenizer.

    Raises:
        TokenizerError: there is no mask.
    """
    if asked is not None:
        return asked
    if tokenizer.mask_id is not None:
        return tokenizer.mask_id
    if vocab_size == tokenizer.size + 1:
        return vocab_size - 1
    raise TokenizerError(
        f"the tokenizer has {tokenizer.size} tokens and no mask, the network {vocab_size}: say which is the mask with "
        "model.mask_id"
    )


def _first(base: Tokenizer, names: Sequence[str], special: Sequence[int]) -> int | None:
    """The first of ``names`` that there is, special tokens before others: "</s>" may also be a piece of HTML."""
    found = [number for name in names if (number := base.token_to_id(name)) is not None]
    return next((number for number in found if number in special), found[0] if found else None)
