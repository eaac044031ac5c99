"""The trace: what is written is what is read, and what is damaged is named."""

import json
import shutil
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakes import FakeDenoiser, order
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load_file, save_file

from denoscope import open_run
from denoscope.checkpoints.manifest import write_manifest
from denoscope.sampling import shard as sampling
from denoscope.trace.index import index_run
from denoscope.trace.reader import Trace
from denoscope.trace.schema import TraceError
from denoscope.trace.tensorfile import Pieces, write_tensors


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Three shards of ten, ten and five samples."""
    root = tmp_path_factory.mktemp("run")
    write_manifest(root, {"source": "fake"}, "CC0", {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "loader", lambda family: lambda *args: FakeDenoiser())
        for first, size in ((0, 10), (10, 10), (20, 5)):
            sampling.make_shard(order(first=first, size=size), {"k": 1}, root, root / "trace" / f"{first:06d}")
    return root


@pytest.fixture
def copied(shards, tmp_path):
    """A copy that a test may damage."""
    shutil.copytree(shards, tmp_path / "run")
    return tmp_path / "run"


def folders(root):
    return sorted((root / "trace").iterdir())


arrays = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.uint8, np.int32]),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
)


@given(
    st.dictionaries(st.text("abc/._é", min_size=1, max_size=6), arrays, max_size=4),
    st.dictionaries(st.text(max_size=5), st.text(max_size=9)),
)
def test_written_tensors_are_read_by_the_library_itself(tmp_path_factory, tensors, metadata):
    path = tmp_path_factory.mktemp("t") / "x.safetensors"
    pieces = {
        name: Pieces(array.dtype, array.shape, lambda array=array: (part for part in array))
        for name, array in tensors.items()
    }
    write_tensors(path, pieces, metadata)
    read = load_file(path)
    assert read.keys() == tensors.keys()
    for name, array in tensors.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)
    length = struct.unpack("<Q", path.read_bytes()[:8])[0]
    assert length % 8 == 0
    assert json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"] == metadata


def test_pieces_that_do_not_fill_a_tensor_are_refused(tmp_path):
    with pytest.raises(ValueError, match="4 bytes given for shape"):
        write_tensors(tmp_path / "x", {"a": Pieces(np.dtype("f4"), (2,), lambda: [np.zeros(1, "f4")])}, {})


samples = st.integers(0, 24) | st.slices(25) | st.lists(st.integers(0, 24), min_size=1, max_size=8).map(np.array)
steps = st.integers(0, 3) | st.slices(4).filter(lambda s: (s.step or 1) > 0)


@given(steps, samples)
def test_indexing_is_numpys(shards, step, sample):
    trace = Trace(folders(shards))
    array = trace.tensor("states")
    whole = np.concatenate([load_file(folder / "tensors.safetensors")["states"] for folder in folders(shards)], axis=1)
    np.testing.assert_array_equal(array[step], whole[step])
    wanted = whole[step][sample] if isinstance(step, int) else whole[step][:, sample]
    np.testing.assert_array_equal(array[step, sample], wanted)


def test_shards_are_one_object_in_order(shards):
    trace = Trace(folders(shards)[::-1])
    assert trace.samples["sample"].tolist() == list(range(25))
    assert trace.tensor("activations/1").shape == (3, 25, 4)
    assert [len(block) for block in trace.activations("1").blocks(2)] == [10, 10, 5]
    assert [len(block) for block in trace.activations("1").blocks(2, samples=12)] == [10, 2]
    np.testing.assert_array_equal(np.concatenate(list(trace.activations("1").blocks(2))), trace.activations("1").at(2))


def test_what_was_not_recorded_is_named(shards):
    trace = Trace(folders(shards))
    with pytest.raises(KeyError, match="'activations/9' was not recorded; recorded: .*activations/1"):
        trace.activations("9")
    with pytest.raises(KeyError, match=r"was not recorded at step 3; recorded steps: \[0, 1, 2\]"):
        trace.activations("1").at(3)
    with pytest.raises(IndexError):
        trace.tensor("states")[0, 25]


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_truncated_tensors_are_named(copied, size):
    path = folders(copied)[1] / "tensors.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(
        TraceError, match=r"000010/tensors.safetensors is truncated or damaged .* run the workflow again"
    ):
        Trace(folders(copied))


def test_missing_files_are_named(copied):
    (folders(copied)[1] / "steps.parquet").unlink()
    trace = Trace(folders(copied))
    with pytest.raises(TraceError, match=r"000010/steps.parquet is missing; delete"):
        _ = trace.steps
    (folders(copied)[2] / "tensors.safetensors").unlink()
    with pytest.raises(TraceError, match=r"000020/tensors.safetensors is missing"):
        Trace(folders(copied))


def test_damaged_tables_are_named(copied):
    path = folders(copied)[0] / "samples.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(TraceError, match=r"000000/samples.parquet is damaged"):
        _ = Trace(folders(copied)).samples


def test_foreign_files_are_named(copied):
    save_file({"states": np.zeros(3)}, folders(copied)[1] / "tensors.safetensors")
    with pytest.raises(TraceError, match=r"000010/tensors.safetensors is not a denoscope trace"):
        Trace(folders(copied))
    pq.write_table(pa.table({"sample": [1]}), folders(copied)[0] / "samples.parquet")
    with pytest.raises(TraceError, match=r"000000/samples.parquet is not a denoscope trace"):
        _ = Trace(folders(copied)[:1]).samples


def test_a_missing_shard_is_noticed(shards):
    with pytest.raises(TraceError, match=r"between .*000000 and .*000020 samples are missing"):
        Trace([folders(shards)[0], folders(shards)[2]])
    assert len(Trace([folders(shards)[0], folders(shards)[2]], gaps=True).samples) == 15


def test_a_shard_of_another_run_is_noticed(copied, monkeypatch):
    monkeypatch.setattr(sampling, "loader", lambda family: lambda *args: FakeDenoiser())
    sampling.make_shard(order(first=25, size=5, states=False), {"k": 1}, copied, copied / "trace" / "000025")
    with pytest.raises(TraceError, match=r"000025 belongs to another run: its tensors differ"):
        Trace(folders(copied))


def test_an_indexed_run_opens(copied):
    (copied / "manifest.json").write_text('{"files": {}}')
    about = {"run": "fake", "settings": {}, "layers": {"1": [4]}, "time_symbol": "t"}
    index_run(folders(copied), about, copied / "manifest.json", copied)
    run = open_run(copied)
    assert run.info["samples"] == len(run.samples) == 25
    assert run.states.shape == (4, 25, 4)
    assert run.predictions[0, 3].shape == (2, 2, 1)
    assert run.mapped_layers == ()
    joined = pq.read_table(copied / "samples.parquet")
    assert joined.to_pandas().equals(run.samples)
    assert pq.read_table(copied / "steps.parquet").num_rows == len(run.steps)
    with pytest.raises(KeyError, match="layer '1' has no map; mapped layers: none"):
        run.map("1")


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(TraceError, match="no finished run: it has no run.json"):
        open_run(tmp_path)
