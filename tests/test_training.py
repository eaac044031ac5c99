"""Training: it resumes, it repeats itself, and the bundled model is as good as its card says."""

import json
import logging
import math
import subprocess
import tomllib

import numpy as np
import pytest
import torch
from conftest import ROOT
from safetensors.torch import load_file

from denoscope.training.card import draw_losses, write_card
from denoscope.training.data import digits
from denoscope.training.edm import EDMTraining
from denoscope.training.judge import judge
from denoscope.training.recipe import read_recipe
from denoscope.training.scores import score_digits
from denoscope.training.train import train_model

MODEL = ROOT / "models" / "digits-edm"
CONFIG, RECIPE = (MODEL / "config.json").read_text(), (MODEL / "recipe.yaml").read_text()
SMALL = json.dumps(
    {
        **json.loads(CONFIG),
        "network": {**json.loads(CONFIG)["network"], "channel_mult": [1, 2], "attn_resolutions": [8]},
    }
)


@pytest.fixture
def training():
    """Makes a short training from the same start every time."""
    real = digits(16)

    def make(steps=6, config=SMALL):
        card, recipe = read_recipe(config, RECIPE)
        recipe = recipe.model_copy(update={"steps": steps, "batch": 4, "warmup": 2})
        return EDMTraining(card.network, recipe, *real.split(recipe.data.holdout, recipe.seed))

    return make


def weights(training):
    return torch.cat([p.flatten() for p in training.average.parameters()])


def test_a_training_repeats_itself(training, tmp_path):
    first, second = training(), training()
    first.run(tmp_path / "a", "a")
    second.run(tmp_path / "b", "b")
    assert first.losses == second.losses
    assert torch.equal(weights(first), weights(second))


def test_a_stopped_training_goes_on_where_it_was(training, tmp_path, monkeypatch):
    monkeypatch.setattr("denoscope.training.loop.Training.saved_every", 4)
    whole, cut, again = training(10), training(10), training(10)
    whole.run(tmp_path / "whole", "w")
    advance, left = cut._advance, iter(range(5))

    def until_killed():
        if next(left, None) is None:
            raise KeyboardInterrupt
        advance()

    monkeypatch.setattr(cut, "_advance", until_killed)
    with pytest.raises(KeyboardInterrupt):
        cut.run(tmp_path / "cut", "c")
    again.run(tmp_path / "cut", "c")
    assert len(again.losses) == 10
    assert again.losses == whole.losses
    assert torch.equal(weights(again), weights(whole))


def test_what_another_recipe_left_is_not_taken_up(training, tmp_path, monkeypatch):
    monkeypatch.setattr("denoscope.training.loop.Training.saved_every", 2)
    training(4).run(tmp_path, "a")
    other = training(5)
    other.run(tmp_path, "b")
    assert len(other.losses) == 5


@pytest.mark.parametrize("what", ["network", "PyTorch version", "denoscope version"])
def test_what_another_network_or_version_left_is_not_taken_up(training, tmp_path, monkeypatch, caplog, what):
    """Not even where all tensors would fit."""
    monkeypatch.setattr("denoscope.training.loop.Training.saved_every", 2)
    caplog.set_level(logging.INFO)
    training(4).run(tmp_path, "a")
    config = json.loads(SMALL)
    if what == "network":
        config["network"]["sigma_data"] = 0.4
    elif what == "PyTorch version":
        monkeypatch.setattr("torch.__version__", "0.1")
    else:
        monkeypatch.setattr("denoscope.training.loop.__version__", "0")
    fresh, other = training(4, json.dumps(config)), training(4, json.dumps(config))
    fresh.run(tmp_path / "fresh", "b")
    other.run(tmp_path, "c")
    assert f"is of another {what}: starting afresh" in caplog.text
    assert other.losses == fresh.losses
    assert torch.equal(weights(other), weights(fresh))


def test_what_an_older_denoscope_left_is_not_taken_up(training, tmp_path, monkeypatch, caplog):
    """Its states said nothing of the network."""
    monkeypatch.setattr("denoscope.training.loop.Training.saved_every", 2)
    caplog.set_level(logging.INFO)
    training(4).run(tmp_path, "a")
    state = torch.load(tmp_path / "training.pt", weights_only=True)
    recipe = state.pop("decided_by")["recipe"]
    torch.save({**state, "recipe": recipe}, tmp_path / "training.pt")
    training(4).run(tmp_path, "b")
    assert "starting afresh" in caplog.text


def test_learning_rate_rises_holds_and_falls(training):
    recipe = training(100).recipe.model_copy(update={"warmup": 10, "learning_rate": 1.0})
    rates = [recipe.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:50] == [1.0] * 41
    assert all(a > b for a, b in zip(rates[51:], rates[52:], strict=False))
    assert rates[-1] == pytest.approx(0.02, abs=2e-3)


def test_loss_at_the_start_is_that_of_predicting_nothing(training):
    """The last layer starts at zero, so F = 0 and the weighted loss is the mean of (x − c_skip·(x + n))² / c_out²."""
    made = training()
    x = made.holdout_images.pixels
    generator = torch.Generator().manual_seed(made.recipe.seed + 1)
    sigma = (torch.randn(len(x), generator=generator) * 1.2 - 1.2).exp()[:, None, None, None]
    noise = torch.randn(x.shape, generator=generator) * sigma
    skip, out = 0.25 / (sigma**2 + 0.25), sigma * 0.5 / (sigma**2 + 0.25).sqrt()
    expected = ((skip * (x + noise) - x) / out).square().mean()
    assert made.judgement() == pytest.approx(float(expected), rel=1e-4)


def test_holdout_is_apart_from_training():
    trained, apart = digits(16).split(0.1, 0)
    assert (len(trained.labels), len(apart.labels)) == (1617, 180)
    seen = {tuple(np.round(x.flatten().tolist(), 4)) for x in trained.pixels}
    assert sum(tuple(np.round(x.flatten().tolist(), 4)) in seen for x in apart.pixels) == 0


def test_scores_tell_good_from_bad():
    real = digits(16)
    trained, apart = real.split(0.5, 0)
    honest = score_digits(apart.pixels, apart.labels, real, trained)
    assert honest["classifier_accuracy"] >= 0.97
    assert honest["accuracy"] > 0.97
    assert honest["diversity"] == pytest.approx(1, abs=0.03)
    copies = score_digits(trained.pixels, trained.labels, real, trained)
    assert copies["novelty"] == pytest.approx(0, abs=1e-6)
    one = torch.cat([real.pixels[real.labels == label][:1].expand(9, -1, -1, -1) for label in range(10)])
    collapsed = score_digits(one, torch.arange(10).repeat_interleave(9), real, trained)
    assert collapsed["diversity"] == pytest.approx(0, abs=1e-6)
    wrong = score_digits(apart.pixels, (apart.labels + 1) % 10, real, trained)
    assert wrong["accuracy"] < 0.05


FILES = {"README.md", "config.json", "loss.png", "model.safetensors", "recipe.yaml", "scores.json"}


def test_a_short_training_writes_a_model_folder(tmp_path):
    """It replaces what a former one wrote, file by file: written into, a file would be half one and half the other."""
    quick = "\n".join(
        "steps: 3"
        if row.startswith("steps:")
        else row.replace("samples: 500", "samples: 20").replace("steps: 12", "steps: 2")
        for row in RECIPE.splitlines()
    )
    for folder in ("m", "former"):
        (tmp_path / folder).mkdir()
    for name in FILES:
        (tmp_path / "m" / name).write_text("former")
        (tmp_path / "former" / name).hardlink_to(tmp_path / "m" / name)
    train_model("digits-edm", SMALL, quick, tmp_path / "m", threads=2)
    assert {path.name for path in (tmp_path / "m").iterdir()} == FILES
    assert [name for name in FILES if (tmp_path / "former" / name).read_bytes() != b"former"] == []
    assert [name for name in FILES if (tmp_path / "m" / name).read_bytes() == b"former"] == []
    stored = load_file(tmp_path / "m" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    assert (tmp_path / "m" / "loss.png").read_bytes().startswith(b"\x89PNG")
    scores = json.loads((tmp_path / "m" / "scores.json").read_text())
    assert scores["weights"]["bytes"] == (tmp_path / "m" / "model.safetensors").stat().st_size
    assert scores["data"] == {"trained": 1617, "holdout": 180}
    assert not (tmp_path / "m.partial").exists()


def test_the_bundled_card_is_made_from_the_bundled_scores(tmp_path):
    card, recipe = read_recipe(CONFIG, RECIPE)
    scores = json.loads((MODEL / "scores.json").read_text())
    write_card(tmp_path / "README.md", "digits-edm", card.network.model_dump(), recipe.model_dump(), scores)
    assert (tmp_path / "README.md").read_text() == (MODEL / "README.md").read_text()
    assert scores["training"]["minutes"] < 15
    assert (MODEL / "model.safetensors").stat().st_size < 4_000_000
    losses = [loss for _, loss in scores["training"]["holdout_losses"]]
    assert losses[-1] < 0.5 * losses[0]
    assert all(math.isfinite(loss) for loss in losses)
    draw_losses(tmp_path / "loss.png", [1.0, 0.5], [(1, 0.7), (2, 0.6)])
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_every_file_that_the_package_reads_is_in_its_wheel():
    package = ROOT / "denoscope"
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["denoscope"]
    shipped = {path for pattern in globs for path in package.glob(pattern)}
    listed = subprocess.run(["git", "ls-files", "denoscope"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = {ROOT / line for line in listed.stdout.splitlines()}
    needed = {path for path in tracked if path.suffix != ".py" and path.name != "tsconfig.json"}  # for the type checker
    assert package / "training" / "templates" / "card.md" in needed
    assert sorted(needed - shipped) == []


@pytest.mark.slow
def test_bundled_weights_reach_their_scores():
    """500 samples: the digit asked for is recognised in 95 % and more, classes do not collapse, the card is true."""
    card, recipe = read_recipe(CONFIG, RECIPE)
    real = digits(16)
    trained, _ = real.split(recipe.data.holdout, recipe.seed)
    found = judge(MODEL / "model.safetensors", card, recipe, real, trained)
    written = json.loads((MODEL / "scores.json").read_text())
    assert found["guided"]["classifier_accuracy"] >= 0.97
    assert found["guided"]["accuracy"] >= 0.95
    assert found["guided"]["diversity"] >= 0.70
    assert found["guided"]["novelty"] > 0.5
    for kind in ("guided", "plain"):
        for name, value in found[kind].items():
            # Another processor rounds otherwise, and a sample at a boundary may fall on its other side.
            assert value == pytest.approx(written[kind][name], abs=0.01), (kind, name)
