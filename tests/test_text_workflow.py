"""Runs of text through the real workflow, and the trace of steps that reuse evaluations."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from texts import LENGTH, denoiser, model_folder, run, tokenizer

import workflow
from denoscope import open_run
from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample

pytestmark = pytest.mark.slow
PROMPTS = ["The function", "If </script><b>", "A [MASK*2] list"]


def a_run(models, name, sampler, **more):
    checkpoint = {"source": "local", "name": name, "path": str(models / name)}
    return {
        "model": {"family": "mdlm" if name == "atat" else name, "checkpoint": checkpoint},
        "sampler": sampler,
        "prompts": PROMPTS[: 2 if name == "causal_lm" else 3],
        "samples": {"count": 18, "shard": 9, "batch": 6},
        "record": {
            "layers": ["*"],
            "tokens": ["*.1"],
            "attention": {"layers": ["*"], "queries": "each"},
            "steps": [0, 5, 20],
            "verify": True,
        },
        "alternatives": {"top": 3, "lens": True},
        "render": {"samples": 2, "width": 400},
        **more,
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A finished run of masked diffusion and one of autoregression, and their configuration."""
    models = tmp_path_factory.mktemp("models")
    for name in ("mdlm", "causal_lm"):
        model_folder(models / name, name)
    folder = workflow.clone(tmp_path_factory.mktemp("texts") / "clone")
    maps = {"layers": ["*.1"], "n_neighbors": 4, "neighbors": 4, "min_cluster_size": 3}
    maps["tokens"] = {"samples": 10, "steps": [0, 20]}
    runs = {
        "masks": a_run(models, "mdlm", {"name": "ddpm_cache", "steps": 30}, maps=maps),
        "words": a_run(
            models,
            "causal_lm",
            {"name": "left-to-right", "new_tokens": 8, "choice": {"method": "greedy"}},
            record={},
            alternatives={"lens": True},
        ),
    }
    config = {"runs": runs}
    workflow.write_config(folder, config)
    workflow.run(folder)
    return folder, config


def test_everything_is_made(written):
    results = written[0] / "results"
    masks, words = open_run(results / "masks"), open_run(results / "words")
    assert masks.info["kind"] == words.info["kind"] == "text"
    assert masks.info["verified"] == [{"samples": 6, "steps": 32, "differ": []}] * 2
    assert words.info["verified"] == []
    assert masks.states.shape == (32, 18, LENGTH)
    assert words.states.shape == (9, 18, LENGTH)
    assert (masks.states[-1] != 4).all()
    assert masks.samples["prompt"].tolist() == PROMPTS * 6
    for row in masks.samples.itertuples():
        assert row.text == tokenizer().decode(masks.states[-1, row.sample].tolist())
        if "[MASK" not in row.prompt:
            assert row.text.startswith(row.prompt)
    assert masks.attention("backbone.blocks.0").shape == (3, 18, LENGTH, LENGTH)
    np.testing.assert_allclose(masks.attention("backbone.blocks.0")[:].astype(np.float32).sum(-1), 1, atol=5e-3)
    assert masks.mapped_layers == ("backbone.blocks.1",)
    for name in ("masks", "words"):
        for file in ("figures/texts.pdf", "figures/texts.svg", "figures/texts.png", "media/000000/sample-000001.mp4"):
            assert (results / name / file).stat().st_size > 1000
        assert not (results / name / "media" / "grid.gif").exists()
    for suffix in ("pdf", "svg", "png"):
        assert (results / "figures" / f"texts.{suffix}").stat().st_size > 1000
    assert (results / "report.html").stat().st_size > 50_000
    assert pd.read_parquet(results / "masks" / "atlas" / "backbone.blocks.1.parquet")["text"].notna().all()


def test_frames_are_the_steps_until_the_text_is_finished(written):
    from test_render import gif_frames

    results = written[0] / "results"
    states = open_run(results / "masks").states[:, 0]
    finished = int((states != states[-1]).any(axis=1).sum())
    shown, _ = gif_frames(results / "masks/media/000000/sample-000000.gif")
    assert len(shown) == finished + 1
    assert sum(duration for _, duration in shown) == len(shown) * 200 + 1000


def test_what_a_step_reuses_is_flagged_and_stored_once(written):
    masks = open_run(written[0] / "results" / "masks")
    cached = masks.steps.pivot_table(index="step", columns="sample", values="cached", aggfunc="first").to_numpy()
    states = masks.states[:]
    for step in range(1, 31):
        np.testing.assert_array_equal(cached[step].astype(bool), (states[step] == states[step - 1]).all(axis=1))
    assert not cached[0].any()
    assert not cached[31].any(), "the last state has no evaluation"
    assert 60 < cached.sum() < 500
    rows = masks.steps[masks.steps["cached"]]
    assert rows["forward_id"].notna().all()
    fresh = masks.steps[~masks.steps["cached"] & masks.steps["forward_id"].notna()]
    stored = sum(shard_rows(shard, "text/entropy") for shard in masks.shards)
    assert stored == len(fresh) == 31 * 18 - cached.sum()
    assert masks.tensor("text/entropy").shape == (31, 18, LENGTH)


def shard_rows(shard, name):
    from safetensors import safe_open

    with safe_open(shard.folder / "tensors.safetensors", "numpy") as file:
        return file.get_slice(name).get_shape()[0]


def test_what_is_read_of_a_reused_step_is_what_the_network_says(written, tmp_path):
    """Every tensor, at every step and sample, against a run that evaluates everywhere."""
    masks = open_run(written[0] / "results" / "masks")
    made = denoiser(tmp_path, "mdlm", "ddpm_cache", steps=30, lens=("backbone.blocks.0",))
    made.caches = False
    samples = [Sample(i, sample_seed(0, i), {"prompt": PROMPTS[i % 3]}) for i in range(6)]
    steps, _ = run(made, samples)
    for step in steps[:-1]:
        assert (masks.states[step.index, :6] == step.state.numpy()).all()
        for name in ("text/entropy", "text/top_ids", "lens/backbone.blocks.0"):
            np.testing.assert_array_equal(masks.tensor(name)[step.index, :6], step.records[name].numpy(), err_msg=name)
    whole = masks.tensor("text/entropy")
    np.testing.assert_array_equal(whole[:, 7], whole[:][:, 7])
    np.testing.assert_array_equal(whole[[3, 9], 4:8], whole[:][[3, 9], 4:8])
    activations = {}
    made.network.backbone.blocks[1].register_forward_hook(
        lambda module, inputs, output: activations.update(now=output.mean(dim=1).half())
    )
    for position, step in enumerate((0, 5, 20)):
        with torch.inference_mode():
            made.log_probabilities(steps[step].state)
        np.testing.assert_array_equal(masks.activations("backbone.blocks.1")[position, :6], activations["now"].numpy())


def test_measures_of_the_steps(written):
    table = pd.read_parquet(written[0] / "results" / "masks" / "texts.parquet")
    masked = table[table["measure"] == "masked"].set_index("step")["mean"]
    assert masked[0] == 1
    assert masked[31] == 0
    assert (masked.diff().dropna() <= 0).all()
    known = table[table["measure"] == "known"]
    assert set(known["layer"]) == {"backbone.blocks.0", "backbone.blocks.1"}
    assert known["mean"].between(0, 1).all()
    assert (table["low"] <= table["mean"] + 1e-9).all()


def test_what_the_last_layer_reads_of_the_next_token_is_written_by_a_greedy_choice(written):
    table = pd.read_parquet(written[0] / "results" / "words" / "texts.parquet")
    known = table[(table["measure"] == "known") & (table["layer"] == "transformer.h.1")]
    assert len(known) == 8
    assert (known["mean"] == 1).all()


def test_single_tokens_are_kept_and_mapped(written):
    masks, layer = open_run(written[0] / "results" / "masks"), "backbone.blocks.1"
    tokens = masks.tokens(layer, 10)
    assert tokens.shape == (3, 10 * LENGTH, masks.activations(layer).shape[2])
    every = masks.tensor(f"tokens/{layer}")[:].astype(np.float32)
    pooled = masks.activations(layer)[:].astype(np.float32)
    np.testing.assert_allclose(every.mean(2), pooled, rtol=1e-3, atol=2e-4 * np.abs(every).max())  # half precision
    np.testing.assert_array_equal(tokens[1, 9 * LENGTH + 3], every[1, 9, 3].astype(np.float16))
    np.testing.assert_array_equal(np.concatenate(list(tokens.blocks(20, 25))), tokens[2, :25])
    frame = masks.token_map(layer)
    assert len(frame) == 2 * 10 * LENGTH
    states = masks.states[:, :10]
    for row in frame[frame["step"] == 20].itertuples():
        ids = states[:, row.sample, row.position]
        assert (ids[row.revealed :] == ids[-1]).all()
        assert row.revealed == 0 or ids[row.revealed - 1] != ids[-1]
        assert row.prompt == (ids[0] != 4)
    with pytest.raises(KeyError, match=r"such a map have: backbone\.blocks\.1"):
        masks.token_map("backbone.blocks.0")


def test_only_what_depends_on_a_change_runs_again(written, tmp_path):
    import shutil

    folder = tmp_path / "clone"
    shutil.copytree(written[0], folder, symlinks=True)
    config = copy.deepcopy(written[1])
    assert workflow.planned(folder) == {}
    config["runs"]["masks"]["render"]["fps"] = 8
    workflow.write_config(folder, config)
    assert workflow.planned(folder) == {"render_shard": 1, "build_report": 1}
    config = copy.deepcopy(written[1])
    config["runs"]["masks"]["maps"]["tokens"]["samples"] = 11
    workflow.write_config(folder, config)
    assert workflow.planned(folder) == {"embed_tokens": 1, "build_report": 1}
    config = copy.deepcopy(written[1])
    config["runs"]["words"]["sampler"]["new_tokens"] = 9
    workflow.write_config(folder, config)
    assert set(workflow.planned(folder)) >= {"sample_shard", "judge_texts", "draw_texts", "render_shard"}
    assert workflow.planned(folder)["sample_shard"] == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"sampler": {"name": "uncertainty"}}, "sampler.name: uncertainty needs ATAT's importance estimator"),
        ({"length": 30}, "length: the network sees 20 tokens at once: lower it, or set sampler.stride"),
        ({"length": 30, "sampler": {"name": "ddpm", "stride": 7}}, "do not end at 30: choose length as 20 plus"),
        ({"prompts": []}, "prompts: there is no prompt"),
        ({"prompts": {"file": "nowhere.txt"}}, "prompts.file: cannot be read"),
        ({"prompts": {"file": "README.md"}}, "prompts.file: files of prompts end in .txt"),
        ({"record": {"states": False}}, "record.states: a text's states are its tokens"),
        ({"record": {"layers": ["*"], "tokens": ["*.7"]}}, "record.tokens.0: "),
        ({"record": {"layers": ["*"]}}, "maps.tokens: maps of single tokens need their activations"),
        ({"maps": {"n_neighbors": 4, "neighbors": 4, "min_cluster_size": 3, "tokens": {"samples": 19}}}, "18 samples"),
        ({"length": 25, "sampler": {"name": "ddpm", "stride": 5}}, "record.tokens: the network sees 20 of the 25"),
        ({"sampler": {"name": "ddpn"}}, "'ddpn' is unknown; choose one of"),
    ],
)
def test_wrong_settings_are_refused_by_key_and_remedy(written, change, complaint):
    from denoscope.config import ConfigError, load_config

    config = copy.deepcopy(written[1])
    config["runs"]["masks"].update(change)
    with pytest.raises(ConfigError) as error:
        load_config(config)
    assert complaint in str(error.value), str(error.value)


def test_gaps_are_refused_where_they_cannot_be_filled(written):
    from denoscope.config import ConfigError, load_config

    config = copy.deepcopy(written[1])
    config["runs"]["words"]["prompts"] = ["a [MASK] b"]
    with pytest.raises(ConfigError, match=r"prompts: 'a \[MASK\] b' has a gap, and this model only writes what comes"):
        load_config(config)
