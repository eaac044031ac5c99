"""The networks of text models, by family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.checkpoints.manifest import WEIGHTS
from denoscope.checkpoints.weights import assign_weights, read_weights
from denoscope.networks.dit import MDLM
from denoscope.networks.dit_config import DiTConfig
from denoscope.networks.hub_layers import positions
from denoscope.networks.hub_lm import build_lm, load_lm

Logits = Callable[[Tensor], Tensor]
"""``tokens [batch, length] → logits [batch, length, vocabulary]``."""


def build_network(family: str, network: Mapping[str, Any]) -> nn.Module:
    """The network of a ``config.json``, with initial weights."""
    if family == "mdlm":
        return MDLM(DiTConfig.model_validate(network))
    return build_lm(network, causal=family == "causal_lm")


def logits_of(network: nn.Module) -> Logits:
    """What gives a network's logits, whatever it returns besides them."""

    def logits(tokens: Tensor) -> Tensor:
        found = network(tokens)
        return found if isinstance(found, Tensor) else found.logits

    return logits


def sequence_length(family: str, network: Mapping[str, Any]) -> int:
    """Tokens of a sequence that a network of a ``config.json`` takes."""
    return DiTConfig.model_validate(network).model_length if family == "mdlm" else positions(network)


def load_network(network: nn.Module, folder: Path) -> None:
    """Load ``model.safetensors`` of ``folder``, every tensor accounted for; tied weights may have one name.

    Raises:
        CheckpointError: the file is damaged, or tensors are missing, left over or of another shape.
    """
    path, device = folder / WEIGHTS, torch.device("cpu")
    if isinstance(network, MDLM):
        assign_weights(network, read_weights(path, device), torch.float32, source=str(path))
    else:
        load_lm(network, folder, device, torch.float32)
    network.requires_grad_(True)
