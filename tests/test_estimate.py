"""What a configuration will take, held against networks, shards and the workflow's own plan."""

import copy
import json
import subprocess
import sys

import pytest
import torch
import yaml
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from test_block_diffusion import LLADA2, configured, folders, shard  # noqa: F401 (a fixture)
from test_captioned import small
from test_recorded_words import checkpoint, order  # noqa: F401 (a fixture)
from texts import NETWORKS, model_folder

from denoscope.checkpoints.fetch import fetch
from denoscope.cli import main
from denoscope.config import ConfigError, load_config, read_config
from denoscope.config.changes import change_of
from denoscope.denoisers.edm.run import EDMModel, EDMRun
from denoscope.estimate import limits
from denoscope.estimate.activations import reduced
from denoscope.estimate.attention import word_tensors
from denoscope.estimate.memory import beside_the_model
from denoscope.estimate.run import estimate_run
from denoscope.estimate.stored import heaviest_step
from denoscope.estimate.table import lines, size
from denoscope.networks.dhariwal import EDMPrecond
from denoscope.networks.dhariwal import parameter_count as counted
from denoscope.networks.dhariwal_plan import DhariwalConfig, parameter_count
from denoscope.networks.hub_layers import MASKED
from denoscope.networks.hub_sizes import COUNTS, heads
from denoscope.networks.hub_sizes import parameter_count as hub_parameters
from denoscope.networks.text import build_network
from denoscope.networks.unet2d_plan import UNet2DConfig, attention_layers
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.shard import make_shard
from denoscope.settings.checkpoint import BundledCheckpoint
from denoscope.settings.model import AttentionShape, Model
from denoscope.settings.record import Record, RecordAttention
from denoscope.settings.run import Run
from denoscope.settings.sizes import UnknownSizeError
from denoscope.trace.schema import SAMPLES, STEPS, TENSORS
from denoscope.workflow.cfg import Cfg
from denoscope.workflow.jobs import Jobs

WAN = {f"blocks.{number}.attn2": AttentionShape(12, (21, 30, 52), 512) for number in range(30)}
"""Cross-attention of WAN 2.1 1.3B at 480×832 pixels and 81 frames."""
DIGITS = {
    "model": {"family": "edm", "checkpoint": {"source": "bundled", "name": "digits-edm"}},
    "sampler": {"name": "heun", "steps": 3, "guidance": 1.5},
    "samples": {"count": 5, "shard": 5, "batch": 2},
    "render": {"samples": 1},
}


def words(**more):
    return RecordAttention(layers=("*attn2",), words=("two", "dancing", "swans"), **more)


def test_words_of_a_film_fit_on_disk_and_beside_the_model():
    """The contract: three words of a WAN film in under 8 MB a step and 1 GB beside the model."""
    asked = words(keep=("layers",))
    tensors = list(word_tensors(WAN, 3, asked, steps=tuple(range(50)), dtype="float16"))
    maps = [tensor for tensor in tensors if tensor.kind == "attention"]
    assert sum(tensor.step_bytes for tensor in maps) == 30 * 32_760 * 4 * 2 == 7_862_400
    assert heaviest_step(tensors) == 7_862_400 + 30 * 3 * 2 < 8e6
    assert sum(tensor.bytes(1) for tensor in tensors) == 50 * 7_862_580
    assert beside_the_model(tensors, 1, attention=WAN, asked=asked, words=3) < 1e9


def test_means_over_layers_and_downsampling_are_counted():
    steps = (0, 4, 9)
    tensors = {
        tensor.name: tensor
        for tensor in word_tensors(WAN, 3, words(downsample=4), steps=steps, dtype="float16", branches=("conditional",))
    }
    assert tensors["attention/blocks.0.attn2"].shape == (21 * 8 * 13, 4)
    assert tensors["attention_mean"].steps == steps
    assert tensors["attention_total"].steps == (9,)
    assert len(tensors) == 2 * 30 + 2
    each = list(word_tensors(WAN, 3, words(heads="each"), steps=steps, dtype="float32"))
    assert each[1].shape == (12, 32_760, 4)
    assert each[1].step_bytes == 12 * 32_760 * 4 * 4


def test_limits_are_those_of_the_modules_that_need_torch():
    from denoscope.sampling.offload import QUEUED
    from denoscope.taps.activation import POOL_SIDE
    from denoscope.taps.attention_map import CHUNK_VALUES

    assert (limits.QUEUED, limits.POOL_SIDE, limits.CHUNK_VALUES) == (QUEUED, POOL_SIDE, CHUNK_VALUES)


@given(
    shape=st.one_of(
        st.tuples(st.integers(1, 9)),
        st.tuples(st.integers(1, 40), st.integers(1, 9)),
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
        st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
    ),
    reduce=st.sampled_from(["mean", "pool", "flatten"]),
)
def test_reduced_shapes_are_the_taps(shape, reduce):
    from denoscope.taps.activation import reduce_activation

    assert reduced(shape, reduce) == tuple(reduce_activation(torch.zeros(2, *shape), reduce).shape[1:])


@pytest.mark.parametrize(
    "config",
    [
        {"img_resolution": 16, "img_channels": 1, "label_dim": 10, "model_channels": 64, "channel_mult": [1, 2]},
        {"img_resolution": 64, "img_channels": 3, "label_dim": 1000, "attn_resolutions": [32, 16, 8]},
        {"img_resolution": 8, "img_channels": 2, "model_channels": 64, "channel_mult": [2, 1], "num_blocks": 1},
    ],
)
def test_parameters_of_unets_are_exact(config):
    config = DhariwalConfig.model_validate(config)
    with torch.device("meta"):
        assert parameter_count(config) == counted(EDMPrecond(config))


@pytest.mark.parametrize("name", ["mdlm", "atat"])
def test_parameters_of_transformers_are_exact(name):
    with torch.device("meta"):
        network = build_network("mdlm", NETWORKS[name])
    assert network.config.parameters() == counted(network)


SMALL = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64, "max_position_embeddings": 40}
OTHERS = {"electra": {"embedding_size": 24}, "opt": {"word_embed_proj_dim": 64, "ffn_dim": 96}, "gpt2": {"n_inner": 80}}


@pytest.mark.parametrize("kind", COUNTS)
@pytest.mark.parametrize("small", [False, True])
def test_parameters_of_hub_models_are_exact(kind, small):
    network = {"model_type": kind, "num_hidden_layers": 2} | ({**SMALL, **OTHERS.get(kind, {})} if small else {})
    family = "masked_lm" if kind in MASKED else "causal_lm"
    with torch.device("meta"):
        model = build_network(family, network)
    assert hub_parameters(network) == counted(model)
    assert heads(network) == model.config.num_attention_heads


def test_what_is_not_counted_is_unknown():
    for network in ({"model_type": "gemma2"}, {"model_type": "gpt2", "add_cross_attention": True}):
        with pytest.raises(UnknownSizeError, match="are not counted"):
            hub_parameters(network)


def test_parameters_of_llada2_are_exact():
    from transformers import Glm4MoeConfig, Glm4MoeForCausalLM

    from denoscope.networks.llada2_settings import glm_settings, llada2_parameters

    with torch.device("meta"):
        model = Glm4MoeForCausalLM(Glm4MoeConfig(**glm_settings(LLADA2)))
    assert llada2_parameters(LLADA2) == counted(model)


def made(config, weights, folder):
    """The first shard of a configuration's only run, as its job would make it."""
    jobs = Jobs(config)
    (name,) = jobs.runs
    wildcards = type("Wildcards", (), {"run": name, "shard": "000000"})()
    cfg = Cfg(jobs, ROOT / "scripts").sample_shard(wildcards)
    cfg.pop("sources")
    asked = ShardOrder(run=name, **{**cfg, "record": Record.model_validate_json(json.dumps(cfg["record"]))})
    make_shard(asked, {}, weights, folder / "000000")
    return folder / "000000" / TENSORS


def compared(name, run, path):
    """The estimate, every tensor of which is as it was written, and the size of the whole file."""
    found = estimate_run(name, run)
    with safe_open(path, framework="numpy") as file:
        written = {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118
        data = {key: file.get_tensor(key) for key in written}
    planned = {tensor.name: tensor for tensor in found.tensors}
    assert planned.keys() == written.keys()
    for key, tensor in planned.items():
        if tensor.sparse:
            assert data[key].nbytes <= tensor.bytes(run.samples.count), key
        else:
            assert written[key] == [len(tensor.steps), run.samples.count, *tensor.shape], key
            assert data[key].nbytes == tensor.bytes(run.samples.count), key
            assert str(data[key].dtype) == tensor.dtype
    return found, path.stat().st_size


@pytest.mark.parametrize(
    "record",
    [
        {"layers": ["*"], "attention": {"layers": ["*"], "queries": "mean"}},
        {
            "layers": ["*enc.*", "*dec.8x8*"],
            "reduce": "pool",
            "attention": {"layers": ["*8x8*"], "queries": "each", "heads": "each", "keys": [0, 3, 7]},
            "branches": ["conditional", "unconditional"],
            "steps": [0, 2],
            "dtype": "float32",
        },
        {"layers": ["*dec.4x4*"], "reduce": "flatten", "states": False, "verify": True},
    ],
)
def test_a_shard_of_pictures_is_as_large_as_estimated(tmp_path, record):
    config = load_config({"runs": {"digits": {**copy.deepcopy(DIGITS), "record": record}}})
    weights = fetched(tmp_path / "digits-edm")
    found, size = compared("digits", config.runs["digits"], made(config, weights, tmp_path))
    assert found.disk.tensors == pytest.approx(size, rel=0.02)
    assert found.evaluations.sample == 2 * (2 * 3 - 1)
    tables = sum((tmp_path / "000000" / name).stat().st_size for name in (SAMPLES, STEPS))
    assert found.disk.tables == pytest.approx(tables, rel=0.5)


def fetched(folder):
    """The bundled digits as the workflow fetches them."""
    fetch(BundledCheckpoint(source="bundled", name="digits-edm"), folder)
    return folder


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("mdlm", {"name": "ddpm", "steps": 4}),
        ("mdlm", {"name": "ddpm_cache", "steps": 20}),
        ("atat", {"name": "uncertainty", "steps": 4}),
        ("masked_lm", {"name": "remask-count", "steps": 3}),
        ("causal_lm", {"name": "left-to-right", "new_tokens": 4}),
    ],
)
def test_a_shard_of_texts_is_as_large_as_estimated(tmp_path, name, sampler):
    folder = model_folder(tmp_path / name, name)
    run = {
        "model": {
            "family": "mdlm" if name == "atat" else name,
            "checkpoint": {"source": "local", "name": name, "path": str(folder)},
        },
        "sampler": sampler,
        "length": 16,
        "prompts": ["The function"],
        "samples": {"count": 5, "shard": 5, "batch": 2},
        "record": {
            "layers": ["*"],
            "reduce": "flatten",
            "tokens": ["*.1"],
            "attention": {"layers": ["*"], "queries": "each", "heads": "each"},
        },
        "alternatives": {"top": 3, "lens": True},
    }
    config = load_config({"runs": {name: run}})
    found, size = compared(name, config.runs[name], made(config, folder, tmp_path / "trace"))
    if found.reuses:
        assert found.disk.tensors >= size
    else:
        assert found.disk.tensors == pytest.approx(size, rel=0.02)
    assert not found.unknown


@pytest.mark.parametrize("kind", ["llada2", "gemma"])
def test_a_shard_of_blocks_is_as_large_as_estimated(folders, tmp_path, kind):  # noqa: F811
    record = {"layers": ["*"], "attention": {"layers": ["*"], "queries": "each", "heads": "each"}}
    samples = {"count": 3, "shard": 3, "batch": 3}
    run = configured(kind, record=record, samples=samples, alternatives={"top": 3, "lens": True})
    shard(run, folders, kind, tmp_path)
    found, size = compared("r", run, tmp_path / "000000" / TENSORS)
    assert found.disk.tensors >= size
    assert list(found.unknown) == ([] if kind == "llada2" else ["parameters"])
    assert found.memory.host is None or kind == "llada2"


@pytest.mark.parametrize(
    ("attention", "branches"),
    [
        ({}, ["conditional"]),
        ({"heads": "each", "keep": ["layers"]}, ["conditional", "unconditional"]),
        ({"downsample": 3}, ["conditional"]),
        ({"keep": ["mean"], "words": ["a", {"group": "padding"}]}, ["conditional", "unconditional"]),
    ],
)
def test_words_of_a_shard_are_as_large_as_estimated(tmp_path, checkpoint, attention, branches):  # noqa: F811
    asked = order(checkpoint, attention, branches=branches)
    config = UNet2DConfig.model_validate(json.loads(small()[0])["network"]["unet"])
    shapes = {x.name: x for x in attention_layers(config) if x.reads_text}
    layers = {name: AttentionShape(shapes[name].heads, asked.grids[name], 77) for name in asked.attention_layers}
    planned = {
        tensor.name: tensor
        for tensor in word_tensors(
            layers,
            asked.columns,
            asked.record.attention,
            steps=tuple(range(asked.steps)),
            dtype=asked.record.dtype,
            branches=branches,
        )
    }
    make_shard(asked, {}, checkpoint, tmp_path / "000000")
    with safe_open(tmp_path / "000000" / TENSORS, framework="numpy") as file:
        written = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    ours = {key for key in written if not key.startswith(("states", "previews"))}
    assert planned.keys() == ours
    for name, tensor in planned.items():
        assert written[name].shape == (len(tensor.steps), 2, *tensor.shape), name
        assert written[name].nbytes == tensor.bytes(2), name


def test_a_familys_silence_is_unknown_and_not_nothing(monkeypatch):
    for name in ("guided", "step_tensors", "attention_shapes"):
        monkeypatch.setattr(EDMRun, name, getattr(Run, name))
    monkeypatch.setattr(EDMModel, "parameters", Model.parameters)
    run = load_config({"runs": {"digits": {**DIGITS, "record": {"layers": ["*"]}}}}).runs["digits"]
    found = estimate_run("digits", run)
    assert found.unknown.keys() == {"states", "parameters", "evaluations"}
    assert found.evaluations is found.memory.host is found.memory.beside is found.memory.device is None
    told = "\n".join(lines(found))
    assert "processor: unknown" in told
    assert "accelerator: unknown" in told
    assert "what is known: " in told
    assert "unknown    parameters: the family edm does not count its network's parameters" in told
    assert any(tensor.kind == "activations" for tensor in found.tensors)


LOCAL = {"checkpoint": {"source": "local", "name": "mine", "path": "."}}


@pytest.mark.parametrize(
    ("name", "model", "encoder"),
    [
        ("sd15", {}, 123_060_480),
        ("sdxl", {}, 123_060_480 + 694_659_840),
        ("wan-1.3b", {}, 5_680_910_336),
        ("sd15", {"network": {"sample_size": 96, "cross_attention_dim": 1024}}, None),
        ("sd15", LOCAL, None),
        ("sdxl", LOCAL, None),
        ("wan-1.3b", LOCAL, None),
    ],
)
def test_companions_are_counted_where_they_are_known(name, model, encoder):
    described = yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))["runs"][name]
    run = load_config({"runs": {name: {**described, "model": {**described["model"], **model}}}}).runs[name]
    found = estimate_run(name, run)
    if encoder is None:
        assert found.memory.companions is found.memory.host is found.memory.device is None
        assert "are not known, and not counted" in found.unknown["companions"]
    else:
        itemsize = {"float32": 4, "float16": 2, "bfloat16": 2}[run.dtype]
        assert found.memory.companions["text encoder"] == encoder * itemsize
        loaded = found.memory.network + sum(found.memory.companions.values())
        assert found.memory.device == loaded + found.memory.beside


def cli(*arguments):
    return CliRunner().invoke(main, ["estimate", *map(str, arguments)])


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_estimated(path):
    told = cli("--configfile", path)
    assert told.exit_code == 0, told.output
    for name in read_config(path).runs:
        assert f"{name}: " in told.output
    assert "in all: " in told.output


def test_three_words_at_every_layer_of_a_published_film_are_told_to_fit():
    record = '{steps: all, attention: {layers: ["*.attn2"], words: marked, keep: [layers]}}'
    told = cli(
        "--configfile", ROOT / "config" / "wan-1.3b.yaml", "--config", f"runs.wan-1.3b.record={record}", "--json"
    )
    run = json.loads(told.output)["runs"]["wan-1.3b"]
    kept = {name: tensor for name, tensor in run["tensors"].items() if name.startswith(("attention/", "shares/"))}
    assert len(kept) == 60
    assert sum(tensor["step_bytes"] for tensor in kept.values()) < 8e6
    assert run["memory"]["beside"] < 1e9


def test_json_holds_what_the_table_says():
    told = json.loads(cli("--configfile", ROOT / "config" / "config.yaml", "--json").output)
    digits = told["runs"]["digits"]
    assert digits["tensors"]["states"] == {
        "shape": [1, 16, 16],
        "dtype": "float16",
        "steps": 19,
        "step_bytes": 512,
        "bytes": 512 * 19 * 400,
        "at_most": False,
    }
    assert digits["evaluations"]["samples"] == 70 * 400
    assert digits["memory"]["device"] == digits["memory"]["network"] + digits["memory"]["beside"]
    assert told["total"]["trace_bytes"] == sum(run["disk"]["total"] for run in told["runs"].values())


def test_changes_are_made_as_on_snakemakes_command_line():
    path = ROOT / "config" / "dmd2-imagenet64.yaml"
    arguments = ("--json", "--config", "runs.dmd2-fid1.28.samples.count=700", "runs.dmd2-fid1.28.samples.batch=70")
    told = json.loads(cli("--configfile", path, *arguments).output)["runs"]
    assert told["dmd2-fid1.28"]["samples"] == 700
    assert told["dmd2-fid1.28"]["batch"] == 70
    assert told["dmd2-fid1.51"]["samples"] == 5000


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("runs.digits.samples.count=many", "runs.digits.samples.count: 'many' is wrong"),
        ("runs.digits.record.steps=[99]", "step 99 is out of range"),
        ("runs.digits.samples", "is no key=value"),
        ("runs..samples=1", "is no key=value"),
        ("runs.digits.samples.count=[1", "is no YAML"),
    ],
)
def test_a_bad_configuration_is_refused_as_by_other_commands(change, complaint):
    told = cli("--configfile", ROOT / "config" / "config.yaml", "--config", change)
    assert told.exit_code == 2
    assert complaint in told.output


def test_keys_with_dots_are_found():
    config = {"runs": {"a.b": {"seed": 1}}}
    assert change_of("runs.a.b.seed=2", config) == {"runs": {"a.b": {"seed": 2}}}
    assert change_of("runs.c.seed=2", config) == {"runs": {"c": {"seed": 2}}}
    with pytest.raises(ConfigError):
        change_of("=2", config)


def test_no_torch_is_needed():
    code = (
        "import sys; from denoscope.cli import main; "
        f"main(['estimate', '--configfile', {str(ROOT / 'config' / 'config.yaml')!r}], standalone_mode=False); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (7_862_580, "7.86 MB"), (12_345, "12.3 kB"), (999_999, "1.00 MB")],
)
def test_sizes_have_three_digits(count, told):
    assert size(count) == told
