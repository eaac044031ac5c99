"""Holds a network of ours against recorded inputs and outputs of the reference."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

MODULES = {
    "edm_dhariwal": "denoscope.networks.dhariwal",
    "mdlm_dit": "denoscope.networks.dit",
    "atat_importance": "denoscope.networks.importance",
}
"""Where each network lives; the module's ``reference_outputs`` runs it."""

TOLERANCE = 1e-4


class VectorError(ValueError):
    """A file holds no usable vectors."""


@dataclass(frozen=True)
class Difference:
    """How far one output is from the reference; ``relative`` is in units of the reference's largest value."""

    output: str
    absolute: float
    relative: float


def verify_network(path: Path) -> list[Difference]:
    """Run our network on a vector file: ``state.*``, ``input.*``, ``output.*``, metadata ``network`` and ``config``.

    Raises:
        VectorError: the file cannot be read, is no vector file, or is of a network that is not here.
    """
    metadata, tensors = _read(path)
    name = metadata.get("network")
    if name not in MODULES or "config" not in metadata:
        known = ", ".join(sorted(MODULES))
        raise VectorError(f"{path}: its metadata name the network {name!r}; networks that can be verified: {known}")
    state, inputs, expected = (_part(tensors, prefix) for prefix in ("state.", "input.", "output."))
    if not (state and inputs and expected):
        raise VectorError(f"{path} has no state.*, input.* or output.* tensors")
    with torch.inference_mode():
        found = importlib.import_module(MODULES[name]).reference_outputs(json.loads(metadata["config"]), state, inputs)
    return [_difference(output, found[output], wanted) for output, wanted in expected.items()]


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError) as error:
        raise VectorError(f"{path} cannot be read as safetensors: {error}") from error


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _difference(output: str, found: Any, wanted: Tensor) -> Difference:
    absolute = float((found - wanted).abs().max())
    return Difference(output, absolute, absolute / float(wanted.abs().max()))
