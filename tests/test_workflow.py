"""The real workflow: what it makes, what it makes again, and what survives a kill."""

import copy
import hashlib
import os
import shutil
import signal
import subprocess
import time
import zipfile

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

import workflow
from denoscope import open_run

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(mini, tmp_path):
    """A copy of the finished run that a test may change; results keep their times, as a moved folder does."""
    folder, config = mini
    shutil.copytree(folder, tmp_path / "clone", symlinks=True)
    return tmp_path / "clone", copy.deepcopy(config)


def digests(folder, pattern="results/digits/**/*"):
    """Hash and time of every file."""
    files = sorted(path for path in folder.glob(pattern) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in files
    }


def test_everything_is_made(mini):
    folder, _ = mini
    results = folder / "results"
    run = open_run(results / "digits")
    assert run.info["samples"] == 40
    assert run.times[-1] == 0
    assert run.layers == run.mapped_layers == ("model.enc.4x4_block0", "model.dec.8x8_block1")
    assert run.attention("model.dec.4x4_in0").shape == (3, 40, 16)
    np.testing.assert_allclose(run.attention("model.dec.4x4_in0")[:].astype(np.float32).sum(-1), 1, atol=2e-3)
    assert run.map("model.dec.8x8_block1").attrs["trustworthiness"]
    assert len(run.neighbors("model.dec.8x8_block1")) == 3
    points = run.map("model.dec.8x8_block1", "n5-d0.4")
    assert points.attrs["settings"]["n_neighbors"] == 5
    assert points[["sample", "step"]].equals(run.map("model.dec.8x8_block1")[["sample", "step"]])
    with pytest.raises(KeyError, match=r"n5-d0\.1, n5-d0\.4"):
        run.map("model.dec.8x8_block1", "n8-d0.1")
    quality = pd.read_parquet(results / "digits" / "quality.parquet")
    assert quality["layer"].unique().tolist() == list(run.mapped_layers)
    assert quality["step"].tolist() == [0, 1, 2] * 2
    assert quality.notna().all().all()
    assert quality["chance"].unique() == pytest.approx([0.1])
    for name in ("samples", "steps", "maps", "quality", "similarity"):
        for kind in ("pdf", "svg", "png"):
            assert (results / "digits" / "figures" / f"{name}.{kind}").stat().st_size > 1000
    for name in ("000000/sample-000001.gif", "000000/sample-000000.mp4", "grid.gif", "grid.mp4"):
        assert (results / "digits" / "media" / name).stat().st_size > 1000
    assert (results / "report.html").stat().st_size > 100_000
    for rule in ("sample_shard/digits/000020.tsv", "embed_layer/digits/model.dec.8x8_block1.tsv"):
        assert "max_rss" in (results / "benchmarks" / rule).read_text()
    assert list(results.glob("digits/trace/*.partial")) == []


def test_frames_of_an_animation_are_its_steps(mini):
    from test_render import gif_frames, mp4_frames

    folder, _ = mini
    run = open_run(folder / "results" / "digits")
    shown, _ = gif_frames(folder / "results/digits/media/000000/sample-000001.gif")
    assert len(shown) == len(run.times) == 4
    assert sum(duration for _, duration in shown) == 4 * 200 + 1000
    movie, facts = mp4_frames(folder / "results/digits/media/000000/sample-000001.mp4")
    assert len(movie) == 4 + 5
    assert facts[1] == "yuv420p"
    corner = shown[-1][0][12 + 2 * 22 + 2, 12 + 2]
    assert corner.tolist() == [int(run.previews[-1, 1][0, 0, 0])] * 3


def test_a_finished_run_does_nothing(mini):
    folder, _ = mini
    assert "Nothing to be done" in workflow.run(folder)


MAPS = {"embed_layer": 2, "project_layer": 4, "judge_maps": 1, "export_atlas": 2, "draw_maps": 1, "build_report": 1}
EVERYTHING_BUT_THE_CHECKPOINT = {**MAPS, "sample_shard": 2, "index_run": 1, "compare_layers": 1,
    "render_shard": 1, "render_grid": 1, "draw_samples": 1}  # fmt: skip
ANIMATIONS = {"render_shard": 1, "render_grid": 1, "build_report": 1}


def change(path, value):
    """A change of the configuration at a dotted path."""

    def apply(folder, config):
        *parents, last = path.split(".")
        place = config
        for part in parents:
            place = place[part]
        place[last] = value
        workflow.write_config(folder, config)

    return apply


def append_to(name):
    """A change of a library file's content."""
    return lambda folder, config: (folder / name).write_text((folder / name).read_text() + "\n# changed\n")


def touch(*patterns):
    """New modification times without any change of content."""

    def apply(folder, config):
        for pattern in patterns:
            for path in folder.glob(pattern):
                os.utime(path)

    return apply


def relabel(folder, config):
    config["runs"]["digits"]["labels"][25] = 3
    workflow.write_config(folder, config)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param(change("runs.digits.render.fps", 8), ANIMATIONS, id="frame rate"),
        pytest.param(change("runs.digits.maps.n_neighbors", 7), MAPS, id="n_neighbors"),
        pytest.param(
            change("runs.digits.maps.grid", {"n_neighbors": [8, 5], "min_dist": [0.4, 0.1, 0.0]}),
            {"project_layer": 2 * 3, "build_report": 1},
            id="a larger grid",
        ),
        pytest.param(change("runs.digits.maps.grid", None), {"build_report": 1}, id="no grid"),
        pytest.param(change("runs.digits.sampler.steps", 4), EVERYTHING_BUT_THE_CHECKPOINT, id="sampler steps"),
        pytest.param(
            relabel,
            {**EVERYTHING_BUT_THE_CHECKPOINT, "sample_shard": 1, "render_shard": 0},
            id="a label of the second shard",
        ),
        pytest.param(change("report.title", "x"), {"build_report": 1}, id="title"),
        pytest.param(append_to("denoscope/render/trajectory.py"), ANIMATIONS, id="renderer's code"),
        pytest.param(append_to("denoscope/maps/projection.py"), MAPS, id="projection's code"),
        pytest.param(append_to("denoscope/maps/setting.py"), {"project_layer": 4, "build_report": 1}, id="grid's code"),
        pytest.param(append_to("denoscope/networks/dhariwal.py"), EVERYTHING_BUT_THE_CHECKPOINT, id="network's code"),
        pytest.param(append_to("denoscope/report/page/assets/page.css"), {"build_report": 1}, id="page's style"),
        pytest.param(append_to("denoscope/runtime/job.py"), {}, id="code that decides no bytes"),
        pytest.param(append_to("scripts/render_grid.py"), {"render_grid": 1, "build_report": 1}, id="a changed script"),
        pytest.param(touch("scripts/*.py", "rules/*.smk", "Snakefile"), {}, id="touched scripts"),
        pytest.param(touch("**/*.py", "models/**/*", "config/*", "envs/*"), {}, id="fresh clone around the results"),
    ],
)
def test_what_reruns_when_something_changes(scene, what, expected):
    folder, config = scene
    what(folder, config)
    found = workflow.planned(folder)
    assert found == {rule: count for rule, count in expected.items() if count}


def test_more_samples_make_only_the_new_shards(scene, visit):
    folder, config = scene
    before = digests(folder, "results/digits/trace/**/*")
    config["runs"]["digits"]["samples"]["count"] = 60
    config["runs"]["digits"]["maps"]["fit"] = 40
    config["runs"]["digits"]["labels"] = [sample % 10 for sample in range(60)]
    workflow.write_config(folder, config)
    assert workflow.planned(folder)["sample_shard"] == 1
    assert workflow.planned(folder).get("embed_layer") is None
    assert workflow.planned(folder).get("project_layer") is None
    maps = digests(folder, "results/digits/maps/*/map.parquet")
    workflow.run(folder)
    after = digests(folder, "results/digits/trace/**/*")
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[3] for name in after.keys() - before.keys()} == {"000040"}
    assert digests(folder, "results/digits/maps/*/map.parquet") == maps
    run = open_run(folder / "results" / "digits")
    assert len(run.samples) == 60
    points = run.map("model.dec.8x8_block1")
    assert points.groupby("placed")["sample"].nunique().to_dict() == {False: 40, True: 20}
    page = visit(folder / "results" / "report.html", "#view=atlas&colour=map.placed&chosen=50")
    page.wait_for_selector("#atlas-neighbors li")
    titles = [chip.get_attribute("title") for chip in page.locator("#atlas-legend .chip").all()]
    assert [title.split()[0] for title in titles] == ["40", "20"]
    assert page.locator("#atlas-legend").inner_text().split() == ["fitted", "new"]
    assert "fitted on 40 samples, 20 new ones placed" in page.locator("#plot-0-belief").inner_text()
    assert "new, placed among the 40 fitted" in page.locator("#atlas-facts").inner_text()
    points = run.map("model.dec.8x8_block1", "n5-d0.4")
    assert points.groupby("placed")["sample"].nunique().to_dict() == {False: 40, True: 20}


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path, tiny_config):
    """Kill -9 of the whole process group in the middle of a shard."""
    config = copy.deepcopy(tiny_config)
    config["runs"]["digits"]["samples"] = {"count": 40, "shard": 40, "batch": 10}
    config["runs"]["digits"]["sampler"]["steps"] = 12
    target = "results/digits/trace/000000/tensors.safetensors"
    folders = [workflow.clone(tmp_path / name) for name in ("whole", "killed")]
    for folder in folders:
        workflow.write_config(folder, config)
    whole, killed = folders
    workflow.run(whole, target)

    job = subprocess.Popen(
        workflow.command(killed, target),
        cwd=killed,
        env=workflow.environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    partial = killed / "results/digits/trace/000000.partial"
    deadline = time.monotonic() + 120
    while len(list(partial.glob("*/batch-*"))) < 2:
        assert time.monotonic() < deadline
        assert job.poll() is None
        time.sleep(0.01)
    os.killpg(job.pid, signal.SIGKILL)
    job.wait()
    finished = {path: path.stat().st_mtime_ns for path in partial.glob("*/batch-*/*")}
    assert not (killed / target).exists()

    workflow.run(killed, "--unlock")
    workflow.run(killed, target)
    log = (killed / "results/logs/sample_shard/digits/000000.log").read_text()
    assert "continuing: " in log
    assert finished
    names = [folder / "results/digits/trace/000000" for folder in folders]
    for name in ("samples.parquet", "steps.parquet"):
        assert pd.read_parquet(names[0] / name).equals(pd.read_parquet(names[1] / name))
    ours, theirs = (load_file(name / "tensors.safetensors") for name in names)
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(array, theirs[name])
    assert not partial.exists()


def test_results_are_the_same_to_the_byte_on_a_rebuild(mini, tmp_path):
    """Another clone, another folder: the same bytes of everything but clocks and versions."""
    folder, config = mini
    other = workflow.clone(tmp_path / "again")
    workflow.write_config(other, config)
    workflow.run(other)
    ours, theirs = (
        {
            name: digest
            for name, (digest, _) in digests(place).items()
            if not name.endswith(("throughput.json", "run.json"))
        }
        for place in (folder, other)
    )
    assert ours == theirs
    assert any(name.endswith(".mp4") for name in ours)
    assert any(name.endswith(".pdf") for name in ours)


def test_snakemakes_own_report_works_without_a_network(scene):
    folder, _ = scene
    offline = ["unshare", "-n"] if os.geteuid() == 0 and shutil.which("unshare") else []
    done = subprocess.run(
        [*offline, *workflow.command(folder, "--report", "report.zip")],
        cwd=folder, env=workflow.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / "report.zip") as archive:
        names = archive.namelist()
        text = "".join(
            archive.read(name).decode("utf-8", "ignore") for name in names if name.endswith((".html", ".js"))
        )
    assert any(name.endswith("report.html") for name in names)
    for shown in ("maps.png", "grid.gif", "similarity.png"):
        assert any(name.endswith(shown) for name in names)
    assert "debiased linear centred kernel alignment" in text  # a caption


def test_published_models_are_planned_without_a_network(tmp_path):
    folder = workflow.clone(tmp_path / "clone")
    (folder / "mini.yaml").write_text((folder / "config" / "dmd2-imagenet64.yaml").read_text())
    assert workflow.planned(folder) == {
        "fetch_checkpoint": 3,
        "sample_shard": 30,
        "index_run": 3,
        "embed_layer": 15,
        "compare_layers": 3,
        "judge_maps": 3,
        "export_atlas": 15,
        "draw_samples": 3,
        "draw_maps": 3,
        "render_grid": 3,
        "render_shard": 3,
        "build_report": 1,
    }


TINY = {
    "model": {"family": "stable_diffusion", "checkpoint": {"source": "trained", "name": "tiny"}},
    "sampler": {"name": "ddim", "steps": 3, "guidance": 2.0},
    "prompts": ["a (red circle) left of a (blue square)", "a green triangle " + "and a blue square " * 20],
    "previews": "decoded",
    "samples": {"count": 8, "shard": 4, "batch": 4},
    "record": {"layers": ["mid_block.attentions.0"]},
    "render": {"samples": 1, "size": 64, "columns": 3},
}


def test_a_pipeline_is_trained_fetched_and_sampled(tmp_path):
    """And what the training wrote is a folder of models/."""
    from test_captioned import small

    folder = workflow.clone(tmp_path / "clone")
    (folder / "models" / "tiny").mkdir()
    for name, text in zip(("config.json", "recipe.yaml"), small(), strict=True):
        (folder / "models" / "tiny" / name).write_text(text)
    workflow.write_config(folder, {"runs": {"scenes": TINY}})
    assert workflow.planned(folder)["train_pipeline"] == 1
    assert "train_model" in workflow.run(folder, "--dry-run", "results/training/digits-edm/README.md")
    workflow.run(folder)
    results = folder / "results"
    assert (results / "training" / "tiny" / "pipeline" / ".snakemake_timestamp").exists()
    checkpoint = results / "checkpoints" / "tiny"
    fetched = {path.relative_to(checkpoint).as_posix() for path in checkpoint.rglob("*")}
    assert {"model_index.json", "unet/diffusion_pytorch_model.safetensors"} < fetched
    assert not [name for name in fetched if "/." in f"/{name}"]
    run = open_run(results / "scenes")
    assert run.samples["prompt"].str.slice(0, 16).tolist() == ["a red circle lef", "a green triangle"] * 4
    assert run.previews.shape == (4, 8, 32, 32, 3)
    assert run.layers == ("mid_block.attentions.0",)
    for name in ("media/grid.gif", "media/000000/sample-000000.gif", "figures/samples.png", "figures/steps.pdf"):
        assert (results / "scenes" / name).stat().st_size > 1000
    assert (results / "report.html").stat().st_size > 50_000
    assert "Nothing to be done" in workflow.run(folder)
    shutil.copytree(results / "training" / "tiny", folder / "models" / "tiny", dirs_exist_ok=True)
    config = copy.deepcopy(TINY)
    config["model"]["checkpoint"]["source"] = "bundled"
    workflow.write_config(folder, {"runs": {"scenes": config}})
    former = (checkpoint / "manifest.json").read_text()
    workflow.run(folder, "results/checkpoints/tiny/manifest.json")
    assert (checkpoint / "manifest.json").read_text() == former.replace("trained", "bundled")
