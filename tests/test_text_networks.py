"""The networks of text models against the published names and the references' outputs."""

import json

import pytest
import torch
from click.testing import CliRunner
from conftest import DATA
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from texts import NETWORKS, SIZE, model_folder
from transformers import AutoConfig

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.weights import load_weights
from denoscope.cli import main
from denoscope.networks.dit import MDLM, Rotary, TimestepEmbedder
from denoscope.networks.dit_config import DiTConfig
from denoscope.networks.hub_layers import CAUSAL, MASKED, OFFSET, channels, hub_layers, positions
from denoscope.networks.hub_lm import build_lm, load_lm
from denoscope.networks.importance import sharpened
from denoscope.networks.text import build_network, load_network, sequence_length
from denoscope.networks.verify import verify_network
from denoscope.taps import AttentionTap

OWT = DiTConfig()


def test_published_names_and_shapes():
    published = json.loads((DATA / "mdlm-owt.safetensors.keys.json").read_text())
    with torch.device("meta"):
        network = MDLM(OWT)
    assert {name: list(value.shape) for name, value in network.state_dict().items()} == published["tensors"]
    assert sum(p.numel() for p in network.parameters()) == published["parameters"] == 169_627_218


@pytest.mark.parametrize("vector", ["mdlm_dit_tiny", "atat_importance_tiny"])
def test_outputs_of_the_reference(vector):
    path = DATA / f"{vector}.safetensors"
    assert max(difference.relative for difference in verify_network(path)) < 1e-6
    told = CliRunner().invoke(main, ["verify-network", str(path)])
    assert told.exit_code == 0
    assert "agrees" in told.output


def test_the_time_that_the_published_model_is_told_is_nothing():
    waves = []
    embedder = TimestepEmbedder(8)
    embedder.mlp.register_forward_pre_hook(lambda module, inputs: waves.append(inputs[0]))
    embedder(torch.zeros(1))
    assert waves[0][0].tolist() == [1.0] * 128 + [0.0] * 128


def test_a_model_that_is_told_the_time_is_refused():
    with pytest.raises(ValidationError, match="would be run wrongly"):
        DiTConfig(time_conditioning=True)
    with pytest.raises(ValidationError, match=r"must be a multiple of 2 × n_heads \(24\)"):
        DiTConfig(hidden_dim=100)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_positions_keep_their_angles_in_half_precision(dtype):
    rotary = Rotary(64)
    exact = rotary(1024)
    for found, wanted in zip(rotary.to(dtype)(1024), exact, strict=True):
        assert torch.equal(found, wanted)


def test_importance_sharpens_towards_the_end():
    importance = torch.tensor([[0.25, 0.9]])
    early, late = (sharpened(importance, torch.tensor([t])) for t in (0.9, 0.0))
    assert torch.allclose(early, importance)
    assert late[0, 0] / late[0, 1] < early[0, 0] / early[0, 1]


def test_a_samples_importance_does_not_depend_on_its_batch():
    torch.manual_seed(0)
    estimator = build_network("mdlm", NETWORKS["atat"]).eval().importance
    estimator.token_frequency_prior.copy_(torch.rand(SIZE))
    tokens = torch.randint(SIZE, (3, 12))
    with torch.inference_mode():
        assert torch.allclose(estimator(tokens)[1], estimator(tokens[1:2].repeat(3, 1))[0], atol=1e-6)
        assert not torch.allclose(estimator(tokens, over_batch=True)[1], estimator(tokens)[1], atol=1e-3)


@pytest.mark.parametrize(("name", "causal"), [("masked_lm", False), ("causal_lm", True)])
def test_published_files_of_transformers_load_whatever_they_leave_out_or_add(tmp_path, name, causal):
    folder = model_folder(tmp_path / name, name)
    network = build_lm(NETWORKS[name], causal=causal)
    load_lm(network, folder, torch.device("cpu"), torch.float32)
    tokens = torch.randint(5, SIZE, (1, 8))
    expected = network.eval()(tokens).logits

    tensors = load_file(folder / "model.safetensors")
    prefix = "transformer." if causal else "roberta."
    published = {key.removeprefix(prefix) if causal else key: value for key, value in tensors.items()}
    published |= {"h.0.attn.bias" if causal else "roberta.embeddings.position_ids": torch.ones(3)}
    save_file(published, folder / "model.safetensors")
    other = build_lm(NETWORKS[name], causal=causal)
    load_lm(other, folder, torch.device("cpu"), torch.float32)
    assert torch.equal(other.eval()(tokens).logits, expected)

    save_file(dict(list(published.items())[1:]), folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="lacks"):
        load_lm(build_lm(NETWORKS[name], causal=causal), folder, torch.device("cpu"), torch.float32)


@pytest.mark.parametrize(
    ("name", "layers"),
    [("mdlm", "backbone.blocks.*"), ("masked_lm", "*.attention.self"), ("causal_lm", "transformer.h.*.attn")],
)
def test_whole_attention_matrices_are_read_and_sum_to_one(tmp_path, name, layers):
    torch.manual_seed(0)
    network = build_network(name, NETWORKS[name]).eval()
    wanted = {"mdlm": ["backbone.blocks.0", "backbone.blocks.1"]}.get(name, layers)
    tokens = torch.randint(5, SIZE, (2, 10))
    with torch.inference_mode():
        plain = network(tokens)
        with AttentionTap(network, layers=wanted, queries="each", heads="each", dtype=torch.float32) as tap:
            tapped = network(tokens)
    found = tap.take()
    assert len(found) == 2
    for (matrix,) in found.values():
        assert matrix.shape == (2, 2, 10, 10)
        assert torch.allclose(matrix.sum(-1), torch.ones(2, 2, 10), atol=1e-5)
        if name == "causal_lm":
            assert matrix.triu(1).abs().max() == 0
    logits = [found if isinstance(found, torch.Tensor) else found.logits for found in (plain, tapped)]
    assert torch.equal(*logits)


PATHS = {**MASKED, **CAUSAL}


def planned(network):
    """Layers, channels and positions, padding's among them, that the workflow plans with."""
    offset = 2 if network["model_type"] in OFFSET else 0
    return len(hub_layers(network, PATHS)), channels(network), positions(network) + offset


def made(kind, **network):
    """The same by transformers."""
    config = AutoConfig.for_model(kind, **network)
    return config.num_hidden_layers, config.hidden_size, config.max_position_embeddings


@pytest.mark.parametrize("kind", PATHS)
def test_what_a_configuration_leaves_out_is_what_transformers_takes(kind):
    assert planned({"model_type": kind}) == made(kind)
    for network in (
        {"num_hidden_layers": 3, "hidden_size": 192, "max_position_embeddings": 70},
        {"n_layer": 3, "n_embd": 192, "n_positions": 70},
        {"n_layers": 3, "dim": 192, "hidden_size": 128},
    ):
        assert planned({"model_type": kind, **network}) == made(kind, **network)


@pytest.mark.parametrize("kind", OFFSET)
def test_a_network_sees_as_many_tokens_as_are_planned(kind):
    small = {"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 16}
    network = {"model_type": kind, "vocab_size": SIZE, **small}
    tokens = torch.full((1, positions(network)), 7)
    with torch.inference_mode():
        assert build_lm(network, causal=False)(tokens).logits.shape[1] == 510


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({}, "model_type is None"),
        ({"model_type": ["gpt2"]}, "model_type is "),
        ({"model_type": "gpt2", "n_layer": "12"}, "model.network.n_layer is '12': give a whole number above 0"),
        ({"model_type": "gpt2", "n_layer": True}, "n_layer is True"),
        ({"model_type": "llama", "num_hidden_layers": 0}, "num_hidden_layers is 0"),
        ({"model_type": "gpt2", "n_layer": None}, "model.network of type gpt2 lacks n_layer"),
    ],
)
def test_layers_that_cannot_be_counted_are_explained(network, message):
    with pytest.raises(ValueError, match=message):
        hub_layers(network, CAUSAL)


def test_what_transformers_refuses_is_told_in_one_line():
    with pytest.raises(ValueError, match=r"transformers refuses .*'n_head' expected int, got str .*'x'") as error:
        build_lm({"model_type": "gpt2", "n_head": "x"}, causal=True)
    assert "\n" not in str(error.value)


def test_a_length_that_is_left_out_is_the_default_one():
    assert sequence_length("mdlm", {}) == 1024
    assert sequence_length("mdlm", NETWORKS["mdlm"]) == NETWORKS["mdlm"]["model_length"]
    assert sequence_length("masked_lm", {"model_type": "roberta"}) == 510


@pytest.mark.parametrize("name", ["mdlm", "masked_lm"])
@pytest.mark.parametrize("content", [b"", b"no weights at all", b"whole"])
def test_damaged_weights_are_named(tmp_path, name, content):
    folder = model_folder(tmp_path / name, name)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-9] if content == b"whole" else content)
    with pytest.raises(CheckpointError, match=f"{name}/model.safetensors is no whole safetensors file"):
        load_network(build_network(name, NETWORKS[name]), folder)


def test_damaged_weights_of_a_checkpoint_are_named(tmp_path):
    folder = model_folder(tmp_path / "mdlm", "mdlm")
    size = (folder / "model.safetensors").stat().st_size
    (folder / "model.safetensors").write_bytes(bytes(size))
    with pytest.raises(CheckpointError, match="mdlm/model.safetensors is no whole safetensors file"):
        load_weights(build_network("mdlm", NETWORKS["mdlm"]), folder, torch.device("cpu"), torch.float32)
