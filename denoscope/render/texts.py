"""Recorded texts as trajectories and animations."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from denoscope.render.tokens import CompactAnimation, DetailedAnimation
from denoscope.render.tokens.animation import Animation
from denoscope.settings.render import TextRender
from denoscope.text.trajectory import TextTrajectory
from denoscope.trace import schema
from denoscope.trace.reader import Trace


def text_animation(settings: TextRender, tokenizer: Path) -> Animation:
    """The animation that ``settings`` ask for, of texts of ``tokenizer``."""
    kind = CompactAnimation if settings.style == "compact" else DetailedAnimation
    return kind(
        tokenizer,
        width=settings.width,
        font=settings.font,
        theme=settings.theme,
        fps=settings.fps,
        hold=settings.hold,
    )


def text_trajectory(trace: Trace, row: int, tokenizer: Path, symbol: str) -> TextTrajectory:
    """The text in ``row`` of a trace, without the steps after it was finished."""
    ids = trace.tensor(schema.STATES)[:, row]
    mask = int(trace.shards[0].info["states"]["mask_id"])
    found = TextTrajectory.from_ids(
        ids,
        tokenizer,
        mask,
        ids[0] != mask,
        times=np.asarray(trace.times),
        entropy=_measured(trace, schema.ENTROPY, row),
        importance=_measured(trace, schema.IMPORTANCE, row),
        time_symbol=symbol,
    )
    return found.trimmed()


def _measured(trace: Trace, name: str, row: int) -> np.ndarray | None:
    """What was recorded of every token, NaN where nothing was predicted."""
    if name not in trace.tensors:
        return None
    values = trace.tensor(name)[:, row].astype(np.float32)
    return np.where(values == schema.UNSEEN, np.nan, values)
