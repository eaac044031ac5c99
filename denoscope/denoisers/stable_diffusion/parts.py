"""The parts of a Stable Diffusion checkpoint, each read from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import read_manifest
from denoscope.checkpoints.pretrained import pretrained
from denoscope.denoisers.stable_diffusion.text import TextReader
from denoscope.denoisers.stable_diffusion.unet import load_unet
from denoscope.runtime.files import read_json


@dataclass(frozen=True)
class Parts:
    """A loaded checkpoint.

    Args:
        unet: the network.
        autoencoder: in float32 always: SDXL's overflows in float16.
        readers: of prompts: one, or SDXL's two.
        scheduler: its configuration.
        zeros: whether zeros, and no encoded empty prompt, stand for no text.
    """

    unet: Any
    autoencoder: Any
    readers: tuple[TextReader, ...]
    scheduler: dict[str, Any]
    zeros: bool


def load_parts(settings: Mapping[str, Any], folder: Path, device: torch.device, dtype: torch.dtype) -> Parts:
    """Read a fetched checkpoint in diffusers' layout.

    Raises:
        CheckpointError: a part is missing, its tensors are not those of its configuration, or it is not as planned.
    """
    read_manifest(folder)
    kinds = [CLIPTextModel] if settings["sizes"] is None else [CLIPTextModel, CLIPTextModelWithProjection]
    endings = ("", "_2")[: len(kinds)]
    parts = Parts(
        unet=load_unet(settings, folder, device, dtype),
        autoencoder=pretrained(AutoencoderKL, folder / "vae", device, torch.float32),
        readers=tuple(
            TextReader(
                _tokenizer(folder / f"tokenizer{ending}"),
                pretrained(kind, folder / f"text_encoder{ending}", device, dtype),
            )
            for ending, kind in zip(endings, kinds, strict=True)
        ),
        scheduler=_json(folder / "scheduler" / "scheduler_config.json"),
        zeros=len(kinds) > 1 and _zeros(folder / "model_index.json"),
    )
    _require_planned(parts, settings, folder)
    return parts


def _tokenizer(folder: Path) -> Any:
    if not folder.is_dir():
        raise CheckpointError(f"{folder} is missing: fetch the {folder.name} folder of the checkpoint")
    return CLIPTokenizer.from_pretrained(folder)


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(f"{path} is missing: fetch the {path.parent.name} folder of the checkpoint")
    document: dict[str, Any] = read_json(path)
    return document


def _zeros(index: Path) -> bool:
    """Diffusers' SDXL takes zeros unless the pipeline's index says otherwise."""
    return bool(read_json(index).get("force_zeros_for_empty_prompt", True)) if index.is_file() else True


def _require_planned(parts: Parts, settings: Mapping[str, Any], folder: Path) -> None:
    """Check the two numbers that layers and maps were planned with."""
    factor = 2 ** (len(parts.autoencoder.config.block_out_channels) - 1)
    if factor != settings["factor"]:
        raise CheckpointError(f"{folder / 'vae'} has {factor} pixels a latent, planned were {settings['factor']}")
    for reader in parts.readers:
        if reader.length != settings["text_length"]:
            raise CheckpointError(
                f"{folder}: a tokenizer reads {reader.length} tokens, planned were {settings['text_length']}"
            )
