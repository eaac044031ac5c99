"""Judges a run of texts step by step: masks, uncertainty, and which layer knows the final token when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoscope.runtime.files import replacing
from denoscope.trace import schema
from denoscope.trace.reader import Trace

MASKED, ENTROPY, KNOWN = "masked", "entropy", "known"
"""Share of masked tokens; mean entropy of the masked, in nats; share of the masked whose final token is read."""


def judge_texts(trace: Trace) -> pd.DataFrame:
    """One row a measure, layer and step: ``measure``, ``layer``, ``step``, ``time``, ``mean``, ``low`` and ``high``.

    ``low`` and ``high`` are the 10 and 90 % quantiles over the samples. ``known`` is counted at tokens that are masked
    at the step and that the network predicts (of an autoregressive text the next one): how often the likeliest token
    that the model's own head reads from a layer is the one that the text ends with.
    """
    return pd.DataFrame([*_scalars(trace), *_known(trace)])


def write_texts(table: pd.DataFrame, path: Path) -> None:
    """Write the table as Parquet."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd")


def _scalars(trace: Trace) -> Iterator[dict[str, Any]]:
    steps = trace.steps.drop_duplicates(["sample", "step"]).copy()
    steps.loc[steps[MASKED] == 0, ENTROPY] = np.nan  # of no tokens
    for measure in (MASKED, ENTROPY):
        values = steps.pivot_table(index="step", columns="sample", values=measure, dropna=False, observed=False)
        for step, row in values.iterrows():
            yield from _row(measure, "", int(str(step)), trace, row.dropna().to_numpy())


def _known(trace: Trace) -> Iterator[dict[str, Any]]:
    states = trace.tensor(schema.STATES)
    mask = int(trace.shards[0].info["states"]["mask_id"])
    final = states[-1]
    for name in (name for name in trace.tensors if name.startswith(schema.LENS)):
        read = trace.tensor(name)
        for position, step in enumerate(read.steps):
            masked = (states[step] == mask) & (read[position] >= 0)
            right = (read[position] == final) & masked
            some = masked.any(axis=1)
            shares = right[some].sum(axis=1) / masked[some].sum(axis=1)
            yield from _row(KNOWN, name.removeprefix(schema.LENS), step, trace, shares)


def _row(measure: str, layer: str, step: int, trace: Trace, values: np.ndarray) -> Iterator[dict[str, Any]]:
    if len(values):
        low, high = np.quantile(values, (0.1, 0.9))
        found = {"mean": float(values.mean()), "low": float(low), "high": float(high)}
        yield {"measure": measure, "layer": layer, "step": step, "time": trace.times[step], **found}
