"""Lays one layer of a run out with another setting of UMAP than its map's."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from denoscope.maps import files
from denoscope.maps.about import about_layouts
from denoscope.maps.neighbors import nearest
from denoscope.maps.projection import aligned_maps
from denoscope.maps.quality import preservation
from denoscope.maps.space import known_space
from denoscope.settings.maps import Maps
from denoscope.trace.reader import Trace

log = logging.getLogger(__name__)


def project_layer(trace: Trace, layer: str, settings: Maps, fit: int, folder: Path) -> None:
    """Lay the first ``fit`` samples of ``layer`` out with ``settings`` and write that beside its map in ``folder``.

    The last step sets out from the map's last step, so that the eye finds the same samples in about the same places;
    earlier steps follow as they do on the map. Trustworthiness is judged at the map's own ``n_neighbors``: at the
    setting's own, settings could not be compared.
    """
    array = trace.activations(layer)
    points, main = files.read_fitted(folder)
    pcas, features = files.read_features(folder / files.FEATURES)
    known = zip(main["steps"], pcas, features, strict=True)
    spaces = [known_space(array, step, settings, fit, pca, values) for step, pca, values in known]
    log.info("%s: neighbours of %d samples at %d steps", layer, fit, len(spaces))
    last = points[points["step"] == main["steps"][-1]].sort_values("sample")
    start = last[["x", "y"]].to_numpy(np.float32)
    laid = aligned_maps([s.features for s in spaces], [s.near for s in spaces], settings, start)
    log.info("%s: laid out with %s", layer, settings.setting)
    layouts = [
        files.StepLayout(
            step,
            layout,
            preservation(
                space.near.first(settings.neighbors), nearest(layout, settings.neighbors, search=settings.search)
            ),
        )
        for step, layout, space in zip(main["steps"], laid, spaces, strict=True)
    ]
    about = about_layouts(array, layer, settings, fit, spaces, layouts, main["settings"]["n_neighbors"])
    files.write_setting(folder, settings.setting, layouts, about)
