"""The benchmark against other recorders of attention: its pipeline, its own side, and what it makes of the figures."""

import copy
import sys

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from transformers import CLIPTokenizer

from benchmarks.peers import table
from benchmarks.peers.figures import Figures, figures, verdicts
from benchmarks.peers.ours import load
from benchmarks.peers.pipeline import NETWORK, PREFIX, make_pipeline
from benchmarks.peers.runner import overheads
from benchmarks.peers.side import PROMPT

SMALL = {
    "text_encoder": {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2},
    "unet": {"block_out_channels": [8] * 4, "cross_attention_dim": 8, "norm_num_groups": 4, "sample_size": 8,
             "attention_head_dim": 2},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    network = copy.deepcopy(NETWORK)
    for part, changes in SMALL.items():
        network[part] |= changes
    target = tmp_path_factory.mktemp("peers")
    make_pipeline(target, network)
    return target


def test_the_pipeline_is_one_of_diffusers_whose_files_old_versions_find(folder):
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    ids = pipeline.tokenizer(PROMPT).input_ids
    assert len(ids) == len(PROMPT.split()) + 2
    old = CLIPTokenizer(str(folder / "tokenizer" / "vocab.json"), str(folder / "tokenizer" / "merges.txt"))
    assert old.convert_ids_to_tokens(ids) == pipeline.tokenizer.convert_ids_to_tokens(ids)
    with safe_open(folder / "text_encoder" / "model.safetensors", "pt") as weights:
        assert all(name.startswith(PREFIX) for name in weights.keys())  # noqa: SIM118
        first = weights.get_tensor(f"{PREFIX}embeddings.token_embedding.weight")
    assert torch.equal(first, pipeline.text_encoder.get_input_embeddings().weight)


def test_our_side_keeps_every_step_and_changes_nothing(folder):
    (pair,) = overheads({"denoscope": load(folder)}, steps=3, rounds=1)["denoscope"]
    queries = sum(side**2 * count for side, count in {8: 3, 4: 3, 2: 3, 1: 1}.items())
    maps = 3 * queries * 4 * 2  # steps, three words and all of the prompt's own tokens, float16
    assert maps < pair["bytes"] < maps + 3 * 4000
    assert pair["difference"] == 0
    assert min(pair["bare"], pair["recorded"]) > 0


def peaks(first, last, bare, later=None):
    """Of 4 and of 64 steps."""
    return {
        "4": {"recorded": first, "bare": bare},
        "64": {"recorded": last, "bare": bare if later is None else later},
    }


PAIRS = [{"recorded": 1.0 + share, "bare": 1.0, "bytes": 200, "difference": 0.0} for share in (0.5, 0.01, -0.3)]


def test_figures_are_medians_of_pairs_and_bytes_a_step():
    found = figures(PAIRS, 2, peaks(10, 3000, bare=4))
    assert found.added == pytest.approx(0.01)
    assert (found.kept, found.difference, found.flat) == (100, 0.0, True)
    assert (found.recording(4), found.recording(64)) == (6, 2996)
    assert figures(PAIRS, 2, peaks(10, 9010, bare=10, later=8000)).flat, "the bare run grows as much"
    assert not figures(PAIRS, 2, peaks(10, 3011, bare=0)).flat


FLAT = {steps: {"recorded": 10, "bare": 5} for steps in (4, 64)}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({}, []),
        ({"added": 0.021}, ["adds at most 2 % of processor time"]),
        ({"added": 0.2}, ["adds at most 2 % of processor time", "adds less than attention-map-diffusers"]),
        ({"difference": 1e-7}, ["latents bit-identical"]),
        ({"kept": 101}, ["at most 1/10 of the bytes of stored queries and keys"]),
        (
            {"peaks": {4: {"recorded": 0, "bare": 0}, 64: {"recorded": 10**8, "bare": 0}}},
            ["memory flat: more steps add no more"],
        ),
    ],
)
def test_promises_are_judged(changed, missed):
    ours = Figures(**({"added": 0.01, "kept": 100, "difference": 0.0, "peaks": FLAT} | changed))
    peer = Figures(added=0.1, kept=1000, difference=0.0, peaks=FLAT)
    judged = verdicts(ours, {"attention-map-diffusers": peer})
    assert [promise for promise, kept in judged.items() if not kept] == missed
    lines = table.table({"denoscope": ours, "attention-map-diffusers": peer})
    assert sum(line.endswith("MISSED") for line in lines) == len(missed)
    assert "daam is not installed and was left out" in lines


def test_peers_that_are_not_there_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "INSTALLED", tmp_path)
    assert list(table.groups()) == [(sys.executable, ["denoscope"])]
    for name in ("attention-map-diffusers", "daam"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "installed").touch()
    apart = (tmp_path / "daam" / "bin" / "python", ["daam"])
    assert list(table.groups()) == [(sys.executable, ["denoscope", "attention-map-diffusers"]), apart]


def test_a_side_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"(?s)denoscope failed: .*no config.json of this checkpoint is here"):
        table._run(sys.executable, tmp_path, ["denoscope"])
