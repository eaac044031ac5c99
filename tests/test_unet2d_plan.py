"""The plan of diffusers' UNet is what diffusers builds and runs."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from pydantic import ValidationError

from denoscope.networks.unet2d_count import parameter_count
from denoscope.networks.unet2d_plan import UNet2DConfig, attention_layers, modules
from denoscope.taps import ActivationTap, AttentionTap

SD15 = {"cross_attention_dim": 768}
SDXL = {
    "sample_size": 128,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "block_out_channels": [320, 640, 1280],
    "cross_attention_dim": 2048,
    "attention_head_dim": [5, 10, 20],
    "transformer_layers_per_block": [1, 2, 10],
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
PARAMETERS = {"sd15": (SD15, 859_520_964), "sdxl": (SDXL, 2_567_463_684)}
TINY = {
    "sample_size": 16,
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"],
    "block_out_channels": [8, 16, 24],
    "layers_per_block": 1,
    "cross_attention_dim": 12,
    "attention_head_dim": [2, 4, 3],
    "transformer_layers_per_block": [1, 1, 2],
    "norm_num_groups": 4,
}


def built(config):
    with torch.device("meta"):
        return UNet2DConditionModel.from_config(config.model_dump(mode="json"))


@pytest.mark.parametrize("layers", [1, 2])
def test_parameters_of_any_network_are_counted(layers):
    config = UNet2DConfig.model_validate({**TINY, "layers_per_block": layers})
    assert parameter_count(config) == sum(parameter.numel() for parameter in built(config).parameters())


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_published_networks_have_the_planned_modules(name):
    raw, parameters = PARAMETERS[name]
    config = UNet2DConfig.model_validate(raw)
    network = built(config)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters == parameter_count(config)
    kinds = {"ResnetBlock2D", "Transformer2DModel", "Downsample2D", "Upsample2D"}
    assert not list(network.named_buffers()), "so that every tensor of the network is one of its checkpoint"
    there = {path for path, module in network.named_modules() if type(module).__name__ in kinds}
    assert {module.name for module in modules(config)} == there
    attending = {path for path, module in network.named_modules() if type(module).__name__ == "Attention"}
    layers = {layer.name: layer for layer in attention_layers(config)}
    assert layers.keys() == attending
    for path, layer in layers.items():
        attention = network.get_submodule(path)
        width = config.cross_attention_dim if layer.reads_text else attention.to_q.in_features
        assert (attention.heads, attention.to_k.in_features) == (layer.heads, width)


PUBLISHED = {  # what else the config.json of the published UNets says
    "act_fn": "silu",
    "addition_embed_type_num_heads": 64,
    "center_input_sample": False,
    "class_embed_type": None,
    "conv_in_kernel": 3,
    "conv_out_kernel": 3,
    "downsample_padding": 1,
    "dual_cross_attention": False,
    "encoder_hid_dim": None,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "mid_block_scale_factor": 1,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "norm_eps": 1e-05,
    "num_attention_heads": None,
    "num_class_embeds": None,
    "only_cross_attention": False,
    "resnet_time_scale_shift": "default",
    "time_cond_proj_dim": None,
    "time_embedding_type": "positional",
}


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_described_networks_are_the_published_ones_tensor_for_tensor(name):
    raw, _ = PARAMETERS[name]
    with torch.device("meta"):
        published = UNet2DConditionModel.from_config({**raw, **PUBLISHED})
    ours, theirs = (network.state_dict() for network in (built(UNet2DConfig.model_validate(raw)), published))
    assert {key: value.shape for key, value in ours.items()} == {key: value.shape for key, value in theirs.items()}


@pytest.mark.parametrize("size", [None, (16, 24), (9, 14), (7, 3)])
def test_shapes_are_what_runs(size):
    config = UNet2DConfig.model_validate(TINY)
    torch.manual_seed(0)
    network = UNet2DConditionModel.from_config(config.model_dump(mode="json")).eval()
    planned = {module.name: module.shape for module in modules(config, size)}
    attending = {layer.name: layer for layer in attention_layers(config, size)}
    text = torch.randn(2, 5, 12)
    with (
        torch.no_grad(),
        ActivationTap(network, layers=tuple(planned), reduce="flatten") as activations,
        AttentionTap(network, layers=tuple(attending), heads="each") as attention,
    ):
        network(torch.randn(2, 4, *(size or (16, 16))), 7, text)
    ran = activations.take()
    assert list(ran) == list(planned), "in the order in which they run"
    for name, (record,) in ran.items():
        assert record.shape[1] == torch.Size(planned[name]).numel()
    for name, (record,) in attention.take().items():
        layer = attending[name]
        queries = layer.grid[0] * layer.grid[1]
        assert record.shape == (2, layer.heads, queries, 5 if layer.reads_text else queries)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"attention_head_dim": [2, 4]}, "attention_head_dim has 2 entries for 3 levels"),
        ({"addition_embed_type": "text_time"}, "they are None and None"),
        (
            {
                "addition_embed_type": "text_time",
                "addition_time_embed_dim": 8,
                "projection_class_embeddings_input_dim": 48,
            },
            "they are 8 and 48",
        ),
        ({"attention_head_dim": 5}, "8 channels of level 0 do not divide among 5 heads"),
        ({"down_block_types": ["AttnDownBlock2D"] * 3}, "down_block_types"),
    ],
)
def test_what_does_not_fit_is_told(change, told):
    with pytest.raises(ValidationError, match=told):
        UNet2DConfig.model_validate({**TINY, **change})
