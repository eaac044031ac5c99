"""Turns pickled checkpoints into safetensors without executing anything they ask for."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from denoscope.checkpoints.errors import CheckpointError

PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}


def is_pickle(path: Path) -> bool:
    """Whether a file's name says that it is pickled."""
    return path.suffix.lower() in PICKLES


def convert(source: Path, target: Path) -> None:
    """Write the state dict pickled in ``source`` as safetensors.

    Only tensors and plain containers are read (``torch.load`` with ``weights_only=True``).

    Raises:
        CheckpointError: the pickle asks for anything else, by the name of that global; or it holds no state dict.
    """
    tensors = _state_dict(_load(source), source)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, target)


def check_safetensors(path: Path) -> None:
    """Check that a file is whole and in the safetensors format.

    Raises:
        CheckpointError: it is not.
    """
    try:
        with safe_open(path, framework="pt") as file:
            file.keys()
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no whole safetensors file ({error}): fetch it again") from error


def _load(source: Path) -> Any:
    refused = _unsafe_globals(source)
    if not refused:
        try:
            return torch.load(source, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
            refused = re.findall(r"GLOBAL ([\w.]+)", str(error))
            if not refused:
                raise CheckpointError(f"{source} cannot be read as a PyTorch checkpoint: {error}") from error
    raise CheckpointError(
        f"{source} is refused: its pickle asks for {', '.join(sorted(set(refused)))}, which is code and not weights; "
        "nothing of it was executed. Ask its author for safetensors, or convert it on a machine that may be lost"
    )


def _unsafe_globals(source: Path) -> list[str]:
    """Globals beyond tensors and containers that a zip-format checkpoint names; legacy files are judged on loading."""
    try:
        return list(torch.serialization.get_unsafe_globals_in_checkpoint(str(source)))
    except (ValueError, RuntimeError, pickle.UnpicklingError):
        return []


def _state_dict(document: Any, source: Path) -> dict[str, Tensor]:
    """The document itself, or the only state dict one level inside it."""
    if _is_state_dict(document):
        return dict(document)
    inside = (
        {key: value for key, value in document.items() if _is_state_dict(value)} if isinstance(document, dict) else {}
    )
    if len(inside) == 1:
        return dict(next(iter(inside.values())))
    found = f"it holds {', '.join(map(str, inside))}" if inside else f"it holds a {type(document).__name__}"
    raise CheckpointError(f"{source}: expected one state dict (names → tensors), but {found}")


def _is_state_dict(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(item, Tensor) for item in value.values())
