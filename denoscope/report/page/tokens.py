"""Maps of single tokens, in the page a run of their own whose samples are the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from denoscope.maps.files import read_fitted
from denoscope.report.page.atlas import Mapped, atlas
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.columns import sample_columns
from denoscope.report.page.overview import map_row
from denoscope.run import Run

FOLDER = "token_maps"
VIEWS = ("overview", "atlas", "layers")


def token_data(run: Run, layers: Sequence[str], of: int, blocks: Blocks) -> dict[str, Any]:
    """Describe the maps of a run's tokens, as ``run_data`` describes a run.

    Args:
        run: the run of texts.
        layers: whose tokens are mapped.
        of: the run's place in the page.
        blocks: takes the arrays.
    """
    length = run.states.shape[2]
    points = _points(run, layers[0])
    folder = run.folder / FOLDER
    nothing = dict.fromkeys(("picture", "thumbs", "state", "x0", "texts", "similarity"))
    return {
        **nothing,
        "name": token_name(run),
        "of": {"run": of, "length": length},
        "views": VIEWS,
        "symbol": run.info["time_symbol"],
        "times": run.times,
        "count": points,
        "columns": sample_columns(_columns(run.tokens_of(points // length)), blocks),
        "maps": atlas(Mapped(folder, {x: run.tokens(x, points // length) for x in layers}, points), (), blocks),
        "players": 0,
        "scalars": {"names": [], "block": blocks.add(b""), "steps": len(run.times)},
        "attention": [],
        "words": None,
        "figures": [],
        "media": [],
    }


def token_overview(run: Run, layers: Sequence[str]) -> dict[str, Any]:
    """The facts of the maps of a run's tokens."""
    texts = _points(run, layers[0]) // run.states.shape[2]
    return {
        "name": token_name(run),
        "facts": [
            ("Points", f"the single tokens of the first {texts} texts of {run.info['run']}"),
            ("Tokens of a text", str(run.states.shape[2])),
        ],
        "checkpoint": [],
        "layers": [(layer, str(run.tokens(layer).shape[2])) for layer in layers],
        "attention": [],
        "maps": [map_row(run.folder / FOLDER / layer, layer) for layer in layers],
        "versions": [],
        "shards": [],
    }


def token_name(run: Run) -> str:
    """What the page calls the tokens of a run."""
    return f"{run.info['run']}: tokens"


def _points(run: Run, layer: str) -> int:
    return int(read_fitted(run.folder / FOLDER / layer)[1]["fit"])


def _columns(tokens: pd.DataFrame) -> pd.DataFrame:
    """The token first; places and steps are scales, not categories."""
    scales = tokens[["position", "revealed"]].astype(np.float64)
    return pd.concat([tokens[["token", "prompt"]], scales, tokens["sample"].rename("text").astype(float)], axis=1)
