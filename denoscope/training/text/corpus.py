"""Text to train on: the prose of Python's own help, a file, or a data set of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from denoscope.training.text.recipe import Corpus, Default, HubText, TextFile

BLOCK = 8
"""Paragraphs that stay together when text is held out: a sequence crosses few borders."""


class CorpusError(ValueError):
    """A text that cannot be trained on."""


@dataclass(frozen=True)
class Split:
    """Documents to train on and documents that are held out; no paragraph is in both."""

    train: tuple[str, ...]
    holdout: tuple[str, ...]


def read_corpus(corpus: Corpus, seed: int) -> Split:
    """Read ``corpus`` and hold out a seeded share of its blocks of paragraphs.

    Paragraphs that repeat, as those that Python's help prints under several topics, are kept once: otherwise what is
    held out would be trained on.

    Raises:
        CorpusError: there is too little text to hold any out.
    """
    blocks = ["\n\n".join(block) for block in _blocks(_paragraphs(_documents(corpus)))]
    apart = max(1, round(corpus.holdout * len(blocks)))
    if len(blocks) <= apart:
        raise CorpusError(
            f"{_name(corpus)} has {len(blocks)} blocks of {BLOCK} different paragraphs: too little to hold out "
            f"{corpus.holdout:g} of it; give a longer text, with empty lines between paragraphs"
        )
    chosen = set(np.random.default_rng(seed).permutation(len(blocks))[:apart].tolist())
    return Split(
        train=tuple(block for index, block in enumerate(blocks) if index not in chosen),
        holdout=tuple(block for index, block in enumerate(blocks) if index in chosen),
    )


def _documents(corpus: Corpus) -> Iterable[str]:
    match corpus:
        case Default():
            from pydoc_data.topics import topics

            return [topics[name] for name in sorted(topics)]
        case TextFile(file=file):
            return [_text(Path(file))]
        case HubText():
            return _hub_texts(corpus)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CorpusError(f"{path} does not exist: give a text file") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is no UTF-8 text: {error}") from None


def _hub_texts(corpus: HubText) -> list[str]:
    """The texts of a data set's column, as far as ``documents`` goes; needs the package datasets."""
    from datasets import load_dataset

    rows = load_dataset(corpus.hub, corpus.subset, revision=corpus.revision, split=corpus.split, streaming=True)
    found = [row[corpus.column] for row in rows.take(corpus.documents)]
    return [text for text in found if text and text.strip()]


def _paragraphs(documents: Iterable[str]) -> Iterator[str]:
    seen = set()
    for document in documents:
        for paragraph in document.replace("\r\n", "\n").split("\n\n"):
            if (text := paragraph.strip("\n")).strip() and text not in seen:
                seen.add(text)
                yield text


def _blocks(paragraphs: Iterable[str]) -> Iterator[list[str]]:
    listed = list(paragraphs)
    return (listed[start : start + BLOCK] for start in range(0, len(listed), BLOCK))


def _name(corpus: Corpus) -> str:
    match corpus:
        case Default():
            return "Python's help"
        case TextFile(file=file):
            return file
        case HubText(hub=hub):
            return hub
