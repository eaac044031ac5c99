"""Maps: exact where they say so, aligned, and honest about how far they can be believed."""

import hashlib
import logging
import subprocess
import sys
import tracemalloc
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from fakes import FakeDenoiser, order
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

from denoscope.checkpoints.manifest import write_manifest
from denoscope.maps import files, projection, similarity, space
from denoscope.maps.clusters import clusters, outlier_scores
from denoscope.maps.compare import compare_layers
from denoscope.maps.features import fit_features, vectors
from denoscope.maps.interpolation import place
from denoscope.maps.judge import judge_maps
from denoscope.maps.layer import map_layer
from denoscope.maps.neighbors import Neighbors, nearest, nearest_among
from denoscope.maps.placing import place_samples
from denoscope.maps.projection import aligned_maps
from denoscope.maps.quality import chance_purity, map_trustworthiness, preservation, purity
from denoscope.maps.setting import project_layer
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


def moved(before, after):
    """How far points move on average from one layout to another, both seen centred and at the same size."""
    before, after = ((layout - layout.mean(axis=0)) / layout.std() for layout in (before, after))
    return np.linalg.norm(after - before, axis=1).mean()


def test_a_layout_that_starts_from_another_stays_near_it(moving):
    steps, _, maps = moving
    # In few epochs: in many, whole clusters change places, one way or the other as a processor rounds.
    wide = SETTINGS.model_copy(update={"n_neighbors": 25, "min_dist": 0.3, "epochs": 20})
    near = [nearest(step, 25) for step in steps]
    started, alone = aligned_maps(steps, near, wide, maps[-1]), aligned_maps(steps, near, wide)
    for before, after, elsewhere in zip(maps, started, alone, strict=True):
        assert moved(before, after) < 0.8 * moved(before, elsewhere)
    np.testing.assert_array_equal(aligned_maps(steps[-2:], near[-2:], wide, maps[-1]), started[-2:])
    for x, layout in zip(steps, started, strict=True):
        assert map_trustworthiness(x, layout, 12, "euclidean", 0) > 0.95


LAY_OUT = """
import hashlib, sys
import numpy as np
from denoscope.maps import projection
from denoscope.maps.neighbors import nearest
from denoscope.settings.maps import Maps
projection.COMPILED = projection.COMPILED if sys.argv[1] == "kept" else ()
x = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
layouts = projection.aligned_maps([x, x], [nearest(x, 12)] * 2, Maps(n_neighbors=12, epochs=20))
import umap
print(umap.umap_.smooth_knn_dist.stats.cache_hits.total(), hashlib.sha256(layouts.tobytes()).hexdigest())
"""


@pytest.mark.usefixtures("moving")  # whose maps compiled it, where it had not been kept before
def test_what_umap_compiles_is_kept_and_gives_the_same_bytes():
    for module, name in projection.COMPILED:
        assert hasattr(getattr(import_module(module), name), "enable_caching"), f"{module}.{name}"

    def laid_out(mode):
        command = [sys.executable, "-c", LAY_OUT, mode]
        hits, digest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return int(hits) > 0, digest

    hit, read = laid_out("kept")
    missed, compiled = laid_out("anew")
    assert (hit, missed) == (True, False)
    assert read == compiled


def test_an_umap_without_a_private_name_still_lays_out(monkeypatch, caplog):
    monkeypatch.setattr(projection, "COMPILED", (("umap.umap_", "renamed"),))
    projection._umap_learn.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert projection._umap_learn().UMAP
    assert "umap.umap_.renamed is not there to be kept compiled" in caplog.text
    projection._umap_learn.cache_clear()


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


def brute(points, k, queries=None):
    """Neighbours by scikit-learn's brute force: of every point among the others, or of queries among all."""
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points.astype(np.float64))
    return search.kneighbors(queries, return_distance=False)


def test_preservation_and_purity_equal_brute_force(moving):
    (x, *_), _, (layout, *_) = moving
    label = np.random.default_rng(3).integers(0, 4, len(x))
    true, shown = brute(x, 12), brute(layout, 12)
    preserved = [len(set(a) & set(b)) / 12 for a, b in zip(true, shown, strict=True)]
    np.testing.assert_allclose(preservation(nearest(x, 12), nearest(layout, 12)), preserved, rtol=1e-6)
    np.testing.assert_array_equal(purity(nearest(x, 12), label), (label[true] == label[:, None]).mean(axis=1))


def test_purity_of_labels_at_random_is_chance():
    x, _ = blobs(n=2000)
    label = np.random.default_rng(0).choice(4, len(x), p=[0.6, 0.2, 0.1, 0.1])
    assert chance_purity(label) == pytest.approx(0.42, abs=0.02)
    assert purity(nearest(x, 15), label).mean() == pytest.approx(chance_purity(label), abs=0.01)
    assert chance_purity(np.array(list("aabbcc"))) == pytest.approx(1 / 3)


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
    map_layer(run.activations("1"), "1", SETTINGS, 120, tmp_path)
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
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path / "map")
    before = (tmp_path / "map" / files.MAP).read_bytes()
    place_samples(run, "1", SETTINGS, 80, tmp_path / "map")
    assert (tmp_path / "map" / files.MAP).read_bytes() == before
    points, _ = files.read_map(tmp_path / "map")
    assert points.groupby("placed")["sample"].agg(["min", "max"]).to_numpy().tolist() == [[0, 79], [80, 119]]
    assert np.isfinite(points[["x", "y", "outlier", "preservation"]]).all().all()
    # Too large for a search among whole activations: among their principal components, and the map says so.
    monkeypatch.setattr(space, "SEARCHED_BYTES", 0)
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path / "pca")
    place_samples(run, "1", SETTINGS, 80, tmp_path / "pca")
    assert files.read_map(tmp_path / "pca")[1]["searched"] == "4 principal components"


def placed_rows(folder, samples=None):
    return files.read_map(folder, samples)[0].query("step == 0").groupby("placed")["sample"].count().to_dict()


def test_a_new_map_removes_what_was_placed_on_the_old_one(run, tmp_path):
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path)
    place_samples(run, "1", SETTINGS, 80, tmp_path)
    assert placed_rows(tmp_path) == {False: 80, True: 40}
    map_layer(run.activations("1"), "1", SETTINGS, 120, tmp_path)
    assert placed_rows(tmp_path) == {False: 120}
    assert sorted(path.name for path in tmp_path.iterdir()) == [files.FEATURES, files.MAP, files.NEIGHBORS]


# -- other settings of a map -------------------------------------------------------------------------------------------

WIDE = SETTINGS.model_copy(update={"n_neighbors": 30, "min_dist": 0.5})


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def gridded(run, tmp_path_factory):
    """A layer's map of 80 samples with 40 placed on it, and another setting."""
    folder = tmp_path_factory.mktemp("grid")
    map_layer(run.activations("1"), "1", SETTINGS, 80, folder)
    place_samples(run, "1", SETTINGS, 80, folder)
    project_layer(run, "1", WIDE, 80, folder)
    return folder


def test_a_grid_asks_for_every_other_setting_once():
    asked = {"n_neighbors": (50, 5, 15, 5), "min_dist": (0.5, 0.1)}
    maps = Maps.model_validate({"n_neighbors": 15, "min_dist": 0.1, "seed": 3, "grid": asked})
    assert maps.setting == "n15-d0.1"
    assert list(maps.others()) == ["n5-d0.1", "n5-d0.5", "n15-d0.5", "n50-d0.1", "n50-d0.5"]
    assert maps.others()["n50-d0.1"] == Maps(n_neighbors=50, min_dist=0.1, seed=3)
    assert Maps().others() == {}


def test_a_setting_says_what_it_is(run, gridded):
    points, about = files.read_setting(gridded, "n30-d0.5", 80)
    assert points.columns.tolist() == ["sample", "step", "x", "y", "preservation", "placed"]
    main = files.read_map(gridded, 80)[1]
    assert {key for key in main if about.get(key) == main[key]} == {"layer", "steps", "fit", "engine", "searched"}
    assert about["settings"] == {**main["settings"], "n_neighbors": 30, "min_dist": 0.5}
    x = run.activations("1").at(2)[:80].astype(np.float64)
    layout = points[points["step"] == 2][["x", "y"]].to_numpy()
    # At the map's own n_neighbors, so that settings can be compared.
    assert about["trustworthiness"][2] == pytest.approx(trustworthiness(x, layout, n_neighbors=12), abs=1e-6)
    preserved = [len(set(a) & set(b)) / 10 for a, b in zip(brute(x, 10), brute(layout, 10), strict=True)]
    np.testing.assert_allclose(points[points["step"] == 2]["preservation"], preserved, rtol=1e-6)
    assert about["preservation"][2] == pytest.approx(np.mean(preserved), abs=1e-6)


@pytest.mark.parametrize("searched_bytes", [2**30, 0])
def test_a_setting_is_the_same_every_time_and_leaves_the_map_alone(run, tmp_path, monkeypatch, searched_bytes):
    monkeypatch.setattr(space, "SEARCHED_BYTES", searched_bytes)
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path)
    before = {path: digest(path) for path in tmp_path.iterdir()}
    project_layer(run, "1", WIDE, 80, tmp_path)
    assert {path: digest(path) for path in before} == before
    first = digest(tmp_path / "grid" / "n30-d0.5.parquet")
    project_layer(run, "1", WIDE, 80, tmp_path)
    assert digest(tmp_path / "grid" / "n30-d0.5.parquet") == first


def test_placed_samples_are_placed_on_a_setting_when_it_is_read(run, gridded):
    points, _ = files.read_setting(gridded, "n30-d0.5")
    assert points.groupby("placed")["sample"].agg(["min", "max"]).to_numpy().tolist() == [[0, 79], [80, 119]]
    assert points["step"].value_counts().to_dict() == {0: 120, 1: 120, 2: 120}
    assert points.dtypes.astype(str).to_dict() == {
        "sample": "int64", "step": "int32", "x": "float32", "y": "float32", "preservation": "float32", "placed": "bool"
    }  # fmt: skip
    last = points[points["step"] == 2]
    layout = last[~last["placed"]][["x", "y"]].to_numpy()
    near = files.read_neighbors(gridded / files.PLACED_NEIGHBORS, "activations")[2]
    np.testing.assert_array_equal(last[last["placed"]][["x", "y"]].to_numpy(), place(near, layout))
    x = run.activations("1").at(2).astype(np.float64)
    shown = brute(layout, 10, last[last["placed"]][["x", "y"]].to_numpy())
    preserved = [len(set(a) & set(b)) / 10 for a, b in zip(brute(x[:80], 10, x[80:]), shown, strict=True)]
    np.testing.assert_allclose(last[last["placed"]]["preservation"], preserved, rtol=1e-6)
    assert len(files.read_setting(gridded, "n30-d0.5", 90)[0]) == 3 * 90


def test_samples_placed_on_another_map_are_not_placed_on_a_setting(run, gridded, tmp_path):
    map_layer(run.activations("1"), "1", SETTINGS.model_copy(update={"min_dist": 0.2}), 80, tmp_path)
    project_layer(run, "1", WIDE, 80, tmp_path)
    for name in (files.PLACED, files.PLACED_NEIGHBORS):
        (tmp_path / name).write_bytes((gridded / name).read_bytes())
    assert not files.read_setting(tmp_path, "n30-d0.5")[0]["placed"].any()
    assert len(files.read_listed(tmp_path)[0].indices) == 80


def test_an_unknown_setting_is_refused_with_those_that_there_are(gridded, tmp_path):
    with pytest.raises(KeyError, match=r"setting 'n9-d1'; besides its map's own it has n30-d0\.5"):
        files.read_setting(gridded, "n9-d1")
    with pytest.raises(KeyError, match="it has none"):
        files.read_setting(tmp_path, "n9-d1")


def test_a_new_map_removes_the_old_ones_settings(run, tmp_path):
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path)
    project_layer(run, "1", WIDE, 80, tmp_path)
    assert files.settings(tmp_path) == ["n30-d0.5"]
    map_layer(run.activations("1"), "1", SETTINGS, 120, tmp_path)
    assert files.settings(tmp_path) == []


# -- how good the maps of a run are ------------------------------------------------------------------------------------


def test_maps_are_judged_by_all_samples(run, gridded, tmp_path):
    (tmp_path / "1").symlink_to(gridded)
    judge_maps(tmp_path, ["1"], run.samples.sample(frac=1, random_state=0), tmp_path / "quality.parquet")
    table = pd.read_parquet(tmp_path / "quality.parquet")
    assert table.columns.tolist() == ["layer", "step", "trustworthiness", "preservation", "purity", "chance"]
    assert table[["layer", "step"]].to_numpy().tolist() == [["1", 0], ["1", 1], ["1", 2]]
    points, about = files.read_map(gridded)
    assert table["trustworthiness"].tolist() == about["trustworthiness"]
    np.testing.assert_allclose(table["preservation"], points.groupby("step")["preservation"].mean(), rtol=1e-6)
    x, label = run.activations("1").at(2).astype(np.float64), run.samples["label"].to_numpy()
    near = np.concatenate([brute(x[:80], 10), brute(x[:80], 10, x[80:])])
    assert table["purity"][2] == pytest.approx((label[near] == label[:, None]).mean())
    assert table["chance"].tolist() == [chance_purity(label)] * 3


def test_samples_without_labels_have_no_purity(run, gridded, tmp_path):
    (tmp_path / "1").symlink_to(gridded)
    judge_maps(tmp_path, ["1"], run.samples[["sample"]], tmp_path / "quality.parquet")
    table = pd.read_parquet(tmp_path / "quality.parquet")
    assert table[["purity", "chance"]].isna().all().all()
    assert table[["trustworthiness", "preservation"]].notna().all().all()


# -- old maps ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fit", "changes"), [(120, {}), (100, {}), (80, {"min_dist": 0.2}), (80, {"steps": (0, 1)})], ids=str
)
def test_samples_placed_on_another_map_are_not_read(run, tmp_path, caplog, fit, changes):
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path)
    place_samples(run, "1", SETTINGS, 80, tmp_path)
    stale = (tmp_path / files.PLACED).read_bytes()
    map_layer(run.activations("1"), "1", SETTINGS.model_copy(update=changes), fit, tmp_path)
    (tmp_path / files.PLACED).write_bytes(stale)
    with caplog.at_level(logging.WARNING):
        assert placed_rows(tmp_path) == {False: fit}
    assert f"{tmp_path / files.PLACED} belongs to another map" in caplog.text


def test_samples_placed_on_a_map_of_other_samples_are_not_read(run, tmp_path):
    map_layer(run.activations("0"), "0", SETTINGS, 80, tmp_path / "0")
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path / "1")
    place_samples(run, "1", SETTINGS, 80, tmp_path / "1")
    (tmp_path / "1" / files.PLACED).rename(tmp_path / "0" / files.PLACED)
    assert placed_rows(tmp_path / "0") == {False: 80}


@pytest.mark.parametrize(("samples", "rows"), [(None, {False: 80, True: 40}), (90, {False: 80, True: 10}),
                                               (80, {False: 80}), (50, {False: 50})])  # fmt: skip
def test_samples_beyond_the_run_are_not_read(run, tmp_path, samples, rows):
    map_layer(run.activations("1"), "1", SETTINGS, 80, tmp_path)
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
    map_layer(run.activations("1"), "1", SETTINGS, 120, tmp_path)
    values = [rows for rows in reads if rows.stop]
    assert len(values) == 2 * 3 * len(run.shards)


@pytest.mark.parametrize("searched_bytes", [2**30, 0])
def test_a_map_by_the_cosine_searches_by_the_cosine(run, tmp_path, monkeypatch, searched_bytes):
    """Among whole activations, and among principal components: the layer has 4 values, so none are cut off."""
    monkeypatch.setattr(space, "SEARCHED_BYTES", searched_bytes)
    cosine = SETTINGS.model_copy(update={"metric": "cosine"})
    map_layer(run.activations("1"), "1", cosine, 80, tmp_path)
    x = run.activations("1").at(2).astype(np.float32)
    near = files.read_neighbors(tmp_path / files.NEIGHBORS, "activations")[2]
    truth = nearest(x[:80], 10, metric="cosine")
    assert np.mean(near.indices == truth.indices) > 0.98
    np.testing.assert_allclose(near.distances, truth.distances, atol=1e-5)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_samples_are_placed_among_principal_components(run, tmp_path, monkeypatch, metric):
    monkeypatch.setattr(space, "SEARCHED_BYTES", 0)
    chosen = SETTINGS.model_copy(update={"metric": metric})
    map_layer(run.activations("1"), "1", chosen, 80, tmp_path)
    place_samples(run, "1", chosen, 80, tmp_path)
    x = run.activations("1").at(2).astype(np.float32)
    (pca, *_), (features, *_) = files.read_features(tmp_path / files.FEATURES)
    np.testing.assert_allclose(pca.transform(run.activations("1").at(0)[:80]), features, atol=1e-4)
    near = files.read_neighbors(tmp_path / files.PLACED_NEIGHBORS, "activations")[2]
    truth = nearest_among(x[80:], x[:80], 10, metric=metric)
    assert np.mean(near.indices == truth.indices) > 0.98


def test_layers_and_steps_are_compared(run, tmp_path):
    compare_layers(run, ["0", "1"], "all", tmp_path / "s.parquet")
    pairs = pd.read_parquet(tmp_path / "s.parquet")
    assert len(pairs) == 36
    same = pairs[(pairs["layer_a"] == pairs["layer_b"]) & (pairs["step_a"] == pairs["step_b"])]
    np.testing.assert_allclose(same["cka"], 1, atol=1e-4)
    flipped = pairs.merge(
        pairs, left_on=["layer_a", "step_a", "layer_b", "step_b"], right_on=["layer_b", "step_b", "layer_a", "step_a"]
    )
    np.testing.assert_allclose(flipped["cka_x"], flipped["cka_y"], atol=1e-6)
