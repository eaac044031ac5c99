"""Names of classes."""

from __future__ import annotations

from pathlib import Path

IMAGENET = "imagenet-1k"


def imagenet_classes() -> tuple[str, ...]:
    """ImageNet-1k's class names (first WordNet lemma) by class index: the synsets in ascending order, 0 is tench."""
    lines = Path(__file__).with_name("imagenet_classes.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.split(",")[0] for line in lines)


def class_names(classes: str | tuple[str, ...] | None, label_dim: int) -> tuple[str, ...]:
    """One name per class; the class numbers where no names are given."""
    if classes is None:
        return tuple(str(label) for label in range(label_dim))
    return imagenet_classes() if isinstance(classes, str) else classes
