"""Checkpoints: fetched, verified, converted, and never executed."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import ROOT
from hubserver import COMMIT, running_hub
from huggingface_hub import constants
from pydantic import ValidationError
from safetensors.torch import load_file, save_file

from denoscope.checkpoints.convert import convert
from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.fetch import CHECKPOINT, fetch
from denoscope.checkpoints.folders import pipeline_files
from denoscope.checkpoints.manifest import read_manifest
from denoscope.checkpoints.weights import assign_weights, load_weights
from denoscope.config import ConfigError
from denoscope.config.model import load_config
from denoscope.workflow.cfg import Cfg
from denoscope.workflow.inputs import Inputs
from denoscope.workflow.jobs import Jobs

TENSORS = {"a.weight": torch.arange(300_000, dtype=torch.float32).reshape(300, 1000), "b": torch.ones(3).half()}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def hub():
    with running_hub() as server:
        yield server


@pytest.fixture
def weights(tmp_path):
    """Bytes of a safetensors file and of the same state dict pickled."""
    save_file(TENSORS, tmp_path / "w.safetensors")
    torch.save(OrderedDict(TENSORS), tmp_path / "w.bin")
    return (tmp_path / "w.safetensors").read_bytes(), (tmp_path / "w.bin").read_bytes()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses between attempts, which the tests do not make."""
    made = []
    monkeypatch.setattr("denoscope.checkpoints.download.sleep", made.append)
    return made


def ask(monkeypatch, url):
    """Send huggingface_hub to ``url``, as HF_ENDPOINT does before it is imported."""
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", url)


@pytest.fixture
def get(hub, tmp_path, monkeypatch):
    """Fetch from the loopback hub, in small pieces, with a cache of the test's own; the error's text, or None."""
    ask(monkeypatch, hub.url)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 2**16)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)

    def fetched(settings):
        try:
            fetch(CHECKPOINT.validate_python(settings), tmp_path / "out" / "model")
        except CheckpointError as error:
            return str(error)
        return None

    return fetched


def hub_settings(**change):
    return {"source": "hub", "name": "model", "repo": "owner/model", "revision": COMMIT, "file": "sub/w.bin",
            "licence": "CC-BY-NC-4.0", **change}  # fmt: skip


def assert_tensors(path):
    loaded = load_file(path)
    assert loaded.keys() == TENSORS.keys()
    for name, value in TENSORS.items():
        assert torch.equal(loaded[name], value)


def test_hub_file_is_converted_and_described(hub, tmp_path, weights):
    """In a process of its own, as the workflow does it, so that the environment decides which hub is asked."""
    hub.files["sub/w.bin"] = weights[1]
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom denoscope.checkpoints.fetch import CHECKPOINT, fetch\n"
        "fetch(CHECKPOINT.validate_python(json.loads(sys.argv[1])), Path(sys.argv[2]))"
    )
    folder = tmp_path / "out" / "model"
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", code, json.dumps(hub_settings()), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_tensors(folder / "model.safetensors")
    manifest = read_manifest(folder)
    entry = manifest["files"]["model.safetensors"]
    assert entry["sha256"] == sha256((folder / "model.safetensors").read_bytes())
    assert entry["converted_from"] == {"file": "model.bin", "sha256": sha256(weights[1]), "bytes": len(weights[1])}
    assert manifest["source"]["revision"] == COMMIT
    assert manifest["licence"] == "CC-BY-NC-4.0"


def test_hub_folder_brings_its_files_but_no_code(hub, get, tmp_path, weights):
    hub.files.update({"sub/a/w.safetensors": weights[0], "sub/config.json": b"{}", "sub/model.py": b"raise", "x": b"x"})
    assert get(hub_settings(file=None, subfolder="sub")) is None
    folder = tmp_path / "out" / "model"
    assert set(read_manifest(folder)["files"]) == {"a/w.safetensors", "config.json"}
    assert_tensors(folder / "a" / "w.safetensors")


PIPELINE = [
    "model_index.json",
    "README.md",
    "whole.safetensors",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "unet/diffusion_pytorch_model.bin",
    "unet/diffusion_pytorch_model.fp16.bin",
    "unet/model.onnx",
    "unet/openvino_model.bin",
    "unet/deeper/config.json",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "text_encoder/model.fp16.safetensors",
    "text_encoder/flax_model.msgpack",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "vae_encoder/config.json",
]


@pytest.mark.parametrize("variant", [None, "fp16", "non_ema"])
def test_of_a_pipelines_folder_one_set_of_weights_is_taken(variant):
    found = pipeline_files(PIPELINE, ["unet", "tokenizer"], variant)
    named = f".{variant}" if variant else ""
    assert found.pop(f"unet/diffusion_pytorch_model{named}.safetensors") == "unet/diffusion_pytorch_model.safetensors"
    assert found == {
        name: name for name in ("model_index.json", "unet/config.json", "tokenizer/merges.txt", "tokenizer/vocab.json")
    }


@pytest.mark.parametrize(("old", "new"), [("pytorch_model", "model"), ("diffusion_pytorch_model",) * 2])
def test_pickles_are_taken_where_there_are_no_safetensors(old, new):
    """Converted, they bear the name that libraries look for."""
    assert pipeline_files(["a/config.json", f"a/{old}.fp16.bin", "a/tf_model.h5"], ["a"], "fp16") == {
        "a/config.json": "a/config.json",
        f"a/{old}.fp16.bin": f"a/{new}.bin",
    }


def test_shards_come_with_their_index():
    shards = [f"a/model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    index = "a/model.safetensors.index.json"
    others = ["a/model.fp16-00001-of-00001.safetensors", "a/model.safetensors.index.fp16.json", "a/pytorch_model.bin"]
    assert set(pipeline_files([*shards, index, *others], ["a"], None).values()) == {*shards, index}
    for listing, variant, told in (
        ([*shards[:2], index], None, "several or incomplete weights: model-00001-of-00003"),
        (shards, None, "model.safetensors.index.json is missing"),
        ([*shards, index, *others], "fp16", "in 1 shards, and shards can be read only as safetensors without"),
        ([*shards, "a/diffusion_pytorch_model.safetensors", index], None, "several or incomplete weights"),
        (["a/pytorch_model-00001-of-00002.bin", "a/pytorch_model-00002-of-00002.bin"], None, "in 2 shards"),
    ):
        with pytest.raises(CheckpointError, match=told):
            pipeline_files(listing, ["a"], variant)


@pytest.mark.parametrize(
    ("folders", "variant", "told"),
    [
        (["unet", "vae"], None, "has no folder 'vae' at that commit: check checkpoint.folders"),
        (["text_encoder"], "non_ema", "'text_encoder' has no weights of variant non_ema; it has fp16, null"),
    ],
)
def test_what_a_pipeline_does_not_have_is_said(folders, variant, told):
    with pytest.raises(CheckpointError, match=told):
        pipeline_files(PIPELINE, folders, variant)


def hold_pipeline(hub, weights):
    """The loopback hub has the pipeline, whose half-precision text encoder is the only weights that can be read."""
    contents = {".json": b"{}", ".txt": b""}
    hub.files.update({name: contents.get(f".{name.rpartition('.')[2]}", b"x") for name in PIPELINE})
    hub.files["text_encoder/model.fp16.safetensors"] = weights[0]
    hub.files["unet/diffusion_pytorch_model.fp16.safetensors"] = weights[0]


def test_a_pipeline_is_fetched_from_the_hub(hub, get, tmp_path, weights, monkeypatch):
    hold_pipeline(hub, weights)
    settings = hub_settings(file=None, folders=["unet", "text_encoder", "tokenizer"], variant="fp16")
    assert get(settings) is None
    expected = {
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
    }
    manifest = read_manifest(tmp_path / "out" / "model")
    assert set(manifest["files"]) == expected
    assert manifest["source"]["variant"] == "fp16"
    assert_tensors(tmp_path / "out" / "model" / "unet" / "diffusion_pytorch_model.safetensors")
    asked = {path.partition(f"{COMMIT}/")[2] for method, path, _ in hub.log if method == "GET" and "resolve" in path}
    assert asked <= {name.replace("model.safetensors", "model.fp16.safetensors") for name in expected}

    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    shutil.rmtree(tmp_path / "out")
    ask(monkeypatch, "http://127.0.0.1:9")
    assert get(settings) is None, "what is cached needs no hub"
    assert set(read_manifest(tmp_path / "out" / "model")["files"]) == expected


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"folders": ["vae"]}, "has no folder 'vae'"),
        ({"repo": "owner/nothing"}, "no such repository, or it is private: check its name, or set HF_TOKEN"),
        ({"revision": "f" * 40}, "the repository has no such commit; check checkpoint.revision"),
    ],
)
def test_a_pipeline_that_the_hub_does_not_have(hub, get, weights, change, told):
    hold_pipeline(hub, weights)
    assert told in get(hub_settings(**{"file": None, "folders": ["unet"], **change}))


def test_a_pipeline_of_an_unreachable_hub(get, monkeypatch):
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    ask(monkeypatch, "http://127.0.0.1:9")
    told = get(hub_settings(file=None, folders=["unet"]))
    assert "is not in the cache and the hub cannot be reached" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"folders": ["unet"]}, "give one of file .*and folders"),
        ({"variant": "fp16"}, "variant chooses among the weights in folders"),
        ({"file": None, "folders": ["../unet"]}, "String should match pattern"),
        ({"file": None, "folders": []}, "at least 1 item"),
    ],
)
def test_folders_and_variants_go_together(change, told):
    with pytest.raises(ValidationError, match=told):
        CHECKPOINT.validate_python(hub_settings(**change))


def test_a_cut_download_is_resumed(hub, get, tmp_path, weights):
    hub.files["sub/w.bin"] = weights[1]
    hub.cut = [400_000]
    assert get(hub_settings()) is None
    assert_tensors(tmp_path / "out" / "model" / "model.safetensors")
    starts = [int(span[6:].partition("-")[0]) for method, _, span in hub.log if method == "GET" and span]
    assert starts == [393_216]  # the whole pieces of the first attempt were kept


def test_a_wrong_hash_is_refused_and_forgotten(hub, get, tmp_path, weights):
    hub.files["sub/w.bin"] = weights[1]
    hub.lie = weights[1][:-1] + b"?"
    assert "what arrived is not what the hub announced" in get(hub_settings(file=None, subfolder="sub"))
    assert "what arrived is not what the hub announced" in get(hub_settings())
    assert not (tmp_path / "out" / "model").exists()
    hub.lie = None
    assert get(hub_settings()) is None


def test_a_pinned_hash_is_checked(hub, get, weights):
    hub.files["sub/w.bin"] = weights[1]
    assert f"SHA-256 is {sha256(weights[1])}, the configuration says {'0' * 64}" in get(hub_settings(sha256="0" * 64))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"file": "other.bin"}, "the repository has no such file at that commit; check checkpoint.file"),
        ({"repo": "owner/nothing"}, "no such repository, or it is private: check its name, or set HF_TOKEN"),
        ({"revision": "f" * 40}, "the repository has no such commit; check checkpoint.revision"),
        ({"file": None, "subfolder": "empty"}, "has no folder 'empty'"),
    ],
)
def test_what_the_hub_does_not_have(hub, get, weights, change, complaint):
    hub.files["sub/w.bin"] = weights[1]
    assert complaint in get(hub_settings(**change))


def test_a_private_repository_needs_its_token(hub, get, weights, monkeypatch):
    hub.files["sub/w.bin"] = weights[1]
    hub.token = "secret"
    assert "set HF_TOKEN" in get(hub_settings())
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert get(hub_settings()) is None


def test_no_room_is_said_before_downloading(hub, get, weights):
    hub.files["sub/w.bin"] = weights[1]
    hub.size = 10**16
    assert "needs 10000000.0 GB, but only" in get(hub_settings())
    url = {"source": "url", "name": "model", "url": f"{hub.url}/plain/sub/w.bin", "sha256": "0" * 64}
    assert "needs 10000000.0 GB, but only" in get(url)
    assert not any(method == "GET" and "resolve" in path for method, path, _ in hub.log)


def test_a_full_disk_is_said(tmp_path, monkeypatch, hub, weights):
    """The write itself fails, as on a disk that others fill meanwhile."""
    hub.files["w.safetensors"] = weights[0]

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("denoscope.checkpoints.download.shutil.copyfileobj", full)
    url = {"source": "url", "name": "model", "url": f"{hub.url}/plain/w.safetensors", "sha256": sha256(weights[0])}
    with pytest.raises(CheckpointError, match="the disk is full; make room and run again"):
        fetch(CHECKPOINT.validate_python(url), tmp_path / "model")


def test_an_unreachable_hub_is_said(get, monkeypatch):
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    ask(monkeypatch, "http://127.0.0.1:9")
    assert "is not in the cache and the hub cannot be reached" in get(hub_settings())


def test_what_is_cached_needs_no_hub(hub, get, weights, monkeypatch):
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    hub.files["sub/w.bin"] = weights[1]
    assert get(hub_settings()) is None
    ask(monkeypatch, "http://127.0.0.1:9")
    assert get(hub_settings()) is None


def test_url_is_resumed_and_verified(hub, tmp_path, weights):
    hub.files["w.safetensors"] = weights[0]
    hub.cut = [300_000, 500_000]
    settings = {"source": "url", "name": "m", "url": f"{hub.url}/plain/w.safetensors", "sha256": sha256(weights[0])}
    fetch(CHECKPOINT.validate_python(settings), tmp_path / "m")
    assert_tensors(tmp_path / "m" / "model.safetensors")
    assert [span for _, _, span in hub.log] == [None, "bytes=300000-", "bytes=800000-"]


def test_url_with_another_hash_or_status_is_refused(hub, tmp_path, weights):
    hub.files["w.safetensors"] = weights[0]
    settings = {"source": "url", "name": "m", "url": f"{hub.url}/plain/w.safetensors", "sha256": "0" * 64}
    with pytest.raises(CheckpointError, match="the configuration says 000.*; the download is deleted"):
        fetch(CHECKPOINT.validate_python(settings), tmp_path / "m")
    assert not list(tmp_path.glob("**/*.part"))
    settings["url"] = f"{hub.url}/plain/none.safetensors"
    with pytest.raises(CheckpointError, match="HTTP 404"):
        fetch(CHECKPOINT.validate_python(settings), tmp_path / "m")


def url_settings(hub, name, content):
    return {"source": "url", "name": "m", "url": f"{hub.url}/plain/{name}", "sha256": sha256(content)}


def fetched(settings, folder):
    """Fetch what ``settings`` say into ``folder``; its manifest."""
    fetch(CHECKPOINT.validate_python(settings), folder)
    return read_manifest(folder)


def test_a_changed_url_installs_its_own_file(hub, tmp_path, weights):
    """Also one whose last part stays the same, as in another release of one model."""
    save_file({"c": torch.zeros(4)}, tmp_path / "other.safetensors")
    other = (tmp_path / "other.safetensors").read_bytes()
    hub.files.update({"v1/w.safetensors": weights[0], "v2/w.safetensors": other})
    for name, content in (("v1/w.safetensors", weights[0]), ("v2/w.safetensors", other)):
        manifest = fetched(url_settings(hub, name, content), tmp_path / "out" / "m")
        assert manifest["files"]["model.safetensors"]["sha256"] == sha256(content)
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["m"]  # no copy of the download stays


def test_what_another_url_left_half_way_is_not_continued(hub, tmp_path, weights):
    hub.files["w.safetensors"] = weights[0]
    hub.cut = [100_000] * 5
    with pytest.raises(CheckpointError, match="500000 bytes are kept"):
        fetched(url_settings(hub, "w.safetensors", weights[0]), tmp_path / "m")
    save_file({"c": torch.zeros(200_000)}, tmp_path / "other.safetensors")
    other = hub.files["w.safetensors"] = (tmp_path / "other.safetensors").read_bytes()
    fetched(url_settings(hub, "w.safetensors", other), tmp_path / "m")
    assert hub.log[-1][2] is None  # from its beginning


def test_a_whole_download_is_used_after_a_failed_installation_but_verified(hub, tmp_path, weights, monkeypatch):
    hub.files["w.safetensors"] = weights[0]
    settings = url_settings(hub, "w.safetensors", weights[0])

    def fail(*args):
        raise KeyboardInterrupt

    def interrupted():
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr("denoscope.checkpoints.fetch.write_manifest", fail)
            fetched(settings, tmp_path / "m")

    interrupted()
    fetched(settings, tmp_path / "m")
    assert len(hub.log) == 1
    interrupted()
    (left,) = (path for path in tmp_path.glob(".m.partial/*") if path.is_file())
    left.write_bytes(weights[0][:-1] + b"?")
    assert fetched(settings, tmp_path / "m")["files"]["model.safetensors"]["sha256"] == sha256(weights[0])
    assert len(hub.log) == 3


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_server_is_asked_again_after_growing_pauses(hub, tmp_path, weights, pauses, status):
    hub.files["w.safetensors"] = weights[0]
    hub.refuse = [status] * 3
    fetched(url_settings(hub, "w.safetensors", weights[0]), tmp_path / "m")
    assert len(hub.log) == 4
    assert len(pauses) == 3
    assert 0 < pauses[0] < pauses[1] < pauses[2] < 60


def test_a_server_that_stays_busy_is_left_alone(hub, tmp_path, weights, pauses):
    hub.files["w.safetensors"] = weights[0]
    hub.refuse = [429] * 100
    with pytest.raises(CheckpointError, match="HTTP Error 429.*run again to resume"):
        fetched(url_settings(hub, "w.safetensors", weights[0]), tmp_path / "m")
    assert len(pauses) == len(hub.log) - 1 == 4  # none after the last
    assert sum(pauses) < 60


def test_a_final_refusal_is_not_repeated(hub, tmp_path, weights, pauses):
    hub.refuse = [403]
    with pytest.raises(CheckpointError, match="HTTP 403"):
        fetched(url_settings(hub, "w.safetensors", weights[0]), tmp_path / "m")
    assert (len(hub.log), pauses) == (1, [])


def test_a_url_of_no_checkpoint_is_refused_before_its_download(hub, tmp_path):
    hub.files["w.gguf"] = b"x"
    with pytest.raises(CheckpointError, match="neither safetensors nor"):
        fetched(url_settings(hub, "w.gguf", b"x"), tmp_path / "m")
    assert hub.log == []


def test_a_fetched_checkpoint_can_be_fetched_from_its_folder(tmp_path, weights):
    (tmp_path / "w.pth").write_bytes(weights[1])
    first = fetched({"source": "local", "name": "m", "path": str(tmp_path / "w.pth")}, tmp_path / "a")
    again = {"source": "local", "name": "m", "path": str(tmp_path / "a")}
    second = fetched(again, tmp_path / "b")
    assert second["source"]["path"] == again["path"]
    assert list(second["files"]) == list(first["files"]) == ["model.safetensors"]
    assert_tensors(tmp_path / "b" / "model.safetensors")


def test_a_hash_of_a_folder_is_refused(tmp_path, weights):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(weights[0])
    settings = {"source": "local", "name": "m", "path": str(tmp_path / "mine"), "sha256": sha256(weights[0])}
    with pytest.raises(CheckpointError, match=r"mine is a folder.*remove checkpoint.sha256, or name the file"):
        fetched(settings, tmp_path / "m")
    settings["path"] += "/model.safetensors"
    assert fetched(settings, tmp_path / "m")["files"]["model.safetensors"]["sha256"] == sha256(weights[0])


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(CheckpointError, match="mine holds no files"):
        fetched({"source": "local", "name": "m", "path": str(tmp_path / "mine")}, tmp_path / "m")


def with_checkpoint(config, **model):
    """The small configuration with another checkpoint."""
    run = config["runs"]["digits"]
    return load_config({"runs": {"digits": {**run, "model": {"family": "edm", **model}}}})


def test_snakemake_watches_every_file_that_a_local_folder_gives(tmp_path, tiny_config):
    """A folder's own time stays as it is when a file in it is overwritten."""
    mine = tmp_path / "mine"
    shutil.copytree(ROOT / "models" / "digits-edm", mine)
    for name in ("manifest.json", "code.py", "deeper/manifest.json"):
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text("{}")

    def inputs(path):
        settings = {"source": "local", "name": "m", "path": str(path)}
        network = json.loads((mine / "config.json").read_text())["network"]
        config = with_checkpoint(tiny_config, checkpoint=settings, network=network, classes=[*"0123456789"])
        return Inputs(Jobs(config)).checkpoint(SimpleNamespace(checkpoint="m"))

    manifest = fetched({"source": "local", "name": "m", "path": str(mine)}, tmp_path / "out")
    assert inputs(mine) == sorted(str(mine / name) for name in manifest["files"])
    assert "deeper/manifest.json" in manifest["files"]
    assert inputs(mine / "model.safetensors") == [str(mine / "model.safetensors")]
    assert inputs(tmp_path / "nothing") == [str(tmp_path / "nothing")]  # so that Snakemake names it


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A copy of ``models/`` to take files from, with a model that may be trained but was not."""
    folder = tmp_path / "models"
    shutil.copytree(ROOT / "models" / "digits-edm", folder / "whole")
    (folder / "mine").mkdir()
    for name in ("config.json", "recipe.yaml"):
        shutil.copy(folder / "whole" / name, folder / "mine")
    monkeypatch.setattr("denoscope.checkpoints.bundled.MODELS", folder)
    return folder


@pytest.mark.parametrize(
    ("source", "lacking", "known"),
    [
        ("bundled", "config.json", "none"),
        ("bundled", "scores.json", "none"),
        ("bundled", "model.safetensors", "none"),
        ("trained", "config.json", "mine"),
        ("trained", "recipe.yaml", "mine"),
    ],
)
def test_an_incomplete_model_is_refused_with_the_configuration(models, tiny_config, source, lacking, known):
    checkpoint = {"source": source, "name": "whole"}
    with_checkpoint(tiny_config, checkpoint=checkpoint)
    (models / "whole" / lacking).unlink()
    with pytest.raises(ConfigError) as error:
        with_checkpoint(tiny_config, checkpoint=checkpoint)
    assert f"runs.digits.model: {models / 'whole'} has no {lacking}: add it" in str(error.value)
    assert f"models that ship here: {known}" in str(error.value)


def test_a_model_that_is_to_be_trained_needs_its_recipe_only(models, tiny_config):
    with_checkpoint(tiny_config, checkpoint={"source": "trained", "name": "mine"})
    with pytest.raises(ConfigError, match="has no model.safetensors, no scores.json: .*models that ship here: whole"):
        with_checkpoint(tiny_config, checkpoint={"source": "bundled", "name": "mine"})


@pytest.mark.parametrize("source", ["bundled", "trained"])
def test_a_missing_model_is_explained_where_the_configuration_describes_the_network(models, tiny_config, source):
    """Then nothing reads its config.json before the jobs are planned."""
    network = json.loads((models / "whole" / "config.json").read_text())["network"]
    checkpoint = {"source": source, "name": "gone"}
    config = with_checkpoint(tiny_config, checkpoint=checkpoint, network=network, classes=[*"0123456789"])
    cfg = Cfg(Jobs(config), ROOT / "scripts")
    plan = {"bundled": cfg.fetch_checkpoint, "trained": cfg.train_model}[source]
    with pytest.raises(ValueError, match="gone has no config.json, .*models that ship here: "):
        plan(SimpleNamespace(checkpoint="gone", model="gone"))


def test_local_files_and_folders(tmp_path, weights):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(weights[0])
    (tmp_path / "mine" / "config.json").write_text("{}")
    (tmp_path / "w.pth").write_bytes(weights[1])
    for path in ("mine", "w.pth"):
        fetch(
            CHECKPOINT.validate_python({"source": "local", "name": "m", "path": str(tmp_path / path)}), tmp_path / "out"
        )
        assert_tensors(tmp_path / "out" / "model.safetensors")
    for path, complaint in {"none.pth": "does not exist", "hf.gguf": "neither safetensors nor"}.items():
        (tmp_path / "hf.gguf").write_bytes(b"x")
        with pytest.raises(CheckpointError, match=complaint):
            fetch(
                CHECKPOINT.validate_python({"source": "local", "name": "m", "path": str(tmp_path / path)}),
                tmp_path / "out",
            )
    assert_tensors(tmp_path / "out" / "model.safetensors")  # a failed fetch leaves the former one


class Hostile:
    """Unpickled, it would leave a mark."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("suffix", [".bin", ".pt", ".pth", ".ckpt"])
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_hostile_pickle_is_refused_by_name_and_not_executed(tmp_path, suffix, legacy):
    mark, path = tmp_path / "mark", tmp_path / f"evil{suffix}"
    torch.save({"a": torch.ones(2), "b": Hostile(mark)}, path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CheckpointError, match=r"is refused: its pickle asks for (posix|nt)\.system"):
        convert(path, tmp_path / "out.safetensors")
    assert not mark.exists()
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_bare_hostile_pickle_is_refused(tmp_path):
    mark = tmp_path / "mark"
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Hostile(mark)))
    with pytest.raises(CheckpointError):
        convert(tmp_path / "evil.pkl", tmp_path / "out.safetensors")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"a": torch.ones(2), "ema": {"a": torch.ones(2)}, "model": {"a": torch.ones(2)}}, "it holds ema, model"),
        ([torch.ones(2)], "it holds a list"),
        ({"epoch": 3}, "it holds a dict"),
    ],
)
def test_what_holds_no_state_dict_is_explained(tmp_path, document, complaint):
    torch.save(document, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=complaint):
        convert(tmp_path / "x.pt", tmp_path / "x.safetensors")


def test_a_state_dict_one_level_down_is_found(tmp_path):
    torch.save({"epoch": 3, "state_dict": TENSORS}, tmp_path / "x.pt")
    convert(tmp_path / "x.pt", tmp_path / "x.safetensors")
    assert_tensors(tmp_path / "x.safetensors")


def test_truncated_files_are_refused(tmp_path, weights):
    for name, content in {"x.bin": weights[1], "x.safetensors": weights[0]}.items():
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(CheckpointError, match=name):
            fetch(
                CHECKPOINT.validate_python({"source": "local", "name": "m", "path": str(tmp_path / name)}),
                tmp_path / "m",
            )


def test_bundled_model_is_the_one_its_card_describes(tmp_path):
    fetch(CHECKPOINT.validate_python({"source": "bundled", "name": "digits-edm"}), tmp_path / "m")
    scores = json.loads((ROOT / "models" / "digits-edm" / "scores.json").read_text())
    entry = read_manifest(tmp_path / "m")["files"]["model.safetensors"]
    assert entry["bytes"] < 4_000_000
    assert scores["weights"] == {"sha256": entry["sha256"], "bytes": entry["bytes"]}


def test_a_changed_checkpoint_folder_is_noticed(tmp_path, weights):
    (tmp_path / "w.safetensors").write_bytes(weights[0])
    fetch(
        CHECKPOINT.validate_python({"source": "local", "name": "m", "path": str(tmp_path / "w.safetensors")}),
        tmp_path / "m",
    )
    (tmp_path / "m" / "model.safetensors").write_bytes(b"short")
    with pytest.raises(CheckpointError, match="has 5 bytes, the manifest says"):
        load_weights(torch.nn.Linear(1, 1), tmp_path / "m", torch.device("cpu"), torch.float32)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda t: t.pop("bias"), "lacks bias"),
        (lambda t: t.update(extra=torch.ones(1)), "has more than the network: extra"),
        (lambda t: t.update(weight=torch.ones(3, 2)), r"has other shapes: weight \[3, 2\] instead of \[2, 2\]"),
    ],
)
def test_every_tensor_must_fit(change, complaint):
    tensors = {"weight": torch.ones(2, 2), "bias": torch.zeros(2)}
    change(tensors)
    with torch.device("meta"):
        network = torch.nn.Linear(2, 2)
    with pytest.raises(CheckpointError, match=complaint):
        assign_weights(network, tensors, torch.float32, source="x")


def test_half_precision_files_fill_full_precision_networks():
    with torch.device("meta"):
        network = torch.nn.Linear(2, 2)
    assign_weights(
        network, {"weight": torch.ones(2, 2).half(), "bias": torch.zeros(2).half()}, torch.float32, source="x"
    )
    np.testing.assert_array_equal(network(torch.ones(1, 2)).numpy(), [[2, 2]])
    assert network.weight.dtype == torch.float32
