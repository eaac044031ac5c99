"""What tokens look like: token number → bytes → the text at each position, none of it lost or shown twice.

Read from the JSON that every fast tokenizer has, so neither tokenizers nor transformers is imported.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

MASKS = ("<mask>", "[MASK]", "<|mask|>", "<|mask_token|>", "<|mdm_mask|>")
"""What masks are called in published tokenizers."""
UNATTACHED = {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"}
"""Tokens before which a WordPiece decoder that cleans up writes no space."""
BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class TokenTable:
    """The bytes of every token.

    Args:
        tokens: the vocabulary's entries by number.
        encode: bytes of an entry.
        drop_first_space: a decoded text does not begin with the space of its first token.
    """

    def __init__(self, tokens: dict[int, str], encode: Callable[[str], bytes], drop_first_space: bool = False) -> None:
        self.tokens, self.drop_first_space = tokens, drop_first_space
        self._encode, self._text = encode, cache(self._alone)

    @property
    def mask_id(self) -> int | None:
        """The number of the first of :data:`MASKS` that is a token."""
        numbers = {token: number for number, token in self.tokens.items()}
        return next((numbers[name] for name in MASKS if name in numbers), None)

    def token_bytes(self, number: int) -> bytes:
        """Bytes of a token; of a special token its literal text. Several tokens may share one character."""
        if number not in self.tokens:
            raise ValueError(f"token {number} is not in the vocabulary of {len(self.tokens)} tokens")
        return self._encode(self.tokens[number])

    def pieces(self, ids: Sequence[int], masked: Sequence[bool]) -> list[str]:
        """Text at each position, empty where masked; together what the tokenizer would decode.

        A character spread over several tokens stands whole at the one that completes it; bytes that make no character,
        such as those before a mask, are shown as U+FFFD.
        """
        texts = ["" if hidden else self._text(int(number)) for number, hidden in zip(ids, masked, strict=True)]
        found: list[str] = []
        for broken, run in groupby(texts, lambda text: text is None):
            members = [text or "" for text in run]
            numbers = ids[len(found) : len(found) + len(members)]
            found += _joined([self.token_bytes(int(number)) for number in numbers]) if broken else members
        if self.drop_first_space and found:
            found[0] = found[0].removeprefix(" ")
        return found

    def _alone(self, number: int) -> str | None:
        """A token's text, None if it holds part of a character."""
        try:
            return self.token_bytes(number).decode()
        except UnicodeDecodeError:
            return None


def token_table(tokenizer: Any) -> TokenTable:
    """Make the table of a tokenizer.

    ``tokenizer`` is a ``tokenizers.Tokenizer`` or what wraps one (a fast tokenizer of transformers), or a path:
    ``tokenizer.json`` or the folder that holds it. A table is returned as it is.

    Raises:
        ValueError: if it is none of these, or its decoder is of an unknown kind.
    """
    if isinstance(tokenizer, TokenTable):
        return tokenizer
    document = _document(tokenizer)
    vocabulary = document["model"]["vocab"]
    if isinstance(vocabulary, dict):
        tokens = {number: token for token, number in vocabulary.items()}
    else:  # Unigram: tokens with their scores, in order
        tokens = {number: token for number, (token, _) in enumerate(vocabulary)}
    tokens |= {added["id"]: added["content"] for added in document.get("added_tokens") or ()}
    return TokenTable(tokens, *_decoding(document))


def _document(tokenizer: Any) -> dict[str, Any]:
    if isinstance(tokenizer, str | Path):
        path = Path(tokenizer)
        path = path / "tokenizer.json" if path.is_dir() else path
        if not path.is_file():
            raise ValueError(f"{path} is no file; give a tokenizer.json, the folder that holds it, or a tokenizer")
        return dict(json.loads(path.read_text(encoding="utf-8")))
    for name in ("backend_tokenizer", "base"):
        tokenizer = getattr(tokenizer, name, tokenizer)
    if not hasattr(tokenizer, "to_str"):
        raise ValueError(f"{type(tokenizer).__name__} is no fast tokenizer; give one, or the path of a tokenizer.json")
    return dict(json.loads(tokenizer.to_str()))


def _decoding(document: dict[str, Any]) -> tuple[Callable[[str], bytes], bool]:
    """How an entry becomes bytes, and whether the first space is dropped."""
    steps = {step["type"]: step for step in _flat(document.get("decoder"), "decoders")}
    before = {step["type"] for step in _flat(document.get("pre_tokenizer"), "pretokenizers")}
    if "ByteLevel" in steps or (not steps and "ByteLevel" in before):
        return _byte_level, False
    if "WordPiece" in steps:
        return partial(_word, prefix=steps["WordPiece"]["prefix"], clean=steps["WordPiece"]["cleanup"]), True
    if not steps:
        return partial(_word, prefix=None, clean=False), True
    if unknown := steps.keys() - {"Metaspace", "Replace", "ByteFallback", "Fuse", "Strip"}:
        raise ValueError(f"decoder {', '.join(sorted(unknown))} is unknown; give the tokens' texts instead of numbers")
    leading = "Metaspace" in steps and steps["Metaspace"].get("prepend_scheme", "always") != "never"
    return _sentence_piece, leading or steps.get("Strip", {}).get("start", 0) > 0


def _flat(step: dict[str, Any] | None, members: str) -> Iterator[dict[str, Any]]:
    if step:
        yield from (step[members] if step["type"] == "Sequence" else [step])


@cache
def _alphabet() -> dict[str, int]:
    """GPT-2's printable stand-ins for the 256 bytes: a byte that prints stands for itself, the others from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


def _byte_level(token: str) -> bytes:
    alphabet = _alphabet()
    return bytes(map(alphabet.__getitem__, token)) if alphabet.keys() >= set(token) else token.encode()


def _word(token: str, prefix: str | None, clean: bool) -> bytes:
    if prefix and token.startswith(prefix):
        return token.removeprefix(prefix).encode()
    return token.encode() if clean and token in UNATTACHED else f" {token}".encode()


def _sentence_piece(token: str) -> bytes:
    byte = BYTE.fullmatch(token)
    return bytes.fromhex(byte[1]) if byte else token.replace("▁", " ").encode()


def _joined(parts: Sequence[bytes]) -> list[str]:
    """Text of each part; a character belongs to the part that completes it."""
    decoder = getincrementaldecoder("utf-8")("replace")
    texts = [decoder.decode(part) for part in parts]
    return [*texts[:-1], texts[-1] + decoder.decode(b"", final=True)]
