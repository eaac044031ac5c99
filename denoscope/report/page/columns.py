"""The columns of a run's sample table, for colouring, searching and reading out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from denoscope.report.page.blocks import Blocks

FEW = 64
"""Whole numbers with at most so many different values, each in two samples on average, are categories."""


def sample_columns(samples: pd.DataFrame, blocks: Blocks) -> list[dict[str, Any]]:
    """Describe every column but the sample's number, class first; columns of lists are left out."""
    names = sorted((name for name in samples.columns if name != "sample"), key=lambda name: name != "class")
    found = (_column(str(name), samples, blocks) for name in names)
    return [column for column in found if column]


def _column(name: str, samples: pd.DataFrame, blocks: Blocks) -> dict[str, Any] | None:
    values = samples[name]
    if name == "class" and "label" in samples:
        return _classes(samples, blocks)
    if is_numeric_dtype(values) and not is_bool_dtype(values) and not _few(values):
        return _numbers(name, values.to_numpy(np.float64), blocks)
    if values.map(lambda value: isinstance(value, (list, tuple, dict, np.ndarray))).any():
        return None
    codes, present = pd.factorize(values, sort=is_numeric_dtype(values), use_na_sentinel=False)
    names = ["none" if pd.isna(value) else str(value) for value in present]
    return {**_categories(name, codes, names, blocks), "whole": bool(is_integer_dtype(values))}


def _few(values: pd.Series) -> bool:
    return bool(is_integer_dtype(values)) and values.nunique() <= min(FEW, len(values) // 2)


def _classes(samples: pd.DataFrame, blocks: Blocks) -> dict[str, Any]:
    """Classes in order of their labels; two labels may have one name."""
    present = samples.drop_duplicates("label").sort_values("label")
    position = {label: index for index, label in enumerate(present["label"])}
    codes = samples["label"].map(position).to_numpy()
    return _categories("class", codes, present["class"].astype(str).tolist(), blocks)


def _categories(name: str, codes: np.ndarray, values: list[str], blocks: Blocks) -> dict[str, Any]:
    width = next(w for w in (1, 2, 4) if len(values) <= 256**w)
    block = blocks.add(codes.astype(f"<u{width}").tobytes())
    return {"name": name, "kind": "category", "values": values, "whole": False, "width": width, "block": block}


def _numbers(name: str, values: np.ndarray, blocks: Blocks) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    scale = [float(finite.min()), float(finite.max())] if len(finite) else [0.0, 1.0]
    exact = np.isnan(values) | (values == values.astype(np.float32))  # a seed of ten digits is no float32
    stored = values.astype("<f4" if exact.all() or not _whole(finite) else "<f8")
    width = stored.itemsize
    return {"name": name, "kind": "number", "range": scale, "width": width, "block": blocks.add(stored.tobytes())}


def _whole(values: np.ndarray) -> bool:
    return bool((values == np.round(values)).all())
