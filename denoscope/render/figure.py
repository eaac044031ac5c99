"""Files of paper figures: the same content gives the same bytes, as PDF, SVG and PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from denoscope.runtime.files import replacing

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.titlesize": 8,
    "svg.hashsalt": "denoscope",  # identifiers in an SVG are random without it
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}
UNDATED: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
AS_WRITTEN: dict[str, Any] = {"parse_math": False}
"""How names are drawn: two dollar signs in one are no formula, and a formula that is none would end the job."""


@contextmanager
def figure_file(stem: Path, width: float, height: float, kinds: Sequence[str] = tuple(UNDATED)) -> Iterator[Figure]:
    """A figure of ``width × height`` inches that is saved as ``stem`` and a suffix, once for each of ``kinds``."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # not again for every format
        for kind in kinds:
            with replacing(stem.with_name(f"{stem.name}.{kind}")) as path:  # a stem may have dots of its own
                # Tight: the layout of pictures with a fixed aspect may leave a long name outside.
                figure.savefig(path, format=kind, metadata=UNDATED[kind], bbox_inches="tight", pad_inches=0.04)
