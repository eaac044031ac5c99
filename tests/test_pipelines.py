"""Models that are whole pipelines: what is taken for one, what is fetched of it, what is complained of."""

import json
import shutil
from types import SimpleNamespace

import pytest
from conftest import ROOT
from safetensors.numpy import save_file
from test_captioned import small

from denoscope.checkpoints.bundled import BUNDLED, model_folder, pipeline_models, weights_name
from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.fetch import CHECKPOINT, fetch
from denoscope.checkpoints.manifest import file_entry, folder_entry, read_manifest
from denoscope.config import load_config
from denoscope.workflow.cfg import Cfg
from denoscope.workflow.inputs import Inputs
from denoscope.workflow.jobs import Jobs

FILES = {"model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "tokenizer/tokenizer.json"}


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A copy of ``models/`` with a pipeline, as the workflow leaves one, and a single network."""
    folder = tmp_path / "models"
    shutil.copytree(ROOT / "models" / "digits-edm", folder / "digits")
    pipeline = folder / "scenes" / "pipeline"
    for name in FILES | {".snakemake_timestamp", "unet/.hidden/file"}:
        (pipeline / name).parent.mkdir(parents=True, exist_ok=True)
        (pipeline / name).write_text("{}")
    save_file({}, pipeline / "unet" / "diffusion_pytorch_model.safetensors")
    index = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}
    index |= {"tokenizer": ["transformers", "CLIPTokenizer"], "safety_checker": [None, None]}
    (pipeline / "model_index.json").write_text(json.dumps(index))
    for name, text in zip(("config.json", "recipe.yaml"), small(), strict=True):
        (folder / "scenes" / name).write_text(text)
    (folder / "scenes" / "scores.json").write_text(json.dumps({"weights": folder_entry(pipeline)}))
    monkeypatch.setattr("denoscope.checkpoints.bundled.MODELS", folder)
    return folder


def planned(source, prompts=("a red (circle)", "a (blue) square", "a red circle")):
    run = {
        "model": {"family": "stable_diffusion", "checkpoint": {"source": source, "name": "scenes"}},
        "sampler": {"name": "ddim", "steps": 2},
        "prompts": list(prompts),
        "samples": {"count": 9},
        "render": {"columns": 3},
    }
    return Jobs(load_config({"runs": {"scenes": run}}))


def test_a_pipeline_is_told_from_a_network_by_its_family(models):
    assert pipeline_models() == ["scenes"]
    assert [weights_name(name) for name in ("scenes", "digits", "none")] == ["pipeline", *["model.safetensors"] * 2]
    (models / "digits" / "config.json").write_text("{")
    (models / "scenes" / "config.json").write_text("[]")
    assert pipeline_models() == []


@pytest.mark.parametrize("source", ["bundled", "trained"])
def test_all_files_of_a_pipeline_are_fetched_under_their_names_but_hidden_ones(models, tmp_path, source):
    pipeline = models / "scenes" / "pipeline"
    trained = pipeline if source == "trained" else None
    fetch(CHECKPOINT.validate_python({"source": source, "name": "scenes"}), tmp_path / "out", trained)
    files = read_manifest(tmp_path / "out")["files"]
    assert files == {name: file_entry(pipeline / name) for name in FILES}
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == FILES | {"manifest.json"}
    (tmp_path / "out" / "unet" / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"unet/config\.json has gone"):
        read_manifest(tmp_path / "out")


def test_a_folders_hash_is_of_names_and_contents(models):
    pipeline = models / "scenes" / "pipeline"
    first = folder_entry(pipeline)
    assert first["bytes"] == sum((pipeline / name).stat().st_size for name in FILES)
    (pipeline / "unet" / ".later").write_text("x")
    assert folder_entry(pipeline) == first
    (pipeline / "tokenizer" / "tokenizer.json").rename(pipeline / "tokenizer" / "other.json")
    renamed = folder_entry(pipeline)
    assert renamed["sha256"] != first["sha256"]
    (pipeline / "tokenizer" / "other.json").write_text("[]")
    assert folder_entry(pipeline)["sha256"] not in {first["sha256"], renamed["sha256"]}


@pytest.mark.parametrize(
    ("gone", "told"),
    [("model_index.json", "pipeline/model_index.json"), ("unet", "pipeline/unet"), ("tokenizer", "pipeline/tokenizer")],
)
def test_a_pipeline_that_lacks_a_part_is_refused(models, gone, told):
    assert model_folder("scenes", BUNDLED) == models / "scenes"
    path = models / "scenes" / "pipeline" / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ValueError, match=f"scenes has no {told}: add it .* models that ship here: digits$"):
        model_folder("scenes", BUNDLED)


def test_the_jobs_of_a_pipeline(models):
    """Planned from its config.json; a trained one is a folder, a bundled one is known by its hash."""
    asked = SimpleNamespace(checkpoint="scenes", model="scenes", run="scenes", shard="000000")
    assert Inputs(planned("trained")).checkpoint(asked) == ["results/training/scenes/pipeline"]
    jobs = planned("bundled")
    assert Inputs(jobs).checkpoint(asked) == []
    cfg = Cfg(jobs, ROOT / "scripts")
    assert cfg.fetch_checkpoint(asked)["content"] == folder_entry(models / "scenes" / "pipeline")["sha256"]
    assert cfg.train_model(asked)["config.json"] == small()[0]
    assert "mid_block.attentions.0" in jobs.runs["scenes"].model.layers()


def test_a_grid_has_a_row_for_every_prompt(models):
    """Marks make no other prompt."""
    rows = planned("bundled").grid("scenes")
    assert rows == {"a red circle": [0, 2, 3], "a blue square": [1, 4, 7]}
