"""Training of captioned pipelines: complete, resumable, loadable by diffusers."""

import json
import re

import numpy as np
import pytest
import torch
import yaml
from diffusers import StableDiffusionPipeline, UniPCMultistepScheduler, WanPipeline

from denoscope.checkpoints.bundled import MODELS, TRAINED, pipeline_models
from denoscope.checkpoints.manifest import PIPELINE, folder_entry
from denoscope.scenes.motion import all_motions
from denoscope.scenes.scene import all_captions
from denoscope.training.captioned.autoencoder import unclamped
from denoscope.training.captioned.card import write_captioned_card
from denoscope.training.captioned.data import Motions, as_bytes, drawn, scenes
from denoscope.training.captioned.denoising import DenoisingTraining
from denoscope.training.captioned.pipeline import new_tokenizer
from denoscope.training.captioned.recipe import read_captioned
from denoscope.training.captioned.train import train_captioned
from denoscope.training.captioned.wan import Wan
from denoscope.training.captioned.wan_pipeline import new_unigrams, new_wan_pipeline

SMALL = {
    "scenes-sd": {
        "vae": {"block_out_channels": [4, 4, 4], "norm_num_groups": 2, "sample_size": 32, "latent_channels": 4}
        | {"down_block_types": ["DownEncoderBlock2D"] * 3, "up_block_types": ["UpDecoderBlock2D"] * 3},
        "text_encoder": {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
        | {"max_position_embeddings": 16},
        # Version 1.5's way: the finest of the levels has no attention.
        "unet": {"block_out_channels": [8, 8, 8], "cross_attention_dim": 8, "norm_num_groups": 4, "sample_size": 8}
        | {"down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"]}
        | {"up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]}
        | {"in_channels": 4, "out_channels": 4},
    },
    "motion-wan": {
        "vae": {"base_dim": 4, "z_dim": 4, "latents_mean": [0.0] * 4, "latents_std": [1.0] * 4},
        "text_encoder": {"d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2},
        "transformer": {"num_attention_heads": 2, "attention_head_dim": 12, "in_channels": 4, "out_channels": 4}
        | {"text_dim": 8, "freq_dim": 8, "ffn_dim": 16, "num_layers": 2},
    },
}
QUICK = {"steps": 4, "batch": 4, "pictures": 8, "holdout": 3, "scoring": {"steps": 2}}
PIPELINES = {"scenes-sd": StableDiffusionPipeline, "motion-wan": WanPipeline}
both = pytest.mark.parametrize("trained", list(SMALL), indirect=True)


def small(model="scenes-sd"):
    """Config and recipe of a very small model after a bundled one."""
    config = json.loads((MODELS / model / "config.json").read_text())
    for part, changes in SMALL[model].items():
        config["network"][part] |= changes
    recipe = yaml.safe_load((MODELS / model / "recipe.yaml").read_text()) | QUICK
    recipe["autoencoder"] |= {"steps": 3, "batch": 2}
    return json.dumps(config), yaml.safe_dump(recipe)


def weights(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.safetensors"))}


@pytest.fixture(scope="module")
def trained(request, tmp_path_factory):
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("trained") / request.param
    train_captioned("small", *small(request.param), folder, 1)
    return folder


@both
def test_a_trained_pipeline_is_one_of_diffusers(trained):
    assert len(weights(trained)) == 3
    pipeline = PIPELINES[trained.name].from_pretrained(trained / PIPELINE, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    if trained.name == "scenes-sd":
        picture = pipeline("a red circle", num_inference_steps=2, output_type="np").images[0]
        assert picture.shape == (32, 32, 3)
        assert pipeline.vae.config.scaling_factor != 0.18215
    else:
        asked = {"height": 32, "width": 32, "num_frames": 9, "max_sequence_length": 16}
        film = pipeline("a red circle", num_inference_steps=2, output_type="np", **asked).frames[0]
        assert film.shape == (9, 32, 32, 3)
        assert pipeline.vae.config.latents_std != [1.0] * 4
    assert not (trained.parent / f"{trained.name}.partial").exists()


SHARES = {"scenes-sd": {"objects", "relation"}, "motion-wan": {"object", "direction", "object and direction"}}


@both
def test_a_training_writes_a_folder_for_models(trained):
    """Complete, with scores of the very files that are in it."""
    assert {path.name for path in trained.iterdir()} == {*TRAINED, "pipeline", "scores.json", "README.md", "loss.png"}
    config, recipe = small(trained.name)
    assert ((trained / "config.json").read_text(), (trained / "recipe.yaml").read_text()) == (config, recipe)
    scores = json.loads((trained / "scores.json").read_text())
    assert set(scores["holdout"]) == SHARES[trained.name]
    assert scores["autoencoder"].keys() == {"true", "kept", "error"}
    assert scores["autoencoder"]["true"] == 1
    assert scores["weights"] == folder_entry(trained / "pipeline")
    known = all_captions() if trained.name == "scenes-sd" else all_motions()
    assert scores["data"] == {"trained": len(known) - 3, "holdout": 3}
    assert [step for step, _ in scores["training"]["holdout_losses"]] == [4]
    assert (trained / "loss.png").read_bytes().startswith(b"\x89PNG")
    card = (trained / "README.md").read_text()
    assert scores["weights"]["sha256"] in card
    for part, count in scores["parameters"].items():
        assert f"| {part} | {count:,} |" in card


@pytest.mark.parametrize("trained", ["scenes-sd"], indirect=True)
def test_the_python_of_a_card_runs(trained, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small").symlink_to(trained)
    monkeypatch.chdir(tmp_path)
    block = re.search(r"```python\n(.*?)```", (trained / "README.md").read_text(), flags=re.DOTALL)[1]
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["made"].images[0].size == (32, 32)


@pytest.mark.parametrize("trained", ["scenes-sd"], indirect=True)
def test_a_trained_folder_replaces_a_former_one_as_a_whole(trained, tmp_path):
    folder = tmp_path / "small"
    (folder / "pipeline" / "unet").mkdir(parents=True)
    (folder / "pipeline" / "unet" / "of_former_network.safetensors").write_bytes(b"")
    train_captioned("small", *small(), folder, 1)
    assert weights(folder) == weights(trained)


@both
def test_a_killed_training_goes_on_to_the_same_weights(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(DenoisingTraining, "saved_every", 2)
    loss = DenoisingTraining.loss

    def killed(self):
        if self.step == 3:
            raise KeyboardInterrupt
        return loss(self)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(DenoisingTraining, "loss", killed)
        train_captioned("small", *small(trained.name), tmp_path / "again", 1)
    assert not (tmp_path / "again").exists()
    train_captioned("small", *small(trained.name), tmp_path / "again", 1)
    assert weights(tmp_path / "again") == weights(trained)


def test_what_is_too_bright_keeps_its_gradient():
    """Diffusers clamps what WAN's autoencoder decodes."""
    autoencoder = new_wan_pipeline(json.loads(small("motion-wan")[0])["network"], ["a"]).vae
    torch.nn.init.constant_(autoencoder.decoder.conv_out.bias, 5.0)
    latents = torch.randn(1, 4, 3, 4, 4)
    bright = unclamped(autoencoder, latents)
    assert bright.min() > 1
    assert torch.equal(bright.clamp(-1, 1), autoencoder.decode(latents).sample)
    bright.mean().backward()
    assert autoencoder.decoder.conv_out.weight.grad.abs().max() > 0


def test_what_wan_is_trained_to_predict_leads_from_noise_to_data():
    """From any noise level, a step along the velocity down to zero ends at the data; levels have the shift."""
    scheduler = UniPCMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0)
    data, noise = torch.randn(4000, 1, 1, 1, 1), torch.randn(4000, 1, 1, 1, 1)
    noisy, times, velocity = Wan().noised(scheduler, data, noise, torch.Generator().manual_seed(0))
    level = ((noisy - data) / (noise - data)).flatten()
    assert torch.allclose(noisy - level.view(-1, 1, 1, 1, 1) * velocity, data, atol=1e-4)
    assert ((1000 * level - times).abs() < 1.1).float().mean() > 0.99, "but where noise and data are nearly equal"
    assert times.float().median() == pytest.approx(750, abs=25)  # 3·½ / (1 + 2·½)


def test_every_film_is_measured_as_what_its_caption_says():
    captions = all_motions()[::3]
    films = Motions().examples(captions, np.random.default_rng(3))
    assert films.shape == (len(captions), 3, 9, 32, 32)
    assert Motions().truths(as_bytes(films), captions)["object and direction"] >= 0.98
    assert Motions().truths(as_bytes(films.flip(2)), captions)["direction"] == 0
    assert Motions().truths(as_bytes(films), [captions[0]] * len(captions))["object"] < 0.1


def test_words_of_films_are_single_tokens_and_others_are_spelt():
    captions = [str(motion) for motion in all_motions()]
    tokenizer = new_unigrams(captions, 16)
    assert tokenizer.tokenize(captions[-1]) == [f"▁{word}" for word in captions[-1].split()]
    assert tokenizer.tokenize("a hat") == ["▁a", "▁", "h", "a", "t"]
    assert tokenizer("").input_ids == [1]
    assert tokenizer.pad_token_id == 0
    assert tokenizer.get_vocab() == new_unigrams(captions, 16).get_vocab()


def test_the_tokenizer_has_a_token_for_every_word_of_the_captions():
    captions = [str(caption) for caption in all_captions()]
    tokenizer = new_tokenizer(captions, 640, 16)
    for caption in captions[::50]:
        names = tokenizer.tokenize(caption)
        assert names == [f"{word}</w>" for word in caption.split()]
    assert tokenizer.decode(tokenizer("a Mauve hexagon").input_ids, skip_special_tokens=True) == "a mauve hexagon"
    assert tokenizer.get_vocab() == new_tokenizer(captions, 640, 16).get_vocab()
    assert len(tokenizer(captions[-1], padding="max_length").input_ids) == 16


def test_scenes_depend_on_their_generator_alone():
    captions = drawn(all_captions(), 3, np.random.default_rng(5))
    assert captions == drawn(all_captions(), 3, np.random.default_rng(5))
    one, two = (scenes(captions, 32, np.random.default_rng(7)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (3, 3, 32, 32)
    assert -1 <= one.min() < one.max() <= 1


@pytest.mark.parametrize("name", [name for name in pipeline_models() if (MODELS / name / PIPELINE).is_dir()])
def test_a_bundled_pipeline_is_the_one_its_card_describes(name, tmp_path):
    folder = MODELS / name
    config, recipe = ((folder / file).read_text() for file in TRAINED)
    scores = json.loads((folder / "scores.json").read_text())
    assert folder_entry(folder / PIPELINE) == scores["weights"]
    write_captioned_card(tmp_path / "README.md", name, config, read_captioned(config, recipe)[-1], scores)
    assert (tmp_path / "README.md").read_text() == (folder / "README.md").read_text()


def test_films_are_not_drawn_with_noise_that_their_sampler_lacks():
    config, recipe = ((MODELS / "motion-wan" / name).read_text() for name in ("config.json", "recipe.yaml"))
    with pytest.raises(ValueError, match=r"scoring\.eta is noise that DDIM adds"):
        read_captioned(config, recipe.replace("guidance: 2.0", "guidance: 2.0, eta: 0.5"))


@pytest.mark.parametrize(
    ("model", "family", "reads", "width"),
    [
        ("scenes-sd", "stable_diffusion", ("unet", "cross_attention_dim"), "hidden_size"),
        ("motion-wan", "wan", ("transformer", "text_dim"), "d_model"),
    ],
)
def test_the_bundled_recipes_are_read(model, family, reads, width):
    texts = [(MODELS / model / name).read_text() for name in ("config.json", "recipe.yaml")]
    found, network, recipe = read_captioned(*texts)
    assert network[reads[0]][reads[1]] == network["text_encoder"][width]
    assert (found, recipe.holdout) == (family, 200)
