"""The pipeline that all record: Stable Diffusion's layout at a sixth of its width, with random weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from denoscope.checkpoints.manifest import write_manifest
from denoscope.training.captioned.pipeline import new_pipeline

PREFIX = "text_model."
CAPTIONS = ("a red circle left of a green triangle", "a blue square above a black star")
NETWORK: dict[str, Any] = {
    "vae": {
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "block_out_channels": [4] * 4,
        "norm_num_groups": 2,
        "sample_size": 512,
    },
    "text_encoder": {
        "vocab_size": 600,
        "hidden_size": 256,
        "intermediate_size": 512,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 77,
    },
    "unet": {
        "sample_size": 64,
        "block_out_channels": [64, 128, 224, 240],
        "layers_per_block": 1,
        "cross_attention_dim": 256,
        "attention_head_dim": 8,
        "norm_num_groups": 16,
    },
    "scheduler": {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "clip_sample": False,
        "steps_offset": 1,
    },
}
"""Blocks, heads and tokens are those of Stable Diffusion 1.5, with one layer a block; 64×64 latents, 20 M parameters.

The autoencoder only has Stable Diffusion's factor of eight: no side decodes its latents.
"""


def make_pipeline(folder: Path, network: dict[str, Any] = NETWORK, captions: Sequence[str] = CAPTIONS) -> None:
    """Write the pipeline to ``folder``, always with the same weights, readable for diffusers from 0.21 on."""
    torch.manual_seed(0)
    pipeline = new_pipeline(network, captions)
    pipeline.save_pretrained(folder)
    _write_old_tokenizer(folder / "tokenizer")
    _name_as_before(folder / "text_encoder" / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"family": "stable_diffusion", "network": network}))
    write_manifest(folder, {"source": "benchmark"}, "CC0-1.0", {})


def _write_old_tokenizer(folder: Path) -> None:
    """The two files in which transformers before 5 looks for the vocabulary."""
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))


def _name_as_before(weights: Path) -> None:
    """Give CLIP's tensors the names that published checkpoints have: transformers before 5 knows no others."""
    tensors = {name.removeprefix(PREFIX): tensor for name, tensor in load_file(weights).items()}
    save_file({PREFIX + name: tensor for name, tensor in tensors.items()}, weights, {"format": "pt"})
