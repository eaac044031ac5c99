"""Compares the mapped layers at the mapped steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from denoscope.maps.similarity import cka_matrix, kernel_samples
from denoscope.runtime.files import replacing
from denoscope.settings.base import Steps
from denoscope.trace.reader import Trace


def compare_layers(trace: Trace, layers: list[str], steps: Steps, path: Path) -> None:
    """Write the similarity of every layer at every step with every other.

    Columns: ``layer_a, step_a, layer_b, step_b, cka, samples``; a row for every ordered pair, the first place's first.

    Args:
        trace: the recorded activations.
        layers: the layers to compare.
        steps: the steps to compare, those of them at which a layer was recorded.
        path: the table to write.
    """
    arrays = {layer: trace.activations(layer) for layer in layers}
    places = [(layer, step) for layer in layers for step in arrays[layer].among(steps)]
    samples = kernel_samples(next(iter(arrays.values())).shape[1], len(places))
    read = (arrays[layer][arrays[layer].position(step), :samples] for layer, step in places)
    matrix = cka_matrix(read, len(places))
    a, b = (index.ravel() for index in np.indices(matrix.shape))
    names, numbers = np.array([layer for layer, _ in places]), np.array([step for _, step in places], dtype=np.int32)
    table = pa.table(
        {
            "layer_a": names[a],
            "step_a": numbers[a],
            "layer_b": names[b],
            "step_b": numbers[b],
            "cka": matrix.ravel(),
            "samples": np.full(matrix.size, samples, dtype=np.int32),
        }
    )
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
