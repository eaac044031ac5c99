"""The model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from matplotlib.figure import Figure

from denoscope.runtime.files import replacing

TEMPLATE = Path(__file__).parent / "templates" / "card.md"


def write_card(
    path: Path, name: str, network: Mapping[str, Any], recipe: Mapping[str, Any], scores: Mapping[str, Any]
) -> None:
    """Write ``README.md`` of a model's folder."""
    render_card(TEMPLATE, path, name=name, network=network, recipe=recipe, scores=scores)


def render_card(template: Path, path: Path, **values: Any) -> None:
    """Fill a card's template."""
    # Markdown, not HTML: nothing is to be escaped.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)  # noqa: S701
    text = environment.from_string(template.read_text(encoding="utf-8")).render(**values)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def draw_losses(path: Path, losses: Sequence[float], judged: Sequence[tuple[int, float]]) -> None:
    """Draw the loss of every step, smoothed, and the held-out loss."""
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    window = min(50, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    axes.plot(
        np.arange(len(smooth)) + window, smooth, lw=1, color="#4269d0", label=f"trained digits, mean of {window} steps"
    )
    axes.plot(*zip(*judged, strict=True), "o-", ms=3, lw=1, color="#b3572a", label="held-out digits, averaged weights")
    axes.set(xlabel="step", ylabel="weighted denoising loss", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150, metadata={"Software": None})
