"""Loads a checkpoint's tensors into a network, every one of them accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from denoscope.checkpoints.convert import check_safetensors
from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import WEIGHTS, read_manifest

SHOWN = 5


def load_weights(network: nn.Module, folder: Path, device: torch.device, dtype: torch.dtype) -> None:
    """Load ``model.safetensors`` of a fetched checkpoint into ``network``, which may be on the meta device.

    Raises:
        CheckpointError: tensors are missing, left over or of another shape; the message names them.
    """
    read_manifest(folder)
    assign_weights(network, read_weights(folder / WEIGHTS, device), dtype, source=str(folder / WEIGHTS))


def read_weights(path: Path, device: torch.device) -> dict[str, Tensor]:
    """The tensors of a safetensors file, by name, on ``device``.

    Raises:
        CheckpointError: the file is damaged.
    """
    check_safetensors(path)
    tensors: dict[str, Tensor] = load_file(path, device=str(device))
    return tensors


def assign_weights(network: nn.Module, tensors: dict[str, Tensor], dtype: torch.dtype, *, source: str) -> None:
    """Put ``tensors`` in place of the network's own."""
    expected = network.state_dict()
    shapes = [
        f"{name} {list(tensors[name].shape)} instead of {list(wanted.shape)}"
        for name, wanted in expected.items()
        if name in tensors and tensors[name].shape != wanted.shape
    ]
    for complaint, names in (
        ("lacks", expected.keys() - tensors.keys()),
        ("has more than the network:", tensors.keys() - expected.keys()),
        ("has other shapes:", shapes),
    ):
        if names:
            raise CheckpointError(f"{source} {complaint} {_some(names)}; does model.network describe this checkpoint?")
    cast = {name: value.to(dtype) if value.is_floating_point() else value for name, value in tensors.items()}
    network.load_state_dict(cast, strict=True, assign=True)
    network.requires_grad_(False)


def tied_names(network: nn.Module) -> dict[str, str]:
    """Names of tensors that a network holds under an earlier name, too, with that name."""
    first: dict[int, str] = {}
    found = {}
    for name, value in network.state_dict(keep_vars=True).items():
        if first.setdefault(id(value), name) != name:
            found[name] = first[id(value)]
    return found


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
