"""Maps and neighbours against the libraries' defaults."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.contest import Contest

POINTS, VALUES, K = 10_000, 512, 15
JUDGED = 1000


def one_map() -> Contest:
    """A layer's activations at a step: principal components, exact neighbours, UMAP."""
    return Contest(
        what=f"map of {POINTS:,} × {VALUES}: features, exact neighbours, layout; trustworthiness",
        against="umap-learn's defaults, seeded",
        ours=_our_map,
        other=_umaps_map,
        target=0.5,
        unit="CPU s",
        pairs=1,
        judge=_trustworthiness,
        loss=0.005,
    )


def neighbours() -> Contest:
    """The nearest neighbours alone; the score is the share of the true ones that is found."""
    return Contest(
        what=f"{K} nearest neighbours among {POINTS:,} × {VALUES}; recall",
        against="pynndescent",
        ours=_our_neighbours,
        other=_pynndescents_neighbours,
        unit="CPU s",
        pairs=1,
        judge=_recall,
    )


@cache
def _activations() -> np.ndarray:
    """Twenty bent clusters of 30 inner dimensions, ``[n, d]`` float32."""
    generator = np.random.default_rng(0)
    inner = 2 * generator.normal(size=(20, 30))[np.arange(POINTS) % 20] + generator.normal(size=(POINTS, 30))
    outer = np.tanh(inner @ generator.normal(size=(30, VALUES)) / 6) + 0.05 * generator.normal(size=(POINTS, VALUES))
    return outer.astype(np.float32)


def _our_map() -> np.ndarray:
    from denoscope.maps.features import fit_features
    from denoscope.maps.neighbors import nearest
    from denoscope.maps.projection import aligned_maps
    from denoscope.settings.maps import Maps

    x, settings = _activations(), Maps()
    features = fit_features([x], settings.components, len(x)).transform(x)
    return aligned_maps([features], [nearest(x, settings.neighbors)], settings)[0]


def _umaps_map() -> np.ndarray:
    import umap

    return umap.UMAP(random_state=0, n_jobs=1).fit_transform(_activations())


def _trustworthiness(layout: np.ndarray) -> float:
    from denoscope.maps.quality import map_trustworthiness

    return map_trustworthiness(_activations(), layout, K, "euclidean", 0)


def _our_neighbours() -> np.ndarray:
    from denoscope.maps.neighbors import nearest

    return nearest(_activations(), K).indices


def _pynndescents_neighbours() -> np.ndarray:
    from pynndescent import NNDescent

    found = NNDescent(_activations(), n_neighbors=K + 1, random_state=0, n_jobs=1).neighbor_graph[0]
    return np.asarray(found[:, 1:])


def _recall(indices: np.ndarray) -> float:
    from sklearn.neighbors import NearestNeighbors

    x = _activations()
    true = NearestNeighbors(n_neighbors=K + 1, algorithm="brute").fit(x).kneighbors(x[:JUDGED], return_distance=False)
    pairs = zip(true[:, 1:], indices[:JUDGED], strict=True)
    return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in pairs]))
