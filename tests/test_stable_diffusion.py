"""Stable Diffusion and SDXL: the same pictures as diffusers' own pipelines make, with every step seen."""

import json
import shutil

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from safetensors.torch import load_file, save_file
from test_captioned import small
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import file_entry, write_manifest
from denoscope.checkpoints.pretrained import pretrained
from denoscope.config import ConfigError
from denoscope.config.model import load_config
from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample, Unrecorded
from denoscope.denoisers.stable_diffusion.denoiser import load
from denoscope.denoisers.stable_diffusion.lora import fuse
from denoscope.denoisers.stable_diffusion.preview import linear_preview, preview
from denoscope.scenes.scene import all_captions
from denoscope.taps import AttentionTap
from denoscope.training.captioned.pipeline import new_pipeline, new_tokenizer
from denoscope.words.columns import columns_of

PROMPTS = ["a red circle", "a blue square left of a green triangle"]
CAPTIONS = [str(caption) for caption in all_captions()]
POOLED, SIZE_CHANNELS = 10, 4
UNET = {
    "sample_size": 8,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "block_out_channels": [8, 8, 16],
    "layers_per_block": 1,
    "cross_attention_dim": 8,
    "attention_head_dim": 4,
    "norm_num_groups": 4,
}
SAMPLERS = {
    "ddim": {"name": "ddim", "steps": 4, "guidance": 3.0},
    "ddim with fresh noise": {"name": "ddim", "steps": 4, "guidance": 3.0, "eta": 0.7},
    "ddim without guidance": {"name": "ddim", "steps": 3, "guidance": 1.0},
    "euler": {"name": "euler", "steps": 4, "guidance": 2.0, "negative": "a black square"},
    "empty negative": {"name": "ddim", "steps": 2, "guidance": 2.0, "negative": ""},
    "few-step": {"name": "few-step"},
    "one step": {"name": "few-step", "timesteps": [399]},
}
SCHEDULERS = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "few-step": LCMScheduler}


def described(*, xl):
    """``config.json`` of a very small checkpoint."""
    network = json.loads(small()[0])["network"]
    network["unet"] = dict(UNET)
    network["scheduler"] |= {"prediction_type": "epsilon", "rescale_betas_zero_snr": False}
    if xl:
        network["text_encoder_2"] = network["text_encoder"] | {"hidden_size": 12, "projection_dim": POOLED}
        network["unet"] |= {
            "cross_attention_dim": 20,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": SIZE_CHANNELS,
            "projection_class_embeddings_input_dim": POOLED + 6 * SIZE_CHANNELS,
        }
    return {"family": "stable_diffusion", "network": network}


def saved(target, *, xl):
    """A checkpoint with random weights, as fetched."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = described(xl=xl)
    pipeline = new_pipeline(config["network"], CAPTIONS)
    if xl:
        second = config["network"]["text_encoder_2"]
        ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
        tokenizer = new_tokenizer(CAPTIONS, second["vocab_size"], second["max_position_embeddings"])
        pipeline = StableDiffusionXLPipeline(
            **{name: getattr(pipeline, name) for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler")},
            text_encoder_2=CLIPTextModelWithProjection(CLIPTextConfig(**second, **ends)),
            tokenizer_2=tokenizer,
        )
    pipeline.save_pretrained(target)
    (target / "config.json").write_text(json.dumps(config))
    write_manifest(target, {"source": "test"}, "CC0", {})
    return target


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("sd") / "checkpoint", xl=False)


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("sdxl") / "checkpoint", xl=True)


def a_run(folder, sampler, model=None, **others):
    """A run of the checkpoint in ``folder``, as configured."""
    checkpoint = {"source": "local", "name": "checkpoint", "path": str(folder)}
    run = {
        "model": {"family": "stable_diffusion", "checkpoint": checkpoint, **(model or {})},
        "sampler": sampler,
        "prompts": PROMPTS,
        "previews": "decoded",
        "samples": {"count": 2},
        **others,
    }
    return load_config({"runs": {"a": run}}).runs["a"]


def loaded(folder, sampler, model=None, **others):
    settings = a_run(folder, sampler, model, **others).family_settings()
    return load(json.loads(json.dumps(settings)), folder, torch.device("cpu"), torch.float32)


def samples():
    return [Sample(n, sample_seed(3, n), {"prompt": prompt}) for n, prompt in enumerate(PROMPTS)]


def ours(made):
    with torch.inference_mode():
        steps = list(made.sample(samples(), Unrecorded()))
        return steps, made.previews(steps[-1])["previews/state"]


def theirs(pipeline, sampler, **asked):
    """The latents after every step and the pictures of diffusers' pipeline."""
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = SCHEDULERS[sampler["name"]].from_config(pipeline.scheduler.config)
    few = sampler["name"] == "few-step"
    times = sampler.get("timesteps", [999, 749, 499, 249])
    seen = []
    pictures = pipeline(
        PROMPTS,
        guidance_scale=sampler.get("guidance", 1.0),
        negative_prompt=[sampler["negative"]] * 2 if "negative" in sampler else None,
        generator=[torch.Generator().manual_seed(sample.seed) for sample in samples()],
        output_type="np",
        callback_on_step_end=lambda pipe, step, time, found: seen.append(found["latents"].clone()) or found,
        **({"timesteps": times} if few else {"num_inference_steps": sampler["steps"]}),
        **({"eta": sampler["eta"]} if "eta" in sampler else {}),
        **asked,
    ).images
    return seen, pictures


def assert_same(made, expected):
    (steps, picture), (latents, pictures) = made, expected
    assert len(steps) == len(latents) + 1
    for found, wanted in zip(steps[1:], latents, strict=True):
        assert torch.allclose(found.state, wanted, atol=1e-4 * wanted.abs().max())
    assert np.abs(picture.numpy() / 255 - pictures).max() < 2 / 255
    assert steps[-1].x0 is None
    assert all(step.x0.shape == step.state.shape for step in steps[:-1])


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_pictures_are_those_of_the_pipeline(folder, name):
    sampler = SAMPLERS[name]
    expected = theirs(StableDiffusionPipeline.from_pretrained(folder), sampler)
    assert_same(ours(loaded(folder, sampler)), expected)


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_pictures_are_those_of_the_sdxl_pipeline(xl_folder, name):
    sampler = SAMPLERS[name]
    expected = theirs(StableDiffusionXLPipeline.from_pretrained(xl_folder), sampler)
    assert_same(ours(loaded(xl_folder, sampler)), expected)


def test_sizes_that_sdxl_is_told_are_those_of_the_pipeline(xl_folder):
    sampler = SAMPLERS["ddim"]
    sizes = {"original": [48, 20], "crop": [3, 5], "target": [64, 32]}
    asked = {"original_size": (48, 20), "crops_coords_top_left": (3, 5), "target_size": (64, 32)}
    pipeline = StableDiffusionXLPipeline.from_pretrained(xl_folder)
    told = ours(loaded(xl_folder, sampler, sizes=sizes))
    assert_same(told, theirs(pipeline, sampler, **asked))
    assert not torch.allclose(told[0][-1].state, ours(loaded(xl_folder, sampler))[0][-1].state, atol=1e-4)


def test_an_sdxl_pipeline_may_want_an_encoded_empty_prompt(xl_folder, tmp_path):
    other = shutil.copytree(xl_folder, tmp_path / "checkpoint")
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"force_zeros_for_empty_prompt": False}))
    sampler = SAMPLERS["ddim"]
    found = ours(loaded(other, sampler))
    assert_same(found, theirs(StableDiffusionXLPipeline.from_pretrained(other), sampler))
    assert not torch.allclose(found[0][-1].state, ours(loaded(xl_folder, sampler))[0][-1].state, atol=1e-4)


@pytest.mark.parametrize("xl", [False, True])
@pytest.mark.parametrize(("height", "width"), [(32, 48), (20, 36)])
def test_pictures_of_any_size_are_those_of_the_pipeline(folder, xl_folder, xl, height, width):
    """The second size is one whose latents do not halve evenly."""
    where, kind = (xl_folder, StableDiffusionXLPipeline) if xl else (folder, StableDiffusionPipeline)
    pipeline = kind.from_pretrained(where)
    pipeline.check_inputs = lambda *args, **options: None  # it wants multiples of 8, whatever the autoencoder
    expected = theirs(pipeline, SAMPLERS["few-step"], height=height, width=width)
    made = loaded(where, SAMPLERS["few-step"], {"height": height, "width": width})
    assert_same(ours(made), expected)
    assert expected[1].shape[1:3] == (height, width)


def test_words_attend_from_the_planned_grid(xl_folder):
    size = {"height": 20, "width": 36}
    planned = a_run(xl_folder, SAMPLERS["few-step"], size).word_layers()
    made = loaded(xl_folder, SAMPLERS["few-step"], size)
    with torch.inference_mode(), AttentionTap(made.network, layers=tuple(planned), heads="each") as tap:
        next(iter(made.sample(samples(), Unrecorded())))
    assert planned
    for layer, (record,) in tap.take().items():
        shape = planned[layer]
        assert record.shape == (2, shape.heads, shape.queries, shape.keys)
    assert {shape.grid for shape in planned.values()} == {(3, 5), (2, 3)}


def test_a_sample_depends_on_its_seed_and_prompt_alone(folder):
    made = loaded(folder, {"name": "few-step"})
    with torch.inference_mode():
        both = list(made.sample(samples(), Unrecorded()))[-1].state
        second = list(made.sample(samples()[1:], Unrecorded()))[-1].state
    assert torch.allclose(both[1:], second, atol=1e-4)


def test_previews_are_as_large_as_pictures(folder):
    made = loaded(folder, {"name": "ddim", "steps": 2}, {"width": 48}, previews="linear")
    with torch.inference_mode():
        pictures = [made.previews(step) for step in made.sample(samples(), Unrecorded())]
    shapes = {value.shape for found in pictures for value in found.values()}
    assert shapes == {(2, 32, 48, 3)}


def test_the_linear_preview_follows_the_decoder():
    class Decoder(torch.nn.Module):
        """Doubles the side of a linear map of the latents."""

        def __init__(self):
            super().__init__()
            self.map = torch.nn.Conv2d(4, 3, 1)
            self.config = type("config", (), {"latent_channels": 4, "scaling_factor": 0.5})

        def decode(self, latents):
            return type("told", (), {"sample": torch.nn.functional.interpolate(self.map(latents), scale_factor=2)})

    made = Decoder().requires_grad_(False)
    latents = torch.randn(2, 4, 8, 8)
    assert torch.allclose(preview(latents, linear_preview(made), 2), made.decode(latents / 0.5).sample, atol=1e-4)


def test_pictures_are_decoded_in_parts_that_fit_into_memory(folder, monkeypatch):
    made = loaded(folder, {"name": "few-step"})
    _, whole = ours(made)
    counts = []
    decode = made.parts.autoencoder.decode
    monkeypatch.setattr("denoscope.denoisers.stable_diffusion.denoiser.PIXELS", 32 * 32)
    monkeypatch.setattr(made.parts.autoencoder, "decode", lambda part: counts.append(len(part)) or decode(part))
    _, parts = ours(made)
    assert counts == [1, 1]
    assert (whole.int() - parts.int()).abs().max() <= 1


def test_a_checkpoint_that_lacks_a_tensor_is_refused(folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    path = next((broken / "unet").glob("*.safetensors"))
    tensors = load_file(path)
    tensors.pop("conv_in.weight")
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"unet: missing keys: conv_in.weight"):
        loaded(broken, {"name": "ddim"})


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder_2", "tokenizer_2", "scheduler"])
def test_a_missing_folder_is_named(xl_folder, tmp_path, part):
    less = shutil.copytree(xl_folder, tmp_path / "less")
    shutil.rmtree(less / part)
    with pytest.raises(CheckpointError, match=rf"{part}.*fetch the .*{part} folder of the checkpoint"):
        loaded(less, {"name": "ddim"})


def test_counters_that_old_releases_saved_are_no_weights(folder, tmp_path):
    """Stable Diffusion 1.5's text encoder has one."""
    old = shutil.copytree(folder, tmp_path / "old")
    path = next((old / "text_encoder").glob("*.safetensors"))
    tensors = load_file(path)
    place = next(name for name in tensors if name.endswith("position_embedding.weight")).rpartition("position_")[0]
    save_file(tensors | {f"{place}position_ids": torch.arange(16)[None]}, path, metadata={"format": "pt"})
    assert torch.equal(ours(loaded(old, {"name": "few-step"}))[1], ours(loaded(folder, {"name": "few-step"}))[1])


def test_old_names_of_an_autoencoders_attention_are_read(tmp_path):
    """Stable Diffusion 1.5's has them."""
    made = AutoencoderKL(block_out_channels=(4,), norm_num_groups=2)
    made.save_pretrained(tmp_path)
    path = next(tmp_path.glob("*.safetensors"))
    names = {"to_q.": "query.", "to_k.": "key.", "to_v.": "value.", "to_out.0.": "proj_attn."}
    tensors = load_file(path)
    for new, old in names.items():
        tensors = {name.replace(f"attentions.0.{new}", f"attentions.0.{old}"): value for name, value in tensors.items()}
    assert sum("proj_attn" in name for name in tensors) == 4
    save_file(tensors, path, metadata={"format": "pt"})
    found = pretrained(AutoencoderKL, tmp_path, torch.device("cpu"), torch.float32)
    for name, value in made.state_dict().items():
        assert torch.equal(found.state_dict()[name], value)


def test_a_network_of_another_description_is_refused(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["network"]["unet"]["attention_head_dim"] = [2, 2, 4]
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r"attention_head_dim is \[4, 4, 4\], described as \[2, 2, 4\]"):
        loaded(other, {"name": "ddim"})


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("vae", {"block_out_channels": [4, 4]}, "4 pixels a latent, planned were 2"),
        ("text_encoder", {"max_position_embeddings": 8}, "reads 16 tokens, planned were 8"),
    ],
)
def test_what_was_planned_with_other_numbers_is_refused(folder, tmp_path, part, change, told):
    other = shutil.copytree(folder, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["network"][part] |= change
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=told):
        loaded(other, {"name": "ddim"})


def test_words_are_found_among_the_tokens_that_the_network_reads(folder):
    made = loaded(folder, {"name": "ddim"})
    tokens = made.prompt_tokens(samples()[1])
    assert len(tokens.ids) == 16
    assert [tokens.names[c] for c in columns_of("green triangle", tokens)] == ["green</w>", "triangle</w>"]


def test_tokens_of_the_other_pass_are_the_negative_prompts(folder, xl_folder):
    against = loaded(folder, {"name": "ddim", "guidance": 2.0, "negative": "a black square"}).negative_tokens()
    assert [against.names[c] for c in against.real] == ["a</w>", "black</w>", "square</w>"]
    empty = loaded(folder, {"name": "ddim", "guidance": 2.0}).negative_tokens()
    assert (empty.real, sum(empty.special), sum(empty.padding)) == ((), 2, 14)
    zeros = loaded(xl_folder, {"name": "ddim", "guidance": 2.0}).negative_tokens()
    assert (zeros.real, sum(zeros.padding)) == ((), len(zeros.ids))


def alone(folder, name, tensors):
    """A checkpoint beside ``folder`` that is one file of tensors."""
    target = folder.with_name(name)
    target.mkdir()
    save_file(tensors, target / "model.safetensors")
    write_manifest(target, {"source": "test"}, "CC0", {"model.safetensors": file_entry(target / "model.safetensors")})
    return {"source": "local", "name": name, "path": str(target)}


def test_the_unet_may_come_from_elsewhere(xl_folder, tmp_path):
    base = shutil.copytree(xl_folder, tmp_path / "checkpoint")
    pipeline = StableDiffusionXLPipeline.from_pretrained(xl_folder)
    torch.manual_seed(1)
    for parameter in pipeline.unet.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    unet = alone(base, "distilled", pipeline.unet.state_dict())
    shutil.rmtree(base / "unet")
    model = {"unet": unet}
    assert [checkpoint.name for checkpoint in a_run(base, {"name": "few-step"}, model).model.checkpoints()] == [
        "checkpoint",
        "distilled",
    ]
    assert_same(ours(loaded(base, {"name": "few-step"}, model)), theirs(pipeline, SAMPLERS["few-step"]))


def test_every_tensor_of_a_unet_from_elsewhere_fits(xl_folder, tmp_path):
    base = shutil.copytree(xl_folder, tmp_path / "checkpoint")
    tensors = load_file(next((base / "unet").glob("*.safetensors")))
    tensors.pop("conv_in.bias")
    model = {"unet": alone(base, "distilled", tensors)}
    with pytest.raises(CheckpointError, match=r"distilled lacks conv_in.bias"):
        loaded(base, {"name": "few-step"}, model)


def changed(tensors, rank=2, alpha=1.0):
    """Random changes of some layers in kohya's names, and by hand the weights that they make at scale 0.5."""
    generator = torch.Generator().manual_seed(2)
    chosen = [
        "conv_in",
        "mid_block.attentions.0.proj_in",
        "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0",
        "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj",
        "down_blocks.0.resnets.0.time_emb_proj",
    ]
    lora, weights = {}, dict(tensors)
    for path in chosen:
        weight = tensors[f"{path}.weight"]
        down = torch.randn(rank, *weight.shape[1:], generator=generator)
        up = torch.randn(weight.shape[0], rank, *[1] * (weight.dim() - 2), generator=generator)
        name = f"lora_unet_{path.replace('.', '_')}"
        lora |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up, f"{name}.alpha": torch.tensor(alpha)}
        product = torch.einsum("or,ri->oi", up.flatten(1), down.flatten(1))
        weights[f"{path}.weight"] = weight + 0.5 * alpha / rank * product.reshape(weight.shape)
    return lora, weights


def test_low_rank_changes_are_those_computed_by_hand(xl_folder, tmp_path):
    base = shutil.copytree(xl_folder, tmp_path / "checkpoint")
    lora, expected = changed(load_file(next((base / "unet").glob("*.safetensors"))))
    model = {"lora": {"checkpoint": alone(base, "lora", lora), "scale": 0.5}}
    run = a_run(base, {"name": "few-step"}, model)
    assert [checkpoint.name for checkpoint in run.model.checkpoints()] == ["checkpoint", "lora"]
    assert "changed by lora × 0.5" in run.facts()["Network"]
    found = loaded(base, {"name": "few-step"}, model).network.state_dict()
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.allclose(found[name], value, atol=1e-6), name


def test_low_rank_changes_are_those_that_peft_makes(xl_folder):
    pipeline = StableDiffusionXLPipeline.from_pretrained(xl_folder)
    mine = StableDiffusionXLPipeline.from_pretrained(xl_folder).unet
    lora, _ = changed(pipeline.unet.state_dict())
    pipeline.load_lora_weights(dict(lora))
    pipeline.fuse_lora(lora_scale=0.5)
    fuse(mine, lora, 0.5, source="x")
    theirs = {
        name.replace(".base_layer", ""): value
        for name, value in pipeline.unet.state_dict().items()
        if "lora_" not in name
    }
    for name, value in mine.state_dict().items():
        assert torch.allclose(theirs[name], value, atol=1e-6), name


def a_network():
    return torch.nn.ModuleDict(
        {"first": torch.nn.ModuleList([torch.nn.Linear(3, 2)]), "conv": torch.nn.Conv2d(3, 2, 3)}
    )


@pytest.mark.parametrize("prefix", ["", "unet."])
def test_changes_in_the_names_of_peft_are_read(prefix):
    network = a_network()
    before = network.first[0].weight.clone()
    down, up = torch.randn(1, 3), torch.randn(2, 1)
    names = {f"{prefix}first.0.lora_A.weight": down, f"{prefix}first.0.lora_B.weight": up}
    fuse(network, names, 2.0, source="x")
    assert torch.allclose(network.first[0].weight, before + 2 * up @ down)


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        (
            {"lora_unet_first_1.lora_down.weight": (1, 3), "lora_te1_layers.alpha": ()},
            r"x: 2 of 2 tensors change no layer of this UNet: lora_te1_layers.alpha, lora_unet_first_1.lora_down",
        ),
        ({"first.0.lora_A.weight": (1, 3), "first.0.dora_scale": (2,)}, r"1 of 2 tensors .*: first.0.dora_scale"),
        ({"first.0.lora_A.weight": (1, 3)}, r"only one of the two factors for first.0"),
        (
            {"first.0.lora_A.weight": (1, 4), "first.0.lora_B.weight": (2, 1)},
            r"does not fit the weights of first.0",
        ),
        ({"conv.lora_A.weight": (1, 3, 3, 3), "conv.lora_B.weight": (2, 2, 1, 1)}, r"does not fit the weights of conv"),
    ],
)
def test_changes_that_do_not_fit_are_refused(tensors, told):
    network = a_network()
    before = [parameter.clone() for parameter in network.parameters()]
    with pytest.raises(CheckpointError, match=told):
        fuse(network, {name: torch.ones(shape) for name, shape in tensors.items()}, 1.0, source="x")
    assert all(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": {"height": 30}}, r"model.height: 30 is no multiple of the 4 pixels of a latent: take (28|32)"),
        ({"sizes": {"crop": [1, 1]}}, "sizes: this network reads no sizes"),
        ({"record": {"branches": ["conditional", "unconditional"]}}, "without guidance there is no unconditional pass"),
        ({"prompts": []}, "there is no prompt"),
        ({"prompts": ["a (red circle"]}, "a mark is not closed"),
    ],
)
def test_what_does_not_fit_is_told(folder, change, told):
    with pytest.raises(ConfigError, match=told):
        a_run(folder, {"name": "few-step"}, **change)


def test_prompts_are_taken_in_turn_so_that_every_one_has_as_many_seeds(folder):
    run = a_run(folder, {"name": "few-step"}, prompts=["a (red) circle", "a square"], samples={"count": 6})
    requests = [run.request(sample) for sample in range(6)]
    assert [request["prompt"] for request in requests] == ["a red circle", "a square"] * 3
    assert requests[0]["marks"] == [[2, 5]]


def test_facts_say_what_is_run(xl_folder):
    sampler = {"name": "ddim", "steps": 4, "guidance": 3.0}
    facts = a_run(xl_folder, sampler, {"height": 48}, sizes={"crop": [1, 2]}).facts()
    assert facts["Sampler"] == "ddim, 4 steps, guidance 3 against no text"
    noisy = a_run(xl_folder, {**sampler, "eta": 0.5}).facts()
    assert noisy["Sampler"] == "ddim, 4 steps, guidance 3 against no text, eta 0.5"
    assert facts["Pictures"] == (
        "48×32 pixels from 12×8 latents; steps are shown decoded; told original 48×32, crop 1, 2, target 48×32"
    )
    assert facts["Network"].startswith("SDXL's UNet, two text encoders; weights checkpoint, float32")
