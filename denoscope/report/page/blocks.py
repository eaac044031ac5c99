"""Binary data of the page: packed where it pays, in the page while its budget lasts, else in scripts beside it."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from denoscope.settings.report import Report

WORTH = 0.9
"""A block is packed if that leaves at most so much of it: packed positions are hardly smaller, and slower to open."""


class Rank(IntEnum):
    """What a page keeps inside first when its budget does not hold everything."""

    FIRST = 0
    DETAIL = 1
    LARGE = 2


@dataclass(frozen=True)
class Block:
    """Bytes as the page carries them."""

    name: str
    content: bytes
    packed: bool
    rank: Rank

    @property
    def text(self) -> str:
        """The bytes as base64."""
        return base64.b64encode(self.content).decode("ascii")

    @property
    def size(self) -> int:
        """Characters of the text."""
        return 4 * -(-len(self.content) // 3)

    @property
    def key(self) -> str:
        """A hash of the content, by which a script beside the page is named and names itself to the page."""
        return hashlib.sha256(self.content).hexdigest()[:20]


class Blocks:
    """The page's data blocks."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []

    def add(self, content: bytes, rank: Rank = Rank.FIRST) -> str:
        """Keep ``content`` and return its name."""
        zipped = gzip.compress(content, compresslevel=6, mtime=0)
        packed = len(zipped) < WORTH * len(content)
        name = f"block-{len(self._blocks)}"
        self._blocks.append(Block(name, zipped if packed else content, packed, rank))
        return name

    def pictures(self, pictures: Sequence[bytes], rank: Rank = Rank.FIRST) -> tuple[str, list[int]]:
        """Keep pictures one after the other; return the block's name and where each starts and the last ends."""
        return self.add(b"".join(pictures), rank), [0, *np.cumsum([len(picture) for picture in pictures]).tolist()]

    def inside(self, settings: Report) -> list[Block]:
        """The blocks that the page itself holds: in order of rank while ``inline_mb`` lasts, unless set otherwise."""
        if settings.inline == "never":
            return []
        if settings.inline == "always":
            return self._blocks
        left = settings.inline_mb * 1e6
        found = set()
        for block in sorted(self._blocks, key=lambda block: block.rank):
            left -= block.size
            if left >= 0:
                found.add(block.name)
        return [block for block in self._blocks if block.name in found]

    def beside(self, settings: Report) -> list[Block]:
        """The blocks that lie in scripts beside the page."""
        inside = {block.name for block in self.inside(settings)}
        return [block for block in self._blocks if block.name not in inside]

    def packed(self) -> list[str]:
        """Names of the blocks that are packed by gzip."""
        return [block.name for block in self._blocks if block.packed]
