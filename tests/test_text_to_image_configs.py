"""The configurations of published text-to-image models plan what was published, without a network."""

import pytest
import torch
import yaml
from conftest import ROOT
from test_unet2d_plan import SD15, SDXL, built

import workflow
from denoscope.config import read_config
from denoscope.denoisers.stable_diffusion.lora import KOHYA, kohya_names
from denoscope.networks.unet2d_plan import UNet2DConfig
from denoscope.settings.model import AttentionShape

NAMES = ["sd15", "sd15-dmd2-1step", "sdxl", "sdxl-dmd2-1step", "sdxl-dmd2-4step", "sdxl-dmd2-lora"]
FILES = [ROOT / "config" / f"{name}.yaml" for name in NAMES]
TIMESTEPS = {
    "sd15-dmd2-fid8.35": (999,),
    "sd15-dmd2-fid9.28": (999,),
    "sdxl-dmd2-1step": (399,),
    "sdxl-dmd2-4step": (999, 749, 499, 249),
    "sdxl-dmd2-lora": (999, 749, 499, 249),
}


@pytest.fixture(scope="module")
def runs():
    """All of them in one configuration: what they share, they describe alike."""
    return read_config(*FILES).runs


def test_networks_timesteps_and_sizes_are_the_published_ones(runs):
    for name, run in runs.items():
        xl = name.startswith("sdxl")
        assert run.model.architecture == UNet2DConfig.model_validate(SDXL if xl else SD15), name
        assert run.model.size == ((1024, 1024) if xl else (512, 512))
        assert "unet" in run.model.checkpoint.folders or run.model.unet, "the UNet comes from somewhere"
        if name in TIMESTEPS:
            assert run.sampler.timesteps == TIMESTEPS[name]
            assert run.sampler.guidance == 1
    assert set(TIMESTEPS) < set(runs)
    assert runs["sdxl-dmd2-lora"].model.lora.scale == 1


def test_words_attend_at_every_cross_attention_of_the_published_networks(runs):
    """Counts of castorini/daam's and of our own reading of the architectures."""
    for name, count, grids in (("sd15", 16, {64, 32, 16, 8}), ("sdxl", 70, {64, 32})):
        layers = runs[name].word_layers()
        assert len(layers) == count
        assert {shape.grid for shape in layers.values()} == {(side, side) for side in grids}
        assert {shape.keys for shape in layers.values()} == {77}
    middle = "mid_block.attentions.0.transformer_blocks.9.attn2"
    assert runs["sdxl"].word_layers()[middle] == AttentionShape(20, (32, 32), 77)


def test_every_prompt_has_marked_words_and_as_many_seeds_as_the_others(runs):
    for run in runs.values():
        requests = [run.request(sample) for sample in range(run.samples.count)]
        counts = [sum(request["prompt"] == other["prompt"] for other in requests) for request in requests]
        assert len(set(counts)) == 1
        assert counts[0] > 1
        assert all(request["marks"] for request in requests)


def test_the_published_low_rank_changes_have_the_size_of_those_of_these_layers():
    """DMD2's file is 787,239,704 bytes: rank 64, float32, two factors and an alpha of every layer that is changed."""
    network = built(UNet2DConfig.model_validate(SDXL))
    ends = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2"]
    ends += ["conv1", "conv2", "conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv", "time_emb_proj"]
    names = kohya_names(network)
    assert all(name.startswith(KOHYA) for name in names)
    assert (
        len(set(names.values()))
        == len(names)
        == sum(isinstance(module, torch.nn.Linear | torch.nn.Conv2d) for module in network.modules())
    ), "no two layers share a name"
    changed = [network.get_parameter(f"{path}.weight") for path in names.values() if path.endswith(tuple(ends))]
    size = 4 * sum(64 * (weight.shape[0] + weight[0].numel()) + 1 for weight in changed)
    header = 787_239_704 - size
    assert len(changed) == 788
    assert 3 * 788 * 80 < header < 3 * 788 * 120, "name, type, shape and offsets of every tensor"


def test_they_are_planned_without_a_network(tmp_path):
    folder = workflow.clone(tmp_path / "clone")
    documents = [yaml.safe_load(file.read_text()) for file in FILES]
    workflow.write_config(folder, {"runs": {name: run for found in documents for name, run in found["runs"].items()}})
    planned = workflow.planned(folder)
    assert planned["fetch_checkpoint"] == 9
    assert planned["sample_shard"] == 7 * 4
    assert planned["embed_layer"] == 7 * 5
