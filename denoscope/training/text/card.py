"""The card of a text model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from denoscope.runtime.files import replacing
from denoscope.training.card import render_card
from denoscope.training.text.recipe import TextRecipe

TEMPLATE = Path(__file__).parents[1] / "templates" / "text_card.md"
KINDS = {
    "mdlm": "a masked-diffusion transformer (MDLM, Sahoo et al. 2024)",
    "atat": "a masked-diffusion transformer with ATAT's importance estimator, masked by importance while trained",
    "masked_lm": "a RoBERTa-type masked language model, trained on at 10 to 100 % masking so that it can diffuse",
    "causal_lm": "a GPT-2-type autoregressive model, the twin of the diffusion models beside it",
}


def write_text_card(path: Path, name: str, config: str, recipe: TextRecipe, scores: Mapping[str, Any]) -> None:
    """Write ``README.md`` of a text model's folder."""
    document = json.loads(config)
    kind = KINDS["atat" if recipe.adaptive else document["family"]]
    render_card(TEMPLATE, path, name=name, kind=kind, recipe=recipe.model_dump(), scores=scores)


def draw_text_losses(path: Path, losses: Sequence[float], judged: Sequence[tuple[int, Mapping[str, float]]]) -> None:
    """Draw the loss of every step, smoothed, and the held-out loss at every masking level."""
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    window = min(50, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    axes.plot(np.arange(len(smooth)) + window, smooth, lw=0.8, color="#999999", label="trained text")
    names = list(judged[0][1])
    for place, name in enumerate(names):
        shade = np.array([0.12, 0.25, 0.55]) * (1 - place / len(names)) + np.array([0.9, 0.55, 0.2]) * place / len(
            names
        )
        steps, values = zip(*((step, found[name]) for step, found in judged), strict=True)
        label = f"held out, {name.replace('mask_', '')}" if place in (0, len(names) - 1) else None
        axes.plot(steps, values, lw=1, color=shade, label=label)
    axes.set(xlabel="step", ylabel="loss, nats a token")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120, metadata={"Software": None})
