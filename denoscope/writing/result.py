"""A text with everything that was seen while it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from denoscope.denoisers.protocol import Sample, Step
from denoscope.text.pieces import TokenTable
from denoscope.text.trajectory import TextTrajectory
from denoscope.trace.schema import ENTROPY, IMPORTANCE, TOP_IDS, TOP_PROBS, UNSEEN


@dataclass(frozen=True, eq=False)
class GeneratedText:
    """One text of a model.

    Args:
        text: what was written, the prompt included, without special tokens.
        prompt: what it begins with.
        sample: its number.
        seed: of its random numbers.
        ids: int ``[steps + 1, L]`` token numbers of every state, the first and the last included.
        times: ``[steps + 1]`` time, or planned share of masks, of every state.
        entropy: float16 ``[steps, L]`` entropy of the prediction at every state but the last, in nats; NaN where the
            model predicted nothing.
        importance: float16 ``[steps, L]`` ATAT's importance, None for a model without it.
        top_ids: int32 ``[steps, L, top]`` likeliest tokens, −1 where nothing was predicted; None if not asked for.
        top_probs: float16 ``[steps, L, top]`` their probabilities.
        mask_id: number of a masked token in ``ids``; −1 where a model writes from left to right.
        table: what the model's tokens look like.
    """

    text: str
    prompt: str
    sample: int
    seed: int
    ids: np.ndarray
    times: np.ndarray
    entropy: np.ndarray
    importance: np.ndarray | None
    top_ids: np.ndarray | None
    top_probs: np.ndarray | None
    mask_id: int
    table: TokenTable

    @cached_property
    def trajectory(self) -> TextTrajectory:
        """Every step of the text, ready to be animated."""
        return TextTrajectory.from_ids(
            self.ids,
            self.table,
            self.mask_id,
            self.ids[0] != self.mask_id,
            times=self.times,
            entropy=self.entropy,
            importance=self.importance,
        )


def collected(
    samples: Sequence[Sample], steps: Sequence[Step], texts: Sequence[str], mask_id: int, table: TokenTable
) -> list[GeneratedText]:
    """The texts of a batch; rows of ``steps`` beyond ``samples`` are padding."""
    ids = np.stack([step.state.cpu().numpy() for step in steps], axis=1)
    times = np.array([step.time for step in steps])
    records = {name: _stacked(name, steps) for name in (ENTROPY, IMPORTANCE, TOP_IDS, TOP_PROBS)}

    def text(row: int, sample: Sample) -> GeneratedText:
        entropy, importance, top_ids, top_probs = (None if x is None else x[row] for x in records.values())
        assert entropy is not None
        return GeneratedText(
            text=texts[row],
            prompt=sample.request["prompt"],
            sample=sample.id,
            seed=sample.seed,
            ids=ids[row],
            times=times,
            entropy=entropy,
            importance=importance,
            top_ids=top_ids,
            top_probs=top_probs,
            mask_id=mask_id,
            table=table,
        )

    return [text(row, sample) for row, sample in enumerate(samples)]


def _stacked(name: str, steps: Sequence[Step]) -> np.ndarray | None:
    """A record of every step that has it: ``[batch, steps, …]``."""
    found = [step.records[name].cpu().numpy() for step in steps if name in step.records]
    if not found:
        return None
    values = np.stack(found, axis=1)
    return values if values.dtype.kind == "i" else np.where(values == UNSEEN, np.float16(np.nan), values)
