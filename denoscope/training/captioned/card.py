"""The card of a pipeline that draws what a caption says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from denoscope.runtime.files import replacing
from denoscope.scenes.scene import COLOURS, SHAPES
from denoscope.training.captioned.recipe import CaptionedRecipe
from denoscope.training.card import render_card

TEMPLATE = Path(__file__).parents[1] / "templates" / "captioned_card.md"


@dataclass(frozen=True)
class Kind:
    """What a card says of a family.

    Args:
        what: its models are.
        makes: what they make.
        shows: what is seen in it.
        caption: one that they know.
        result: where diffusers puts the first that is made.
        tag: the task, as the hub names it.
        sampler: of a run, which draws as the scores' pictures were drawn.
    """

    what: str
    makes: str
    shows: str
    caption: str
    result: str
    tag: str
    sampler: str


KINDS = {
    "stable_diffusion": Kind(
        "a latent diffusion model after Stable Diffusion (Rombach et al. 2022): autoencoder, CLIP text model and UNet",
        "picture",
        "one or two shapes",
        "a red circle left of a blue square",
        "images[0]",
        "text-to-image",
        "ddim",
    ),
    "wan": Kind(
        "a latent diffusion model after Wan 2.1 (2025): autoencoder, text encoder and diffusion transformer",
        "film",
        "one shape that moves",
        "a large red circle moving left slowly",
        "frames[0]",
        "text-to-video",
        "unipc",
    ),
}


def write_captioned_card(
    path: Path, name: str, config: str, recipe: CaptionedRecipe, scores: Mapping[str, Any]
) -> None:
    """Write ``README.md`` of a pipeline's folder."""
    family = json.loads(config)["family"]
    words = {"shapes": SHAPES, "colours": list(COLOURS)}
    values = {"name": name, "family": family, "kind": KINDS[family], "recipe": recipe.model_dump(), "scores": scores}
    render_card(TEMPLATE, path, **values, **words)


def draw_captioned_losses(path: Path, training: Mapping[str, Any]) -> None:
    """Draw what the scores say of both trainings: held-out error of the autoencoder, held-out loss of the denoiser."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    panels = {"autoencoder_errors": "autoencoder: absolute error", "holdout_losses": "denoiser: squared error"}
    for axes, (judged, title) in zip(figure.subplots(1, 2), panels.items(), strict=True):
        axes.plot(*zip(*training[judged], strict=True), "o-", ms=2, lw=1, color="#b3572a")
        axes.set(xlabel="step", yscale="log")
        axes.set_title(f"{title}, held out", fontsize=9)
        axes.grid(alpha=0.3, which="both")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=130, metadata={"Software": None})
