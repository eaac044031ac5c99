"""Maps: exact where they say so, aligned, and honest about how far they can be believed."""

import logging
import tracemalloc

import numpy as np
import pytest
from fakes import FakeDenoiser, order
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

from denoscope.checkpoints.manifest import write_manifest
from denoscope.maps import files, similarity, space
from denoscope.maps.clusters import clusters, outlier_scores
from denoscope.maps.compare import compare_layers
from denoscope.maps.features import fit_features, vectors
from denoscope.maps.layer import map_layer
from denoscope.maps.neighbors import Neighbors, nearest, nearest_among
from denoscope.maps.placing import place_samples
from denoscope.maps.projection import aligned_maps, place
from denoscope.maps.quality import map_trustworthiness, preservation
from denoscope.maps.similarity import cka_matrix, kernel_samples
from denoscope.sampling import shard as sampling
from denoscope.settings.maps import Maps
from denoscope.trace.reader import Shard, Trace


def blobs(n=300, d=20, groups=6, seed=0):
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(groups, d)) * 6
    label = np.arange(n) % groups
    return (centres[label] + generator.normal(size=(n, d))).astype(np.float32), label


# -- features ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(1, 8))
@settings(deadline=None, max_examples=25)
def test_streaming_pca_does_not_depend_on_the_blocks(sizes, components):
    x, _ = blobs(n=sum(sizes) + 10, d=12)
    edges = np.cumsum([10, *sizes])[:-1]
    fitted = fit_features(np.split(x, edges), components, len(x))
    truth = PCA(n_components=min(components, len(x)), svd_solver="full").fit(x)
    np.testing.assert_allclose(np.abs(np.sum(fitted.components * truth.components_, axis=1)), 1, atol=1e-2)
    np.testing.assert_allclose(fitted.explained, truth.explained_variance_ratio_.sum(), atol=1e-3)


def test_pca_holds_no_more_than_two_blocks(monkeypatch):
    monkeypatch.setattr("denoscope.maps.features.BLOCK_ROWS", 50)
    largest = []
    monkeypatch.setattr("denoscope.maps.features.IncrementalPCA.partial_fit",
                        lambda self, block: largest.append(len(block)) or self)  # fmt: skip
    x, _ = blobs(n=1005)
    with pytest.raises(AttributeError):  # nothing was fitted
        fit_features(np.split(x, range(15, 1005, 15)), 5, len(x))
    assert sum(largest) == len(x)
    assert max(largest) < 2 * (50 + 15)


def test_keeping_every_component_keeps_every_distance():
    x, _ = blobs(d=8)
    features = fit_features([x], 50, len(x)).transform(x)
    assert features.shape == (300, 8)
    np.testing.assert_allclose(
        np.linalg.norm(features[0] - features[1:], axis=1), np.linalg.norm(x[0] - x[1:], axis=1), rtol=1e-4
    )


@pytest.mark.parametrize("components", [8, 3])
def test_features_about_the_origin_keep_the_angles_of_activations(components):
    x = blobs(d=8)[0] + 20
    fitted = fit_features([x], components, len(x))
    seen = fitted.about_origin(fitted.transform(x))
    rebuilt = fitted.mean + fitted.transform(x) @ fitted.components
    np.testing.assert_allclose(seen @ seen.T, rebuilt @ rebuilt.T, rtol=1e-4)
    assert seen.shape == (300, components + 1)


# -- neighbours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("offset", [0, 1000])
def test_neighbours_equal_brute_force(metric, offset):
    x, _ = blobs(n=400)
    x = x + offset * (metric == "euclidean")  # far from the origin float32 sums of squares cancel
    found = nearest(x, 15, metric=metric, search="exact")
    distances, indices = (
        NearestNeighbors(n_neighbors=16, metric=metric, algorithm="brute").fit(x.astype(np.float64)).kneighbors()
    )
    np.testing.assert_array_equal(found.indices, indices[:, :15])
    np.testing.assert_allclose(found.distances, distances[:, :15], rtol=2e-3 if offset else 1e-4, atol=1e-6)


def test_duplicates_do_not_make_a_point_its_own_neighbour():
    x = np.repeat(blobs(n=8)[0], 40, axis=0)
    found = nearest(x, 5)
    assert (found.indices != np.arange(len(x))[:, None]).all()
    assert found.indices.shape == (320, 5)
    assert (found.distances == 0).all()


def test_approximate_search_is_nearly_exact_and_deterministic():
    x, _ = blobs(n=3000, d=30, groups=40)
    exact, near = nearest(x, 10, search="exact"), nearest(x, 10, search="hnsw")
    recall = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(exact.indices, near.indices, strict=True)])
    assert recall > 0.98
    np.testing.assert_array_equal(near.indices, nearest(x, 10, search="hnsw").indices)


def test_queries_find_neighbours_among_other_points():
    x, _ = blobs(n=200)
    found = nearest_among(x[:5] + 1e-4, x, 1)
    assert found.indices[:, 0].tolist() == [0, 1, 2, 3, 4]


# -- clusters and outliers ---------------------------------------------------------------------------------------------


def test_outlier_scores_are_scikit_learns():
    x, _ = blobs(n=300)
    x[0] += 30
    near = nearest(x, 20)
    truth = -LocalOutlierFactor(n_neighbors=20).fit(x).negative_outlier_factor_
    np.testing.assert_allclose(outlier_scores(near, near), truth, rtol=1e-3)
    assert outlier_scores(near, near).argmax() == 0


def test_clusters_are_numbered_by_size():
    x, label = blobs(n=300, groups=3)
    x = np.concatenate([x[label == 0], x[label == 1][:60], x[label == 2][:30]])
    found = clusters(x, 10)
    assert [int((found == c).sum()) for c in range(3)] == [100, 60, 30]
    assert (clusters(np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32) * 9, 40) == -1).all()


def rays(n=150, d=12, groups=3):
    """Samples in few directions and of all lengths: clusters for the cosine distance only."""
    generator = np.random.default_rng(0)
    label = np.arange(n) % groups
    directions = generator.normal(size=(groups, d))[label] + 0.05 * generator.normal(size=(n, d))
    return (directions * np.exp(generator.uniform(-3, 3, size=(n, 1)))).astype(np.float32), label


def test_clusters_follow_the_metric():
    x, label = rays()
    found = clusters(x, 10, "cosine")
    assert sorted(set(zip(found.tolist(), label.tolist(), strict=True))) == [
        (c, label[found == c][0]) for c in range(3)
    ]
    scaled = x * np.random.default_rng(1).uniform(0.1, 9, size=(len(x), 1)).astype(np.float32)
    np.testing.assert_array_equal(clusters(scaled, 10, "cosine"), found)
    assert (clusters(x, 10, "euclidean") != found).any()


# -- similarity --------------------------------------------------------------------------------------------------------


def test_cka_sees_through_rotation_scale_and_shift():
    x, _ = blobs(n=120)
    rotation = ortho_group.rvs(20, random_state=0).astype(np.float32)
    matrix = cka_matrix([x, 3 * x @ rotation + 100, x[:, ::-1]], 3)
    np.testing.assert_allclose(matrix, 1, atol=1e-4)


def test_cka_of_unrelated_representations_is_zero_whatever_their_width():
    """The biased estimator gives 0.7 and more here: fewer samples than dimensions."""
    generator = np.random.default_rng(0)
    matrices = [
        cka_matrix([generator.normal(size=(60, 400)), generator.normal(size=(60, 300))], 2)[0, 1] for _ in range(10)
    ]
    assert abs(np.mean(matrices)) < 0.02


def test_cka_equals_the_unbiased_hsic():
    """Song et al. 2012, equation 5, computed as it is written."""

    def hsic(k, m):
        k, m, n = k - np.diag(np.diag(k)), m - np.diag(np.diag(m)), len(k)
        parts = np.trace(k @ m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
        return parts / (n * (n - 3))

    x, y = blobs(n=50)[0].astype(float), blobs(n=50, d=7, seed=3)[0].astype(float)
    kernels = [z @ z.T for z in (x, y)]
    truth = hsic(*kernels) / (hsic(kernels[0], kernels[0]) * hsic(kernels[1], kernels[1])) ** 0.5
    assert cka_matrix([x, y], 2)[0, 1] == pytest.approx(truth, abs=1e-4)


def test_cka_of_what_does_not_vary_is_undefined():
    x, _ = blobs(n=40)
    matrix = cka_matrix([x, np.full_like(x, 7.3)], 2)
    assert matrix[0, 0] == pytest.approx(1)
    assert np.isnan(matrix[0, 1])
    assert np.isnan(matrix[1, 1])


def test_kernels_fit_their_budget():
    assert kernel_samples(100, 10) == 100
    assert kernel_samples(10**6, 108) ** 2 * 108 * 4 <= 2**30


def test_similarity_holds_its_kernels_once(monkeypatch):
    x, count = blobs(n=500)[0], 30
    monkeypatch.setattr(similarity, "BUDGET_BYTES", budget := len(x) ** 2 * 4 * count)
    assert kernel_samples(10**6, count) == len(x)
    tracemalloc.start()
    cka_matrix((x for _ in range(count)), count)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The kernel that is being made, and a block of it in float64 with what that is computed from.
    assert peak < budget + 5 * len(x) ** 2 * 4


def test_float32_vectors_are_not_copied():
    x = np.zeros((3, 2, 2), np.float32)
    assert np.shares_memory(vectors(x), x)
    assert vectors(x.astype(np.float16)).dtype == np.float32


# -- projection --------------------------------------------------------------------------------------------------------

SETTINGS = Maps(n_neighbors=12, neighbors=10, epochs=100)


@pytest.fixture(scope="module")
def moving():
    """Activations that drift over six steps, their neighbours and maps."""
    x, label = blobs(n=240)
    drift = np.random.default_rng(1).normal(size=(6, 6, 20)).cumsum(axis=0)
    steps = [(x + 0.8 * drift[step][label]).astype(np.float32) for step in range(6)]
    near = [nearest(step, 12) for step in steps]
    return steps, near, aligned_maps(steps, near, SETTINGS)


def test_maps_are_trustworthy(moving):
    steps, _, maps = moving
    for x, layout in zip(steps, maps, strict=True):
        assert map_trustworthiness(x, layout, 12, "euclidean", 0) > 0.95


def test_maps_are_aligned_over_steps(moving):
    steps, near, maps = moving
    width = np.ptp(maps.reshape(-1, 2), axis=0).mean()
    moved = np.linalg.norm(np.diff(maps, axis=0), axis=-1).mean() / width
    alone = np.stack([aligned_maps([x], [n], SETTINGS)[0] for x, n in zip(steps, near, strict=True)])
    moved_alone = np.linalg.norm(np.diff(alone, axis=0), axis=-1).mean() / np.ptp(alone.reshape(-1, 2), axis=0).mean()
    assert moved < 0.1
    assert moved < moved_alone / 2


def test_maps_are_the_same_every_time(moving):
    steps, near, maps = moving
    np.testing.assert_array_equal(aligned_maps(steps[-2:], near[-2:], SETTINGS), maps[-2:])


def test_trustworthiness_is_scikit_learns(moving):
    steps, _, maps = moving
    assert map_trustworthiness(steps[0], maps[0], 12, "euclidean", 0) == trustworthiness(
        steps[0], maps[0], n_neighbors=12
    )


def test_new_samples_are_placed_among_their_neighbours(moving):
    steps, _, _ = moving
    x = steps[-1]
    old, new = x[:200], x[200:]
    (layout,) = aligned_maps([old], [nearest(old, 12)], SETTINGS)
    placed = place(nearest_among(new, old, 12), layout)
    both = np.concatenate([layout, placed])
    assert map_trustworthiness(np.concatenate([old, new]), both, 12, "euclidean", 0) > 0.93
    np.testing.assert_allclose(place(nearest_among(old[:3], old, 12), layout), layout[:3], atol=2.0)


def test_preservation_is_the_share_of_true_neighbours():
    true = Neighbors(np.array([[1, 2, 3, 4]]), np.zeros((1, 4)))
    assert preservation(true, Neighbors(np.array([[4, 9, 2, 8]]), np.zeros((1, 4)))) == [0.5]


# -- a layer of a run --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """120 samples in three shards, with two recorded layers."""
    root, weights = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("weights")
    write_manifest(weights, {"source": "fake"}, "CC0", {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "loader", lambda family: lambda *args: FakeDenoiser())
        for first in (0, 40, 80):
            asked = order(first=first, size=40, batch=20, layers=("0", "1"))
            sampling.make_shard(asked, {"k": 1}, weights, root / f"{first:06d}")
    return Trace(sorted(root.iterdir()))


def test_a_layers_map_says_what_it_is(run, tmp_path):
    map_layer(run, "1", SETTINGS, 120, tmp_path)
    points, about = files.read_map(tmp_path)
    assert points.columns.tolist() == ["sample", "step", "x", "y", "cluster", "outlier", "preservation", "placed"]
    assert len(points) == 3 * 120
    assert about["steps"] == [0, 1, 2]
    assert about["searched"] == "activations"
    assert about["engine"].startswith("umap-learn ")
    assert len(about["trustworthiness"]) == 3
    x = run.activations("1").at(2).astype(np.float32)
    near = files.read_neighbors(tmp_path / files.NEIGHBORS, "activations")[2]
    truth = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(x).kneighbors(return_distance=False)
    np.testing.assert_array_equal(near.indices, truth)
    layout = points[points["step"] == 2][["x", "y"]].to_numpy()
    assert about["trustworthiness"][2] == pytest.approx(trustworthiness(x, layout, n_neighbors=12), abs=1e-6)


def test_new_samples_of_a_run_are_placed_on_its_old_map(run, tmp_path, monkeypatch):
    map_layer(run, "1", SETTINGS, 80, tmp_path / "map")
    before = (tmp_path / "map" / files.MAP).read_bytes()
    place_samples(run, "1", SETTINGS, 80, tmp_path / "map")
    assert (tmp_path / "map" / files.MAP).read_bytes() == before
    points, _ = files.read_map(tmp_path / "map")
    assert points.groupby("placed")["sample"].agg(["min", "max"]).to_numpy().tolist() == [[0, 79], [80, 119]]
    assert np.isfinite(points[["x", "y", "outlier", "preservation"]]).all().all()
    # Too large for a search among whole activations: among their principal components, and the map says so.
    monkeypatch.setattr(space, "SEARCHED_BYTES", 0)
    map_layer(run, "1", SETTINGS, 80, tmp_path / "pca")
    place_samples(run, "1", SETTINGS, 80, tmp_path / "pca")
    assert files.read_map(tmp_path / "pca")[1]["searched"] == "4 principal components"


def placed_rows(folder, samples=None):
    return files.read_map(folder, samples)[0].query("step == 0").groupby("placed")["sample"].count().to_dict()


def test_a_new_map_removes_what_was_placed_on_the_old_one(run, tmp_path):
    map_layer(run, "1", SETTINGS, 80, tmp_path)
    place_samples(run, "1", SETTINGS, 80, tmp_path)
    assert placed_rows(tmp_path) == {False: 80, True: 40}
    map_layer(run, "1", SETTINGS, 120, tmp_path)
    assert placed_rows(tmp_path) == {False: 120}
    assert sorted(path.name for path in tmp_path.iterdir()) == [files.FEATURES, files.MAP, files.NEIGHBORS]


@pytest.mark.parametrize(
    ("fit", "changes"), [(120, {}), (100, {}), (80, {"min_dist": 0.2}), (80, {"steps": (0, 1)})], ids=str
)
def test_samples_placed_on_another_map_are_not_read(run, tmp_path, caplog, fit, changes):
    map_layer(run, "1", SETTINGS, 80, tmp_path)
    place_samples(run, "1", SETTINGS, 80, tmp_path)
    stale = (tmp_path / files.PLACED).read_bytes()
    map_layer(run, "1", SETTINGS.model_copy(update=changes), fit, tmp_path)
    (tmp_path / files.PLACED).write_bytes(stale)
    with caplog.at_level(logging.WARNING):
        assert placed_rows(tmp_path) == {False: fit}
    assert f"{tmp_path / files.PLACED} belongs to another map" in caplog.text


def test_samples_placed_on_a_map_of_other_samples_are_not_read(run, tmp_path):
    map_layer(run, "0", SETTINGS, 80, tmp_path / "0")
    map_layer(run, "1", SETTINGS, 80, tmp_path / "1")
    place_samples(run, "1", SETTINGS, 80, tmp_path / "1")
    (tmp_path / "1" / files.PLACED).rename(tmp_path / "0" / files.PLACED)
    assert placed_rows(tmp_path / "0") == {False: 80}


@pytest.mark.parametrize(("samples", "rows"), [(None, {False: 80, True: 40}), (90, {False: 80, True: 10}),
                                               (80, {False: 80}), (50, {False: 50})])  # fmt: skip
def test_samples_beyond_the_run_are_not_read(run, tmp_path, samples, rows):
    map_layer(run, "1", SETTINGS, 80, tmp_path)
    place_samples(run, "1", SETTINGS, 80, tmp_path)
    assert placed_rows(tmp_path, samples) == rows
    points, _ = files.read_map(tmp_path, samples)
    assert points.index.tolist() == list(range(len(points)))


def test_a_map_reads_activations_no_more_than_twice(run, tmp_path, monkeypatch):
    reads = []
    read = Shard.read
    monkeypatch.setattr(
        Shard, "read", lambda self, name, steps, rows: reads.append(rows) or read(self, name, steps, rows)
    )
    map_layer(run, "1", SETTINGS, 120, tmp_path)
    values = [rows for rows in reads if rows.stop]
    assert len(values) == 2 * 3 * len(run.shards)


@pytest.mark.parametrize("searched_bytes", [2**30, 0])
def test_a_map_by_the_cosine_searches_by_the_cosine(run, tmp_path, monkeypatch, searched_bytes):
    """Among whole activations, and among principal components: the layer has 4 values, so none are cut off."""
    monkeypatch.setattr(space, "SEARCHED_BYTES", searched_bytes)
    cosine = SETTINGS.model_copy(update={"metric": "cosine"})
    map_layer(run, "1", cosine, 80, tmp_path)
    x = run.activations("1").at(2).astype(np.float32)
    near = files.read_neighbors(tmp_path / files.NEIGHBORS, "activations")[2]
    truth = nearest(x[:80], 10, metric="cosine")
    assert np.mean(near.indices == truth.indices) > 0.98
    np.testing.assert_allclose(near.distances, truth.distances, atol=1e-5)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_samples_are_placed_among_principal_components(run, tmp_path, monkeypatch, metric):
    monkeypatch.setattr(space, "SEARCHED_BYTES", 0)
    chosen = SETTINGS.model_copy(update={"metric": metric})
    map_layer(run, "1", chosen, 80, tmp_path)
    place_samples(run, "1", chosen, 80, tmp_path)
    x = run.activations("1").at(2).astype(np.float32)
    (pca, *_), (features, *_) = files.read_features(tmp_path / files.FEATURES)
    np.testing.assert_allclose(pca.transform(run.activations("1").at(0)[:80]), features, atol=1e-4)
    near = files.read_neighbors(tmp_path / files.PLACED_NEIGHBORS, "activations")[2]
    truth = nearest_among(x[80:], x[:80], 10, metric=metric)
    assert np.mean(near.indices == truth.indices) > 0.98


def test_layers_and_steps_are_compared(run, tmp_path):
    import pandas as pd

    compare_layers(run, ["0", "1"], "all", tmp_path / "s.parquet")
    pairs = pd.read_parquet(tmp_path / "s.parquet")
    assert len(pairs) == 36
    same = pairs[(pairs["layer_a"] == pairs["layer_b"]) & (pairs["step_a"] == pairs["step_b"])]
    np.testing.assert_allclose(same["cka"], 1, atol=1e-4)
    flipped = pairs.merge(
        pairs, left_on=["layer_a", "step_a", "layer_b", "step_b"], right_on=["layer_b", "step_b", "layer_a", "step_a"]
    )
    np.testing.assert_allclose(flipped["cka_x"], flipped["cka_y"], atol=1e-6)
