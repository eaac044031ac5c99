"""What is trained on: captions, and pictures or films that they are true of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from denoscope.scenes.drawing import GROUNDS, draw
from denoscope.scenes.measuring import agrees, find, shows
from denoscope.scenes.motion import FRAMES, SIDE, Motion, all_motions, path, split_motions
from denoscope.scenes.scene import Caption, all_captions, arranged, split_captions
from denoscope.scenes.watching import seen

CROWD = 4
"""Things in a film that an autoencoder is trained on."""


class Data(Protocol):
    """Captions, and examples that they are true of."""

    def captions(self) -> Sequence[Any]:
        """Every caption there is, in order."""

    def split(self, holdout: int, seed: int) -> tuple[Sequence[Any], Sequence[Any]]:
        """Captions to train on, and ``holdout`` others."""

    def examples(self, captions: Sequence[Any], generator: np.random.Generator) -> Tensor:
        """An example of each caption in −1 … 1: pictures ``[captions, 3, H, W]``, films ``[captions, 3, F, H, W]``."""

    def varied(self, captions: Sequence[Any], count: int, generator: np.random.Generator) -> Tensor:
        """``count`` examples for an autoencoder, which needs no captions."""

    def truths(self, examples: np.ndarray, captions: Sequence[Any]) -> dict[str, float]:
        """Shares of examples, uint8 with colours last, that show what captions say: parts, then all of it."""


class Scenes:
    """Pictures of one or two shapes, ``size`` pixels high and wide."""

    def __init__(self, size: int) -> None:
        self.size = size

    def captions(self) -> Sequence[Caption]:
        """One thing, or two in every relation."""
        return all_captions()

    def split(self, holdout: int, seed: int) -> tuple[Sequence[Caption], Sequence[Caption]]:
        """Single things are always trained on."""
        return split_captions(holdout, seed)

    def examples(self, captions: Sequence[Caption], generator: np.random.Generator) -> Tensor:
        """A picture of each caption."""
        return scenes(captions, self.size, generator)

    def varied(self, captions: Sequence[Caption], count: int, generator: np.random.Generator) -> Tensor:
        """Pictures of captions at random."""
        return self.examples(drawn(captions, count, generator), generator)

    def truths(self, examples: np.ndarray, captions: Sequence[Caption]) -> dict[str, float]:
        """Pictures with the caption's things, and with its relation too."""
        found = [(find(picture), caption) for picture, caption in zip(examples, captions, strict=True)]
        return {
            "objects": float(np.mean([shows(things, caption) for things, caption in found])),
            "relation": float(np.mean([agrees(things, caption) for things, caption in found])),
        }


class Motions:
    """Films of one moving shape."""

    def captions(self) -> Sequence[Motion]:
        """A thing of every size, in every direction, at every speed."""
        return all_motions()

    def split(self, holdout: int, seed: int) -> tuple[Sequence[Motion], Sequence[Motion]]:
        """Any captions may be held out."""
        return split_motions(holdout, seed)

    def examples(self, captions: Sequence[Motion], generator: np.random.Generator) -> Tensor:
        """A film of each caption."""
        return _films([[motion] for motion in captions], generator)

    def varied(self, captions: Sequence[Motion], count: int, generator: np.random.Generator) -> Tensor:
        """Films of several things at once: one alone is little to learn from for a film's worth of computing."""
        return _films([drawn(captions, CROWD, generator) for _ in range(count)], generator)

    def truths(self, examples: np.ndarray, captions: Sequence[Motion]) -> dict[str, float]:
        """Films of the caption's thing, of its direction, and of both."""
        found = [seen(frames) for frames in examples]
        object_ = np.array([one.kind == motion.kind for one, motion in zip(found, captions, strict=True)])
        direction = np.array([one.direction == motion.direction for one, motion in zip(found, captions, strict=True)])
        return {
            "object": float(object_.mean()),
            "direction": float(direction.mean()),
            "object and direction": float((object_ & direction).mean()),
        }


def data_of(name: str, autoencoder: Mapping[str, Any]) -> Data:
    """The data of a recipe, of the size that the autoencoder's configuration says."""
    return Scenes(autoencoder["sample_size"]) if name == "scenes" else Motions()


def scenes(captions: Sequence[Caption], size: int, generator: np.random.Generator) -> Tensor:
    """A picture that each caption is true of: ``[len(captions), 3, size, size]`` in −1 … 1."""
    pictures = [draw(arranged(caption, generator), size, int(generator.integers(*GROUNDS))) for caption in captions]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def _films(crowds: Sequence[Sequence[Motion]], generator: np.random.Generator) -> Tensor:
    """A film of each crowd of motions: ``[crowds, 3, frames, side, side]`` in −1 … 1."""
    films = []
    for crowd in crowds:
        ground = int(generator.integers(*GROUNDS))
        things = zip(*(path(motion, FRAMES, generator) for motion in crowd), strict=True)
        films.append(np.stack([draw(frame, SIDE, ground) for frame in things]))
    return torch.from_numpy(np.stack(films)).permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def drawn(captions: Sequence[Any], count: int, generator: np.random.Generator) -> list[Any]:
    """``count`` of the captions at random."""
    return [captions[index] for index in generator.integers(len(captions), size=count)]


def as_bytes(examples: Tensor) -> np.ndarray:
    """Pictures or films in −1 … 1 as uint8 with colours last: ``[count, …, H, W, 3]``."""
    found: np.ndarray = ((examples.clamp(-1, 1) + 1) * 127.5).round().byte().movedim(1, -1).numpy()
    return found
