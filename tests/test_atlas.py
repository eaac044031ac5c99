"""Maps for other tools: each reads the same samples, neighbours and pictures that the run has."""

import dataclasses
import io
import json
import re
import shlex
import shutil
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from conftest import HOSTILE, ROOT
from datasets import load_dataset
from fakes import FakeDenoiser, order
from PIL import Image
from sklearn.neighbors import NearestNeighbors

from denoscope import export, open_run
from denoscope.checkpoints.manifest import write_manifest
from denoscope.cli import main
from denoscope.export import atlas_table, write_atlas
from denoscope.maps import files
from denoscope.maps.layer import map_layer
from denoscope.maps.placing import place_samples
from denoscope.sampling import shard as sampling
from denoscope.settings.maps import Maps
from denoscope.trace.index import index_run
from denoscope.trace.reader import Trace
from denoscope.trace.schema import TraceError

COUNT, FIT, K = 60, 40, 6
NAMES = [HOSTILE, "';DROP TABLE samples;--", 'a"b\\c\n', "класс 木", "=1+1", ""]
SETTINGS = Maps(n_neighbors=8, neighbors=K, min_cluster_size=5, epochs=30, steps=(0, 2))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of 60 samples in three shards; layer "1" is mapped on the first 40 at two of its three steps."""
    root = tmp_path_factory.mktemp("results") / "fake"
    requests = [{"label": sample % 6, "class": NAMES[sample % 6], "x": 0.5 * sample} for sample in range(COUNT)]
    write_manifest(root, {"source": "fake"}, "CC0", {})
    folders = [root / "trace" / f"{first:06d}" for first in range(0, COUNT, 20)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "loader", lambda family: lambda *args: FakeDenoiser())
        for folder in folders:
            first = int(folder.name)
            asked = dataclasses.replace(order(first, 20, 10, ("0", "1")), requests=requests[first : first + 20])
            sampling.make_shard(asked, {"k": 1}, root, folder)
    index_run(folders, {"run": "fake"}, root / "manifest.json", root)
    map_layer(Trace(folders).activations("1"), "1", SETTINGS, FIT, root / "maps" / "1")
    place_samples(Trace(folders), "1", SETTINGS, FIT, root / "maps" / "1")
    return root


@pytest.fixture(scope="module")
def run(made):
    return open_run(made)


@pytest.fixture(scope="module")
def path(run, tmp_path_factory):
    """The layer's last map as a file."""
    path = tmp_path_factory.mktemp("atlas") / "1.parquet"
    write_atlas(atlas_table(run, "1"), path)
    return path


@pytest.fixture
def copied(made, tmp_path):
    """A copy of the run that a test may change."""
    return shutil.copytree(made, tmp_path / "fake")


def exact(run, layer, step, fit):
    """Neighbours among the first ``fit`` samples by brute force: distances and indices ``[sample, k]``."""
    x = run.activations(layer).at(step).astype(np.float32).reshape(len(run.samples), -1)
    search = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x[:fit])
    found = [search.kneighbors(), *([search.kneighbors(x[fit:])] if fit < len(x) else [])]
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


# -- what other tools read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 2])
def test_pandas_reads_the_map(run, tmp_path, step):
    write_atlas(atlas_table(run, "1", step), tmp_path / "1.parquet")
    frame = pd.read_parquet(tmp_path / "1.parquet")
    assert frame.columns.tolist() == ["id", "x", "y", "sample", "seed", "label", "class", "sample_x", "batch_size",
        "step", "cluster", "outlier", "preservation", "placed", "neighbors", "image"]  # fmt: skip
    points = run.map("1").query("step == @step").reset_index(drop=True)
    shown = ["sample", "step", "x", "y", "cluster", "outlier", "preservation", "placed"]
    pd.testing.assert_frame_equal(frame[shown], points[shown])
    assert frame["id"].tolist() == frame.index.tolist() == list(range(COUNT))
    assert frame["placed"].tolist() == [False] * FIT + [True] * (COUNT - FIT)
    known = ["sample", "seed", "label", "class", "batch_size"]
    pd.testing.assert_frame_equal(frame[known], run.samples[known])
    assert frame["sample_x"].tolist() == run.samples["x"].tolist()


def test_duckdb_reads_neighbours_and_their_rows(run, path):
    rows = duckdb.sql(
        f"""
        SELECT a.id, b.id, b.class, near.distance, b.x, b.y
        FROM (SELECT id, unnest(neighbors.ids) AS other, unnest(neighbors.distances) AS distance FROM '{path}') AS near
        JOIN '{path}' AS a USING (id) JOIN '{path}' AS b ON near.other = b.id
        ORDER BY a.id, near.distance
        """
    ).fetchall()
    distances, indices = exact(run, "1", 2, FIT)
    assert [row[0] for row in rows] == np.repeat(np.arange(COUNT), K).tolist()
    np.testing.assert_array_equal([row[1] for row in rows], indices.ravel())
    np.testing.assert_allclose([row[3] for row in rows], distances.ravel(), rtol=1e-4, atol=1e-6)
    assert [row[2] for row in rows] == [NAMES[i % 6] for i in indices.ravel()]
    layout = run.map("1").query("step == 2")[["x", "y"]].to_numpy()
    np.testing.assert_array_equal([row[4:] for row in rows], layout[indices.ravel()])


def test_datasets_reads_pictures(run, path, dataset_cache):
    rows = load_dataset("parquet", data_files=str(path), split="train")
    assert rows.features["image"].dtype == "PIL.Image.Image"
    np.testing.assert_array_equal([np.array(picture) for picture in rows["image"]], run.previews[-1][..., 0])
    assert rows["class"][:] == [NAMES[sample % 6] for sample in range(COUNT)]
    assert [near["ids"] for near in rows["neighbors"]] == exact(run, "1", 2, FIT)[1].tolist()


def test_embedding_atlas_finds_what_it_looks_for(path):
    """Its options' help: ids are numbers of rows; a picture is a struct of bytes and path, told by its first bytes."""
    schema = pq.read_schema(path)
    assert schema.field("x").type == schema.field("y").type == pa.float32()
    assert schema.field("neighbors").type == pa.struct(
        [("ids", pa.list_(pa.field("element", pa.int64()))), ("distances", pa.list_(pa.field("element", pa.float32())))]
    )
    assert schema.field("image").type == pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    near, pictures = (pq.read_table(path)[name].to_pylist() for name in ("neighbors", "image"))
    for row, listed in enumerate(near):
        assert row not in listed["ids"]
        assert len(set(listed["ids"])) == len(listed["distances"]) == K
        assert listed["distances"] == sorted(listed["distances"])
    assert all(picture["bytes"].startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)
    assert pictures[7]["path"] == "sample-000007.png"


def test_colours_survive():
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(export._png(picture)))), picture)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_table_says_where_it_comes_from(run):
    about = json.loads(atlas_table(run, "1", 0).schema.metadata[files.METADATA_KEY.encode()])
    known = run.map("1").attrs
    assert about == {
        "run": "fake", "layer": "1", "step": 0, "time": 3.0, "engine": known["engine"], "metric": "euclidean",
        "searched": "activations", "fit": FIT, "trustworthiness": known["trustworthiness"][0],
    }  # fmt: skip


def test_a_file_is_the_same_to_the_byte(made, path, tmp_path):
    write_atlas(atlas_table(open_run(made), "1"), tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_pictures_lie_in_groups_that_a_reader_can_hold(run, path, tmp_path, monkeypatch):
    table = atlas_table(run, "1")
    monkeypatch.setattr(export, "GROUP_BYTES", table.nbytes // 4)
    write_atlas(table, tmp_path / "groups.parquet")
    assert pq.read_metadata(tmp_path / "groups.parquet").num_row_groups in (4, 5)
    assert pq.read_table(tmp_path / "groups.parquet").equals(pq.read_table(path))


def test_a_map_of_other_samples_is_refused(copied):
    (copied / "maps" / "1" / files.PLACED).unlink()
    with pytest.raises(TraceError, match="layer '1' is not one of the run's 60 samples: run the workflow again"):
        atlas_table(open_run(copied), "1")
    run = open_run(copied)
    run.info["samples"] = FIT - 1
    with pytest.raises(TraceError, match="layer '1' is not one of the run's 39 samples"):
        atlas_table(run, "1")


def test_exporting_needs_no_torch():
    code = "import sys, denoscope.export\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# -- the command -------------------------------------------------------------------------------------------------------


def exported(*arguments):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_the_command_writes_any_step(made, run, tmp_path):
    done = exported(made, "--layer", "1", "--step", "0", tmp_path / "new" / "o.parquet")
    assert (done.exit_code, done.output) == (0, f"{tmp_path}/new/o.parquet: 60 samples, step 0\n")
    assert pq.read_table(tmp_path / "new" / "o.parquet").equals(atlas_table(run, "1", 0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layer", "0"], "layer '0' has no map; mapped layers: 1"),
        (["--layer", "1", "--step", "1"], "layer '1' has no map at step 1; mapped steps: 0, 2"),
        (["--layer", "1", "--step", "-1"], "layer '1' has no map at step -1; mapped steps: 0, 2"),
        ([], "Missing option '--layer'"),
    ],
    ids=str,
)
def test_the_command_says_what_there_is(made, tmp_path, arguments, said):
    done = exported(made, *arguments, tmp_path / "o.parquet")
    assert done.exit_code == 2
    assert said in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_what_is_no_run(tmp_path):
    done = exported(tmp_path, "--layer", "1", tmp_path / "o.parquet")
    assert done.exit_code == 2
    assert "is no finished run: it has no run.json" in done.output


# -- the workflow ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_workflow_exports_every_mapped_layer(mini, tmp_path, dataset_cache):
    results = mini[0] / "results" / "digits"
    run = open_run(results)
    assert {path.stem for path in (results / "atlas").iterdir()} == set(run.mapped_layers)
    for layer in run.mapped_layers:
        path = results / "atlas" / f"{layer}.parquet"
        assert exported(results, "--layer", layer, tmp_path / "o.parquet").exit_code == 0
        assert (tmp_path / "o.parquet").read_bytes() == path.read_bytes()
        rows = load_dataset("parquet", data_files=str(path), split="train")
        np.testing.assert_array_equal([np.array(picture) for picture in rows["image"]], run.previews[-1][..., 0])
        assert rows["class"][:10] == [HOSTILE, *map(str, range(1, 10))]
        assert [near["ids"] for near in rows["neighbors"]] == exact(run, layer, 2, 40)[1].tolist()


@pytest.mark.slow
def test_commands_in_documents_run(mini, tmp_path, monkeypatch):
    (tmp_path / "results").symlink_to(mini[0] / "results")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^denoscope (export .*?)(?:  #.*)?$", (ROOT / "docs/maps.md").read_text(), re.MULTILINE)
    assert commands
    for command in commands:
        done = CliRunner().invoke(main, shlex.split(command))
        assert done.exit_code == 0, done.output
