"""WAN: the same films as diffusers' own pipeline makes, with every step seen."""

import json
import shutil

import numpy as np
import pytest
import torch
from conftest import ROOT
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from safetensors.torch import load_file, save_file
from test_captioned import small

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import write_manifest
from denoscope.config import read_config
from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample, Unrecorded
from denoscope.denoisers.wan import prompts as prompts_module
from denoscope.denoisers.wan.denoiser import load
from denoscope.denoisers.wan.preview import linear_preview, preview
from denoscope.denoisers.wan.run import WanRun
from denoscope.denoisers.wan.schedulers import scheduler_of
from denoscope.denoisers.wan.settings import SAMPLER
from denoscope.networks.wan_plan import WanConfig, attention_layers, blocks, tensors
from denoscope.scenes.motion import all_motions
from denoscope.taps import ActivationTap, AttentionTap
from denoscope.training.captioned.wan_pipeline import new_wan_pipeline
from denoscope.words.columns import columns_of

PROMPTS = ["a small red circle moving up slowly", "a large blue square moving down and left quickly"]
CPU = torch.device("cpu")
UNGUIDED = {"name": "euler", "guidance": 1}
WAN_1_3B = {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30}


class EvenEuler(FlowMatchEulerDiscreteScheduler):
    """Euler's method on WAN's noise levels, which a pipeline does not hand to its scheduler."""

    def set_timesteps(self, count=None, device=None, sigmas=None, **asked):
        super().set_timesteps(sigmas=np.linspace(1, 0.001, count + 1)[:-1] if sigmas is None else sigmas, device=device)


SAMPLERS = {
    "unipc": ({"name": "unipc", "steps": 5, "guidance": 3.0, "shift": 5.0}, UniPCMultistepScheduler),
    "unipc alone": ({"name": "unipc", "steps": 3, "guidance": 1.0}, UniPCMultistepScheduler),
    "euler": ({"name": "euler", "steps": 4, "guidance": 2.0, "negative": "a black square"}, EvenEuler),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pipeline = new_wan_pipeline(json.loads(small("motion-wan")[0])["network"], [str(one) for one in all_motions()])
    z = pipeline.vae.config.z_dim
    pipeline.vae.register_to_config(latents_mean=[0.1 * n for n in range(z)], latents_std=[0.5 + n for n in range(z)])
    target = tmp_path_factory.mktemp("results") / "checkpoints" / "wan"
    pipeline.save_pretrained(target)
    write_manifest(target, {"source": "test"}, "CC0", {})
    return target


def denoiser(folder, sampler, decoded=True, shrink=1):
    settings = {"latents": [3, 4, 8], "text_length": 16, "decoded": decoded, "preview_shrink": shrink}
    return load({"sampler": {**sampler}, **settings}, folder, CPU, torch.float32)


def samples():
    return [Sample(n, sample_seed(3, n), {"prompt": prompt, "marks": []}) for n, prompt in enumerate(PROMPTS)]


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_films_are_those_of_the_pipeline(folder, name):
    sampler, scheduler = SAMPLERS[name]
    made = denoiser(folder, sampler)
    with torch.inference_mode():
        steps = list(made.sample(samples(), Unrecorded()))
        film = made.previews(steps[-1])["previews/state"]
    pipeline = WanPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    shift = sampler.get("shift", 3.0)
    pipeline.scheduler = (
        EvenEuler(shift=shift)
        if scheduler is EvenEuler
        else UniPCMultistepScheduler.from_config(pipeline.scheduler.config, flow_shift=shift)
    )
    seen = []
    expected = pipeline(
        PROMPTS,
        negative_prompt=[sampler["negative"]] * 2 if "negative" in sampler else None,
        height=16,
        width=32,
        num_frames=9,
        num_inference_steps=sampler["steps"],
        guidance_scale=sampler["guidance"],
        max_sequence_length=16,
        generator=[torch.Generator().manual_seed(sample.seed) for sample in samples()],
        output_type="np",
        callback_on_step_end=lambda pipe, step, time, found: seen.append(found["latents"].clone()) or found,
    ).frames
    assert len(steps) == len(seen) + 1
    for ours, theirs in zip(steps[1:], seen, strict=True):
        assert torch.allclose(ours.state, theirs, atol=1e-4 * theirs.abs().max())
    assert film.shape == expected.shape == (2, 9, 16, 32, 3)
    assert np.abs(film.numpy() / 255 - expected).max() < 2 / 255
    assert steps[-1].x0 is None
    assert all(step.x0.shape == step.state.shape == (2, 4, 3, 4, 8) for step in steps[:-1])


@pytest.mark.parametrize(
    ("steps", "shift", "grid", "first", "last"),
    [
        (50, 3.0, "diffusers", [999, 993, 986, 979], [162, 113, 60]),
        (50, 5.0, "diffusers", [999, 995, 991, 987], [244, 175, 96]),
        (50, 8.0, "diffusers", [999, 997, 994, 992], [341, 254, 146]),
        (4, 3.0, "diffusers", [999, 900, 750, 500], []),
        (50, 3.0, "original", [999, 992, 985, 978], [160, 111, 57]),
        (4, 3.0, "original", [999, 899, 749, 499], []),
    ],
)
def test_timesteps_are_the_published_ones(steps, shift, grid, first, last):
    sampler = SAMPLER.validate_python({"name": "unipc", "steps": steps, "shift": shift, "grid": grid})
    times = scheduler_of(sampler, {}, CPU).timesteps.tolist()
    assert len(times) == steps
    assert times[: len(first)] == pytest.approx(first, abs=1)  # truncated where exact numbers are whole
    assert times[len(times) - len(last) :] == pytest.approx(last, abs=1)


def test_a_perfect_prediction_ends_at_the_data():
    """Along a straight line the velocity is constant, and both samplers follow it exactly."""
    data, noise = torch.randn(1, 4, 3, 2, 2), torch.randn(1, 4, 3, 2, 2)
    for name in ("unipc", "euler"):
        scheduler = scheduler_of(SAMPLER.validate_python({"name": name, "steps": 6}), {}, CPU)
        x = noise
        for time in scheduler.timesteps:
            x = scheduler.step(noise - data, time, x, return_dict=False)[0]
        assert torch.allclose(x, data, atol=1e-3), name


def test_a_sample_depends_on_its_seed_and_prompt_alone(folder):
    made = denoiser(folder, {"name": "unipc", "steps": 2})
    with torch.inference_mode():
        both = list(made.sample(samples(), Unrecorded()))[-1].state
        second = list(made.sample(samples()[1:], Unrecorded()))[-1].state
    assert torch.allclose(both[1:], second, atol=1e-4)


@pytest.mark.parametrize("shrink", [1, 4])
def test_previews_are_films(folder, shrink):
    made = denoiser(folder, {"name": "euler", "steps": 2}, decoded=False, shrink=shrink)
    with torch.inference_mode():
        films = [film for step in made.sample(samples(), Unrecorded()) for film in made.previews(step).values()]
    assert {film.shape for film in films} == {(2, 9, 16 // shrink, 32 // shrink, 3)}
    assert all(film.dtype == torch.uint8 for film in films)


def test_the_linear_preview_follows_the_decoder():
    class Decoder(torch.nn.Module):
        """Doubles the sides of a linear map of the latents, and repeats all frames but the first."""

        def __init__(self):
            super().__init__()
            self.map = torch.nn.Conv3d(4, 3, 1)
            self.config = {"latents_mean": [0.5] * 4, "latents_std": [2.0] * 4}
            self.config = type("Config", (dict,), {"z_dim": 4})(self.config)

        def decode(self, latents):
            large = torch.nn.functional.interpolate(self.map(latents), scale_factor=(1, 2, 2))
            film = torch.cat([large[:, :, :1], large[:, :, 1:].repeat_interleave(4, dim=2)], dim=2)
            return type("told", (), {"sample": film})

    made = Decoder().requires_grad_(False)
    latents = torch.randn(2, 4, 3, 8, 8)
    expected = made.decode(latents * 2 + 0.5).sample
    assert torch.allclose(preview(latents, linear_preview(made), (4, 2)), expected, atol=1e-4)


def test_prompts_are_encoded_once_and_kept(folder, monkeypatch, caplog):
    cache = folder.parents[1] / "prompts" / "wan"
    shutil.rmtree(cache, ignore_errors=True)
    made = denoiser(folder, {"name": "euler", "steps": 1})
    made.prepare(samples())
    expected = made.parts.reader(PROMPTS)
    assert len(list(cache.iterdir())) == 3, "two prompts and the empty one"
    pipeline = WanPipeline.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        theirs = pipeline.encode_prompt(PROMPTS, max_sequence_length=16)[0]
    assert torch.allclose(expected, theirs, atol=1e-6)
    assert (expected[0, 8:] == 0).all(), "seven words and the end"

    loads = []
    pretrained = prompts_module.pretrained
    monkeypatch.setattr(prompts_module, "pretrained", lambda *asked: loads.append(asked) or pretrained(*asked))
    again = denoiser(folder, {"name": "euler", "steps": 1})
    again.prepare(samples())
    assert torch.equal(again.parts.reader(PROMPTS), expected)
    assert not loads, "the encoder is not even loaded"

    for path in cache.iterdir():
        tensors_ = load_file(path)
        with prompts_module.safe_open(path, framework="pt") as file:
            told = file.metadata()
        save_file({name: value + 1 for name, value in tensors_.items()}, path, metadata=told)
    third = denoiser(folder, {"name": "euler", "steps": 1})
    third.prepare(samples())
    assert torch.equal(third.parts.reader(PROMPTS), expected)
    assert len(loads) == 1
    assert "is damaged" in caplog.text


def test_other_encoders_and_lengths_have_prompts_of_their_own(folder, tmp_path):
    other = tmp_path / "checkpoints" / "wan"
    shutil.copytree(folder, other)
    path = next((other / "text_encoder").glob("*.safetensors"))
    save_file({name: 2 * value for name, value in load_file(path).items()}, path, metadata={"format": "pt"})
    cpu, kind = torch.device("cpu"), torch.float32
    readers = [
        prompts_module.PromptReader(at, tmp_path / "cache", length, cpu, kind)
        for at, length in ((folder, 16), (other, 16), (folder, 12))
    ]
    found = [reader(PROMPTS) for reader in readers]
    assert not torch.allclose(found[0], found[1])
    assert found[2].shape == (2, 12, found[0].shape[2])
    assert len(list((tmp_path / "cache").iterdir())) == 6


def test_words_are_found_among_the_tokens_that_the_network_reads(folder):
    made = denoiser(folder, {"name": "euler", "steps": 1})
    tokens = made.prompt_tokens(samples()[1])
    assert [tokens.names[c] for c in columns_of("blue square", tokens)] == ["▁blue", "▁square"]
    assert len(tokens.ids) == 16
    assert sum(tokens.padding) == 16 - 9 - 1
    against = denoiser(folder, {"name": "euler", "steps": 1, "negative": "a  black square"}).negative_tokens()
    assert against.prompt == "a black square"
    assert sum(against.special) == 1
    assert sum(tokens.special) == 1


def test_a_checkpoint_that_lacks_a_tensor_is_refused(folder, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    path = next((broken / "transformer").glob("*.safetensors"))
    found = load_file(path)
    found.pop("proj_out.weight")
    save_file(found, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"transformer: missing keys: proj_out.weight"):
        denoiser(broken, {"name": "euler"})
    shutil.rmtree(broken / "tokenizer")
    with pytest.raises(CheckpointError, match=r"tokenizer is missing"):
        denoiser(broken, {"name": "euler"})


def test_the_published_network_has_the_planned_tensors():
    config = WanConfig.model_validate(WAN_1_3B)
    with torch.device("meta"):
        network = WanTransformer3DModel.from_config(config.model_dump(mode="json"))
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == tensors(config)
    assert len(tensors(config)) == 825
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_418_996_800
    attending = {name for name, module in network.named_modules() if type(module).__name__ == "WanAttention"}
    assert {layer.name for layer in attention_layers(config)} == attending
    assert config.tokens((21, 60, 104)) == (21, 30, 52)


def test_shapes_are_what_runs(folder):
    made = denoiser(folder, {"name": "euler", "steps": 1, "guidance": 1.0})
    config = WanConfig.model_validate(json.loads(small("motion-wan")[0])["network"]["transformer"])
    attending = {layer.name: layer for layer in attention_layers(config)}
    with (
        torch.inference_mode(),
        ActivationTap(made.network, layers=blocks(config), reduce="mean") as activations,
        AttentionTap(made.network, layers=tuple(attending), heads="each") as attention,
    ):
        list(made.sample(samples(), Unrecorded()))
    queries = int(np.prod(config.tokens((3, 4, 8))))
    for (record,) in activations.take().values():
        assert record.shape == (2, config.channels)
    for name, (record,) in attention.take().items():
        assert record.shape == (2, attending[name].heads, queries, 16 if attending[name].crossed else queries)


def run_settings(**changes):
    model = {"family": "wan", "checkpoint": {"source": "local", "name": "wan", "path": "x"}, "network": WAN_1_3B}
    asked = {"model": model, "sampler": {"name": "unipc"}, "prompts": ["a (cat)"], "samples": {"count": 1}}
    return WanRun.model_validate(asked | changes)


def test_the_grid_of_words_follows_the_size():
    layers = run_settings(height=320, width=576, frames=65).word_layers()
    assert len(layers) == 30
    assert all(layer.endswith(".attn2") for layer in layers)
    assert {(shape.heads, shape.grid, shape.keys) for shape in layers.values()} == {(12, (17, 20, 36), 512)}
    assert not list(run_settings().problems())


@pytest.mark.parametrize(
    ("changes", "key", "told"),
    [
        ({"frames": 80}, "frames", "not one more than a multiple of 4"),
        ({"height": 488}, "height", "no multiple of 16"),
        ({"preview_shrink": 13}, "preview_shrink", "no multiple of 13"),
        ({"prompts": ["cats &amp; dogs"]}, "prompts", "HTML entities"),
        ({"width": 32768}, "frames", "1024 positions"),
        (
            {
                "prompts": ["a (red circle) left of a blue square"],
                "truth": "motion",
                "record": {"attention": {"layers": ["*attn2"], "words": "marked"}},
            },
            "prompts",
            "is no caption of motion",
        ),
        (
            {"sampler": {"name": "euler", "guidance": 1}, "record": {"branches": ["unconditional"]}},
            "record",
            "guidance",
        ),
    ],
)
def test_what_does_not_fit_is_told(changes, key, told):
    (found,) = {(keys[0], message) for keys, message in run_settings(**changes).problems()}
    assert found[0] == key
    assert told in found[1]


def test_the_published_configuration_is_planned():
    path = ROOT / "config" / "wan-1.3b.yaml"
    run = read_config(path).runs["wan-1.3b"]
    assert (run.height, run.width, run.frames) == (480, 832, 81)
    assert run.most_words() == 3
    assert next(iter(run.word_layers().values())).grid == (21, 30, 52)
    folders = set(run.model.checkpoint.folders)
    assert folders == {"transformer", "vae", "text_encoder", "tokenizer", "scheduler"}
