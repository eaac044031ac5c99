"""Tiny text models for tests: random weights, a tokenizer trained on a few words."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import save_file

from denoscope.checkpoints.manifest import write_manifest
from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Sample
from denoscope.denoisers.registry import loader
from denoscope.networks.text import build_network
from denoscope.text.tokenizer import wrapped
from denoscope.training.text.vocabulary import train_tokenizer

TEXTS = ["The function returns a list of names.", "If the value is None, an error is raised; see below."] * 4
SIZE, LENGTH = 300, 20
DIT = {"hidden_dim": 16, "cond_dim": 8, "n_blocks": 2, "n_heads": 2, "model_length": LENGTH, "vocab_size": SIZE}
NETWORKS = {
    "mdlm": DIT,
    "atat": {**DIT, "importance": {"hidden_dim": 16, "num_layers": 1, "heads": 2}},
    "masked_lm": {
        "model_type": "roberta",
        "vocab_size": SIZE,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": LENGTH + 2,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
    },
    "causal_lm": {
        "model_type": "gpt2",
        "vocab_size": SIZE,
        "n_embd": 16,
        "n_layer": 2,
        "n_head": 2,
        "n_positions": LENGTH,
        "bos_token_id": 2,
        "eos_token_id": 2,
    },
}
SAMPLERS = {
    "ddpm": {"steps": 6},
    "ddpm_cache": {"steps": 30},
    "analytic": {"steps": 6},
    "remask-bernoulli": {"steps": 5},
    "remask-count": {"steps": 5, "schedule": "cosine"},
    "confidence-parallel": {"steps": 9, "threshold": 0.02},
    "uncertainty": {"steps": 7},
}


@lru_cache
def tokenizer():
    """The tokenizer of all of them."""
    return wrapped(train_tokenizer(TEXTS, SIZE))


def model_folder(folder: Path, name: str) -> Path:
    """A checkpoint's folder with random weights: every layer counts, also those that start at zero."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    family = "mdlm" if name == "atat" else name
    network = build_network(family, NETWORKS[name])
    state = {key: value for key, value in network.state_dict().items() if key != "lm_head.decoder.weight"}
    state.pop("lm_head.weight", None)
    for key, value in state.items():
        if value.is_floating_point() and "norm" not in key.lower() and "ln_" not in key and "inv_freq" not in key:
            state[key] = torch.randn_like(value) * (0.02 if "prior" in key else 0.5)
    if name == "atat":
        state["importance.token_frequency_prior"] = torch.rand(SIZE)
    save_file({key: value.contiguous() for key, value in state.items()}, folder / "model.safetensors")
    tokenizer().base.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"family": family, "network": NETWORKS[name]}))
    files = {path.name: {"bytes": path.stat().st_size} for path in folder.iterdir() if path.name != "manifest.json"}
    write_manifest(folder, {"source": "local", "name": folder.name}, "Apache-2.0", files)
    return folder


def settings(name, sampler, *, length=LENGTH, top=3, lens=(), **more):
    """What a run of the family says to its loader."""
    return {
        "network": NETWORKS[name],
        "sampler": {"name": sampler, **SAMPLERS.get(sampler, {}), **more},
        "length": length,
        "top": top,
        "lens": list(lens),
        "tokenizer": name,
    }


def denoiser(root: Path, name: str, sampler: str, **more):
    """A loaded denoiser."""
    family = "mdlm" if name == "atat" else name
    folder = root / name
    if not folder.exists():
        model_folder(folder, name)
    return loader(family)(settings(name, sampler, **more), folder, torch.device("cpu"), torch.float32)


def batch(*prompts, seed=0, first=0):
    """Samples with these prompts."""
    return [Sample(first + i, sample_seed(seed, first + i), {"prompt": prompt}) for i, prompt in enumerate(prompts)]


class Deaf:
    """A recorder that only counts."""

    def __init__(self):
        self.forwards = []

    @contextmanager
    def forward(self, step, branch, time):
        self.forwards.append((step, branch, time))
        yield

    @property
    def steps(self):
        return [step for step, _, _ in self.forwards]


def run(made, samples):
    """All steps of a batch and the recorder that watched."""
    recorder = Deaf()
    with torch.inference_mode():
        return list(made.sample(samples, recorder)), recorder
