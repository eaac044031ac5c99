"""What a long command tells while it runs: lines above its progress bar, and losses for TensorBoard."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from denoscope.commands.failing import fail

if TYPE_CHECKING:
    from denoscope.training.text.training import Scalars


class _AboveTheBar(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        tqdm.write(self.format(record), file=sys.stderr)


@contextmanager
def told() -> Iterator[None]:
    """Print what the library logs inside this block."""
    logger, handler = logging.getLogger("denoscope"), _AboveTheBar()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@contextmanager
def summary_writer(folder: Path) -> Iterator[Scalars]:
    """Give what writes a step's figures for TensorBoard."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        fail("--tensorboard needs TensorBoard: pip install tensorboard")

    def scalars(step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            writer.add_scalar(f"loss/{name}", value, step)

    with SummaryWriter(str(folder)) as writer:
        yield scalars
