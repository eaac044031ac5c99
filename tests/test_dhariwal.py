"""The Dhariwal UNet against the published names and the reference's outputs."""

import json

import pytest
import torch
from click.testing import CliRunner
from conftest import DATA
from pydantic import ValidationError
from safetensors import safe_open
from safetensors.torch import save_file

from denoscope.cli import main
from denoscope.networks.dhariwal import EDMPrecond, parameter_count
from denoscope.networks.dhariwal_plan import DhariwalConfig, blocks
from denoscope.networks.verify import verify_network

VECTOR = DATA / "edm_dhariwal_tiny.safetensors"
IMAGENET = DhariwalConfig(img_resolution=64, img_channels=3, label_dim=1000)


def test_published_names_and_shapes():
    published = json.loads((DATA / "dmd2-imagenet64.bin.keys.json").read_text())
    with torch.device("meta"):
        network = EDMPrecond(IMAGENET)
    ours = {name: list(value.shape) for name, value in network.state_dict().items()}
    assert ours == published["tensors"]
    assert parameter_count(network) == published["parameters"] == 295_899_267


def test_outputs_of_the_reference():
    assert max(difference.relative for difference in verify_network(VECTOR)) < 1e-5


def test_verify_network_command_accepts_and_rejects(tmp_path):
    good = CliRunner().invoke(main, ["verify-network", str(VECTOR)])
    assert good.exit_code == 0
    assert "agrees" in good.output

    with safe_open(VECTOR, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    tensors["output.denoised"] = tensors["output.denoised"] * 1.001
    save_file(tensors, tmp_path / "wrong.safetensors", metadata)
    bad = CliRunner().invoke(main, ["verify-network", str(tmp_path / "wrong.safetensors")])
    assert bad.exit_code == 1
    assert "DIFFERS" in bad.output

    (tmp_path / "no.safetensors").write_bytes(b"not a tensor file")
    unreadable = CliRunner().invoke(main, ["verify-network", str(tmp_path / "no.safetensors")])
    assert unreadable.exit_code == 2
    assert "no.safetensors" in unreadable.output


def test_every_weight_of_the_vectors_matters():
    """A network that ignored a tensor would pass the comparison of names; this one would not."""
    with safe_open(VECTOR, framework="pt") as file:
        state = {name[6:]: file.get_tensor(name) for name in file.keys() if name.startswith("state.")}  # noqa: SIM118
        x, sigma, labels = (file.get_tensor(f"input.{name}") for name in ("x", "sigma", "class_labels"))
        network = EDMPrecond(DhariwalConfig(**json.loads(file.metadata()["config"]))).eval()
    network.load_state_dict(state)
    loss = network(x, sigma, labels).square().sum()
    loss.backward()
    assert [name for name, parameter in network.named_parameters() if not parameter.grad.any()] == []


@pytest.mark.parametrize(
    ("sigma", "expected"),
    [(80.0, (3.90610e-5, 0.499990, 0.0124998, 1.0955067)), (0.5, (0.5, 0.353553, 1.414214, None))],
)
def test_preconditioning(sigma, expected):
    """Karras et al. 2022, table 1, read off a network that returns what it is given."""

    class Probe(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.map_layer0 = torch.nn.Linear(1, 1)

        def forward(self, x, noise, labels):
            self.seen = x, noise
            return torch.ones_like(x)

    precond = EDMPrecond(DhariwalConfig(img_resolution=64, img_channels=3, model_channels=64, channel_mult=(1,)))
    precond.model = Probe()
    zeros, ones = torch.zeros(1, 3, 64, 64), torch.ones(1, 3, 64, 64)
    c_out = precond(zeros, torch.tensor(sigma)).flatten()[0]
    c_skip = precond(ones, torch.tensor(sigma)).flatten()[0] - c_out
    c_in, c_noise = precond.model.seen[0].flatten()[0], precond.model.seen[1][0]
    found = (c_skip, c_out, c_in, c_noise)
    for value, wanted in zip(found, expected, strict=True):
        assert wanted is None or float(value) == pytest.approx(wanted, rel=2e-3 if wanted < 1e-4 else 1e-5)


def test_plan_names_the_layers_of_the_network_with_their_shapes():
    config = DhariwalConfig(img_resolution=16, img_channels=1, label_dim=10, model_channels=32, channel_mult=(1, 2, 2),
                            num_blocks=1, attn_resolutions=(8, 4))  # fmt: skip
    network = EDMPrecond(config).eval()
    shapes = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda m, i, o, name=name: shapes.update({name: tuple(o.shape[1:])}))
    network(torch.zeros(1, 1, 16, 16), torch.tensor(1.0), torch.eye(10)[:1])
    for block in blocks(config):
        assert shapes[f"model.{block.name}"] == block.shape
    attending = {f"model.{block.name}" for block in blocks(config) if block.attention}
    assert attending == {name.removesuffix(".qkv") for name, _ in network.named_modules() if name.endswith(".qkv")}


@pytest.mark.parametrize(
    ("change", "message"),
    [({"img_resolution": 30}, "halved"), ({"model_channels": 48, "channel_mult": (1, 1, 1, 1)}, "multiple of 64")],
)
def test_impossible_architectures_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        DhariwalConfig(**{"img_resolution": 64, "img_channels": 3, **change})


def test_the_first_convolution_has_the_first_levels_width():
    """As in the published network, also where the first level is wider than the model's channels."""
    config = DhariwalConfig(img_resolution=16, img_channels=1, model_channels=32, channel_mult=(2, 2), num_blocks=1)
    plan = blocks(config)
    assert plan[0].out_channels == 64
    network = EDMPrecond(config)
    assert network.state_dict()["model.enc.16x16_conv.weight"].shape == (64, 1, 3, 3)
    assert network(torch.zeros(1, 1, 16, 16), torch.tensor(1.0), None).shape == (1, 1, 16, 16)
