"""Texts of the page: the tokens of every step, and what the network made of them. types.js says how they lie."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from denoscope.report.page.blocks import Blocks
from denoscope.report.page.rows import by_sample, fitting, rows
from denoscope.report.page.textattention import attention, windows
from denoscope.report.page.vocabulary import Vocabulary
from denoscope.run import Run
from denoscope.trace import schema

SCORES = {schema.ENTROPY: "entropy", schema.IMPORTANCE: "importance"}
CODE_BYTES = 4
TENSOR_BYTES = 48_000_000
"""Of each of a run's tensors so many samples are in the page as fit, not packed; their states always are."""


def texts(run: Run, players: int, blocks: Blocks) -> dict[str, Any]:
    """Describe the texts of the first ``players`` samples of a run and put their arrays into ``blocks``.

    Raises:
        ValueError: the run has no ``tokenizer.json``, or it is of an unknown kind.
    """
    about = run.shards[0].info["states"]
    names = [schema.STATES, *(name for name in run.tensors if name == schema.TOP_IDS or name.startswith(schema.LENS))]
    used = (ids for name in names for ids in by_sample(run.tensor(name), _held(run, name, players)))
    vocabulary = Vocabulary(run.folder / "tokenizer.json", about["mask_id"], used)
    return {
        "length": run.states.shape[2],
        "autoregressive": about["mask_id"] < 0,
        "mask": about["mask_id"],
        "vocabulary": vocabulary.described(blocks),
        "tokens": rows((vocabulary.codes(states.T) for states in by_sample(run.states, players)), blocks),
        "cached": rows(_cached(run, players), blocks),
        "windows": windows(run),
        "scores": [_scores(run, name, players, blocks) for name in SCORES if name in run.tensors],
        "alternatives": _alternatives(run, players, vocabulary, blocks) if schema.TOP_IDS in names else None,
        "lens": [_lens(run, name, players, vocabulary, blocks) for name in names if name.startswith(schema.LENS)],
        "attention": attention(run, players, blocks),
    }


def _held(run: Run, name: str, players: int) -> int:
    """How many samples of a tensor the page holds."""
    if name == schema.STATES:
        return players
    steps, _, *rest = run.tensor(name).shape
    return fitting(players, steps * math.prod(rest) * CODE_BYTES, TENSOR_BYTES)


def _cached(run: Run, players: int) -> Iterator[np.ndarray]:
    table = run.steps[run.steps["sample"] < players].drop_duplicates(["sample", "step"])
    yield from table["cached"].to_numpy(np.uint8).reshape(players, len(run.times))


def _scores(run: Run, name: str, players: int, blocks: Blocks) -> dict[str, Any]:
    """A number a token, in units of 1/255 of the way from ``low`` to ``high``: ``[position, step]``.

    What was not predicted is 0, and not shown.
    """
    array, samples = run.tensor(name), _held(run, name, players)
    high = max([0.0, *(float(values.max()) for values in by_sample(array, samples))])
    units = (values.T.astype(np.float32).clip(0) / (high or 1) * 255 for values in by_sample(array, samples))
    content = rows((values.round().astype(np.uint8) for values in units), blocks)
    return {"name": SCORES[name], "steps": list(array.steps), "low": 0.0, "high": high, "rows": content}


def _alternatives(run: Run, players: int, vocabulary: Vocabulary, blocks: Blocks) -> dict[str, Any]:
    """Tokens ``[position, rank, step]``, and the roots of their probabilities: small ones differ, too."""
    ids, probabilities = run.tensor(schema.TOP_IDS), run.tensor(schema.TOP_PROBS)
    samples = _held(run, schema.TOP_IDS, players)
    codes = (vocabulary.codes(found.transpose(1, 2, 0)) for found in by_sample(ids, samples))
    roots = (
        np.sqrt(found.transpose(1, 2, 0).astype(np.float32).clip(0)) for found in by_sample(probabilities, samples)
    )
    return {
        "steps": list(ids.steps),
        "count": ids.shape[3],
        "tokens": rows(codes, blocks),
        "roots": rows(((root * 255).round().astype(np.uint8) for root in roots), blocks),
    }


def _lens(run: Run, name: str, players: int, vocabulary: Vocabulary, blocks: Blocks) -> dict[str, Any]:
    """The token that the model's head reads from a layer: ``[position, step]``."""
    array = run.tensor(name)
    codes = (vocabulary.codes(found.T) for found in by_sample(array, _held(run, name, players)))
    return {"name": name.removeprefix(schema.LENS), "steps": list(array.steps), "tokens": rows(codes, blocks)}
