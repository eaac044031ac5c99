"""The parts of a WAN checkpoint, each read from its folder, every tensor accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import read_manifest
from denoscope.checkpoints.pretrained import pretrained
from denoscope.denoisers.wan.prompts import READ, PromptReader
from denoscope.runtime.files import read_json


@dataclass(frozen=True)
class Parts:
    """A loaded checkpoint: networks, what reads prompts, and the configuration of its scheduler."""

    transformer: Any
    autoencoder: Any
    reader: PromptReader
    scheduler: dict[str, Any]


def load_parts(folder: Path, length: int, device: torch.device, dtype: torch.dtype) -> Parts:
    """Read a fetched checkpoint in diffusers' layout; the autoencoder stays in float32.

    Raises:
        CheckpointError: a part is missing, or its tensors are not those of its ``config.json``.
    """
    read_manifest(folder)
    for part in (*READ, "scheduler"):
        if not (folder / part).is_dir():
            raise CheckpointError(f"{folder / part} is missing: fetch the {part} folder of the checkpoint")
    cache = folder.parent.parent / "prompts" / folder.name
    return Parts(
        transformer=pretrained(WanTransformer3DModel, folder / "transformer", device, dtype),
        autoencoder=pretrained(AutoencoderKLWan, folder / "vae", device, torch.float32),
        reader=PromptReader(folder, cache, length, device, dtype),
        scheduler=read_json(folder / "scheduler" / "scheduler_config.json"),
    )
