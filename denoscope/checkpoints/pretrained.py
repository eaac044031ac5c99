"""Networks in the layout of diffusers and transformers, every tensor accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from denoscope.checkpoints.errors import CheckpointError

COMPLAINTS = ("missing_keys", "unexpected_keys", "mismatched_keys")
BUFFERS = ("position_ids",)
"""Counters that old releases of transformers saved with the weights; networks make them themselves."""


def pretrained(kind: Any, folder: Path, device: torch.device, dtype: torch.dtype) -> Any:
    """The network of class ``kind`` that ``folder`` holds as ``config.json`` and safetensors.

    Raises:
        CheckpointError: there is none, or its tensors are not those of its ``config.json``.
    """
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{folder} has no config.json: fetch the whole {folder.name} folder of the checkpoint")
    network, told = kind.from_pretrained(folder, dtype=dtype, use_safetensors=True, output_loading_info=True)
    for complaint in COMPLAINTS:
        names = map(str, told.get(complaint) or ())
        if found := sorted(name for name in names if not name.endswith(BUFFERS)):
            raise CheckpointError(f"{folder}: {complaint.replace('_', ' ')}: {', '.join(found[:5])}")
    return network.requires_grad_(False).eval().to(device)
