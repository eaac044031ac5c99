"""What is known of the single tokens of a run's texts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from denoscope.text.pieces import TokenTable
from denoscope.trace.reader import TraceArray

SIGNS = str.maketrans({" ": "␣", "\n": "⏎", "\t": "⇥"})


def token_frame(states: TraceArray, texts: int, table: TokenTable) -> pd.DataFrame:
    """One row a token of the first ``texts``: ``sample``, ``position``, ``token``, ``prompt`` and ``revealed``.

    ``token`` is what stands there in the end, its spaces and line ends shown by signs; ``revealed`` is the step from
    which on it does, 0 for the prompt's.

    Args:
        states: token ids ``[step, sample, position]``.
        texts: how many.
        table: what the tokens look like.
    """
    ids = states[:, :texts]
    steps, samples, length = ids.shape
    settled = np.cumprod((ids == ids[-1])[::-1], axis=0).sum(axis=0)
    revealed = (steps - settled).ravel()
    return pd.DataFrame(
        {
            "sample": np.repeat(np.arange(samples), length),
            "position": np.tile(np.arange(length), samples),
            "token": [token_name(table, number) for number in ids[-1].ravel().tolist()],
            "prompt": revealed == 0,
            "revealed": revealed,
        }
    )


def token_name(table: TokenTable, number: int) -> str:
    """A token by itself: signs for its spaces, hexadecimal bytes where they are no whole character."""
    if number not in table.tokens:
        return f"⟨{number}⟩"
    content = table.token_bytes(number)
    try:
        return content.decode().translate(SIGNS)
    except UnicodeDecodeError:
        return f"⟨{content.hex(' ')}⟩"
