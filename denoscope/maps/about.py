"""What is written about a layer's layouts: what they show, how they were made, and how far to believe them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from denoscope.maps.files import StepLayout
from denoscope.maps.quality import map_trustworthiness
from denoscope.maps.space import StepSpace, fits, searched
from denoscope.settings.maps import CHOICE, Maps
from denoscope.trace.reader import TraceArray


def about_layouts(
    array: TraceArray,
    layer: str,
    settings: Maps,
    fit: int,
    spaces: Sequence[StepSpace],
    layouts: Sequence[StepLayout],
    judged: int,
) -> dict[str, Any]:
    """Describe the layouts of ``layer`` at all its mapped steps, as plain builtins.

    Args:
        array: the layer's activations.
        layer: its name.
        settings: how it was laid out.
        fit: samples that were laid out, the first ones.
        spaces: what was known at each step before.
        layouts: one for each of them.
        judged: neighbours at which trustworthiness is judged.
    """
    # Activations are read once more for this: those of all steps together may not fit into memory.
    trust = [
        map_trustworthiness(
            searched(array, laid.step, settings, fit, space.pca, space.features),
            laid.layout,
            judged,
            settings.metric,
            settings.seed,
        )
        for laid, space in zip(layouts, spaces, strict=True)
    ]
    components = spaces[0].features.shape[1]
    return {
        "layer": layer,
        "steps": [laid.step for laid in layouts],
        "fit": fit,
        "engine": f"umap-learn {version('umap-learn')}",
        "settings": settings.model_dump(mode="json", exclude=CHOICE),
        "searched": "activations" if fits(array, fit) else f"{components} principal components",
        "trustworthiness": [round(value, 6) for value in trust],
        "preservation": [round(float(laid.preservation.mean()), 6) for laid in layouts],
    }
