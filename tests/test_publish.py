"""Publishing: what a finished run shows arrives in TensorBoard and Weights & Biases."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fakes import STEPS, FakeDenoiser, order
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from denoscope.checkpoints.manifest import write_manifest
from denoscope.cli import main
from denoscope.publish import PublishError, publish_run
from denoscope.publish.finished import mean_scalars, read_finished
from denoscope.render.encode import write_gif, write_mp4
from denoscope.runtime.files import write_json
from denoscope.sampling import shard as sampling
from denoscope.settings.publish import Publish, WandB
from denoscope.trace.index import index_run
from denoscope.trace.schema import TraceError

NEEDS_WANDB = pytest.mark.skipif(not importlib.util.find_spec("wandb"), reason="wandb is missing: pip install wandb")
FRAMES = [np.full((16, 24, 3), shade, np.uint8) for shade in (0, 100, 200)]
TEXT = "a *text* of\ntwo | lines"


class Writer(FakeDenoiser):
    """Makes texts of its states."""

    def outcome(self, last):
        return [{"text": TEXT} for _ in last.state]


def finished(folder, monkeypatch, denoiser, requests=None):
    """A run of two shards of four samples; the first three have animations."""
    monkeypatch.setattr(sampling, "loader", lambda family: lambda *args: denoiser)
    weights = folder / "weights"
    write_manifest(weights, {"source": "fake"}, "CC0", {"w": {"sha256": "a", "bytes": 1}})
    (weights / "w").write_text("w")
    run = folder / "results" / "fake"
    shards = [run / "trace" / name for name in ("000000", "000004")]
    for first, shard in zip((0, 4), shards, strict=True):
        asked = order(first=first, size=4)
        asked = replace(asked, requests=requests) if requests else asked
        sampling.make_shard(asked, {}, weights, shard)
    index_run(
        shards, {"run": "fake", "settings": {"seed": 5}, "facts": {"Sampler": "a|b"}}, weights / "manifest.json", run
    )
    entries = []
    for sample in range(3):
        for write, suffix in ((write_gif, "gif"), (write_mp4, "mp4")):
            name = f"sample-{sample:06d}.{suffix}"
            write(run / "media" / "000000" / name, FRAMES, 5)
            entries.append({"sample": sample, "file": name, "frames": 3})
        entries.append({"sample": sample, "file": f"sample-{sample:06d}/step-0000.png", "frames": 3})
    write_json(run / "media" / "000000.json", {"files": entries})
    write_gif(run / "media" / "grid.gif", FRAMES, 5)
    return run


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    return finished(tmp_path, monkeypatch, FakeDenoiser())


@pytest.fixture
def texts(tmp_path, monkeypatch):
    return finished(tmp_path, monkeypatch, Writer(), [{"prompt": f"p{i}"} for i in range(4)])


def events_of(folder):
    found = EventAccumulator(str(folder), size_guidance={"images": 0, "scalars": 0, "tensors": 0})
    found.Reload()
    return found


def test_scalars_are_means_over_samples(pictures, tmp_path):
    publish_run(pictures, Publish(tensorboard=str(tmp_path / "tb")))
    events = events_of(tmp_path / "tb" / "fake")
    steps = pd.read_parquet(pictures / "steps.parquet")
    for event in events.Scalars("mean/size"):
        values = steps.loc[steps["step"] == event.step, "size"].dropna()
        assert len(values) == 8
        assert event.value == pytest.approx(values.mean(), rel=1e-6)
    assert [event.step for event in events.Scalars("mean/size")] == list(range(STEPS))
    shards = json.loads((pictures / "run.json").read_text())["shards"]
    rates = [(event.step, event.value) for event in events.Scalars("throughput/samples_per_second")]
    assert rates == [
        (0, pytest.approx(shards[0]["samples_per_second"])),
        (4, pytest.approx(shards[1]["samples_per_second"])),
    ]


def test_a_step_without_a_scalar_is_left_out():
    steps = pd.DataFrame({"sample": [0, 1, 0, 1], "step": [0, 0, 1, 1], "cached": False, "a": [1.0, 3.0, None, None]})
    found = mean_scalars(steps)
    assert found.columns.tolist() == ["a"]
    assert found["a"].tolist()[0] == 2.0
    assert found["a"].isna().tolist() == [False, True]


def test_animations_are_the_files_themselves(pictures, tmp_path):
    counts = publish_run(pictures, Publish(tensorboard=str(tmp_path / "tb"), samples=2))
    assert list(counts.values()) == [{"scalars": 1, "animations": 3, "texts": 0}]
    events = events_of(tmp_path / "tb" / "fake")
    assert events.Tags()["images"] == ["animations/grid", "animations/sample-000000", "animations/sample-000001"]
    for name in ("grid", "000000/sample-000001"):
        path = pictures / "media" / f"{name}.gif"
        (shown,) = events.Images(f"animations/{path.stem}")
        assert shown.encoded_image_string == path.read_bytes()
        with Image.open(path) as image:
            assert (shown.width, shown.height) == image.size


def test_texts_keep_their_lines_and_signs(texts, tmp_path):
    publish_run(texts, Publish(tensorboard=str(tmp_path / "tb"), samples=3))
    events = events_of(tmp_path / "tb" / "fake")
    assert events.Tags()["tensors"] == ["run", *(f"texts/sample-{n:06d}" for n in range(3))]
    (shown,) = events.Tensors("texts/sample-000002")
    assert shown.tensor_proto.string_val[0].decode() == "    a *text* of\n    two | lines"
    assert b"| Sampler | a\\|b |" in events.Tensors("run")[0].tensor_proto.string_val[0]


def test_the_same_run_makes_the_same_events(pictures, tmp_path):
    os.utime(pictures / "run.json", (1_700_000_000, 1_700_000_000))
    for name in ("a", "b"):
        publish_run(pictures, Publish(tensorboard=str(tmp_path / name)))
    files = [next((tmp_path / name / "fake").iterdir()) for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert {event.wall_time for event in events_of(files[0].parent).Scalars("mean/size")} == {1_700_000_000.0}
    publish_run(pictures, Publish(tensorboard=str(tmp_path / "a")))
    assert list((tmp_path / "a" / "fake").iterdir()) == [files[0]]
    assert len(events_of(files[0].parent).Scalars("mean/size")) == STEPS


def test_where_tensorboard_goes():
    assert Publish().tensorboard_folder is None
    assert Publish(tensorboard=True).tensorboard_folder == "results/tensorboard"
    assert Publish(tensorboard="x").tensorboard_folder == "x"
    assert not Publish().anywhere
    assert Publish(tensorboard="x").anywhere
    assert Publish(wandb=WandB(mode="offline")).anywhere


def test_nothing_is_published_unasked(pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert publish_run(pictures, Publish()) == {}
    assert sorted(tmp_path.rglob("*")) == before


def leveldb_records(log, block=2**15, head=7):
    """What the log of a W&B run holds, https://github.com/google/leveldb/blob/main/doc/log_format.md after a header."""
    place, parts = head, b""
    while place + head <= len(log):
        left = block - place % block
        if left < head:
            place += left
            continue
        length, kind = int.from_bytes(log[place + 4 : place + 6], "little"), log[place + 6]
        parts += log[place + head : place + head + length]
        place += head + length
        if kind in (1, 4):  # whole, or the last part
            yield parts
            parts = b""


@NEEDS_WANDB
def test_a_run_of_wandb_is_kept_offline(texts, tmp_path):
    import wandb
    from wandb.proto.wandb_internal_pb2 import Record

    counts = publish_run(texts, Publish(wandb=WandB(mode="offline", project="p", folder=str(tmp_path / "wb"))))
    assert list(counts.values()) == [{"scalars": 1, "animations": 4, "texts": 8}]
    wandb.teardown()  # what is still in its own process is written
    (folder,) = (tmp_path / "wb" / "wandb").glob("offline-run-*")
    (log,) = folder.glob("*.wandb")
    records = [Record.FromString(data) for data in leveldb_records(log.read_bytes())]
    (run,) = (record.run for record in records if record.WhichOneof("record_type") == "run")
    assert (run.project, run.display_name) == ("p", "fake")
    logged = {}
    for record in records:
        if record.WhichOneof("record_type") == "history":
            row = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
            logged[row["_step"]] = row
    expected = read_finished(texts, 16).scalars["size"]
    for step in range(STEPS):
        assert logged[step]["mean/size"] == pytest.approx(expected[step], rel=1e-6)
    last = logged[STEPS]
    assert {name for name in last if name.startswith("animations/")} == {
        "animations/grid",
        *(f"animations/sample-{n:06d}" for n in range(3)),
    }
    films = sorted((folder / "files" / "media").rglob("*.mp4"))
    assert {film.read_bytes() for film in films} == {(texts / "media/000000/sample-000000.mp4").read_bytes()}
    (table,) = (folder / "files" / "media").rglob("*.table.json")
    assert json.loads(table.read_text())["data"][3] == [3, "p3", TEXT]


@pytest.mark.parametrize(
    ("module", "settings"), [("tensorboard", Publish(tensorboard="x")), ("wandb", Publish(wandb=WandB(mode="offline")))]
)
def test_a_missing_dashboard_says_how_to_install_it(pictures, tmp_path, monkeypatch, module, settings):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PublishError, match=f"pip install {module}"):
        publish_run(pictures, settings)
    assert not (tmp_path / "x").exists()


def test_an_unfinished_run_is_refused(tmp_path):
    with pytest.raises(TraceError, match="no finished run"):
        publish_run(tmp_path, Publish(tensorboard=str(tmp_path / "tb")))


def test_the_command_publishes(pictures, tmp_path):
    told = CliRunner().invoke(main, ["publish", str(pictures), "--tensorboard", str(tmp_path / "tb")])
    assert told.exit_code == 0
    assert told.stdout == f"TensorBoard, {tmp_path / 'tb'}: 1 scalars, 4 animations, 0 texts\n"
    for arguments, message in (
        (["publish", str(pictures)], "say where"),
        (["publish", "none", "--tensorboard", "x"], "no finished run"),
    ):
        told = CliRunner().invoke(main, arguments)
        assert told.exit_code == 2
        assert message in told.stderr
        assert told.stderr.count("\n") == 1


def test_publishing_needs_no_torch():
    code = (
        "import importlib, pkgutil, sys\nimport denoscope.publish as package\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\nsys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
