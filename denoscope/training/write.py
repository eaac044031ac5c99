"""Files of a model's folder."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor, nn

from denoscope.checkpoints.weights import tied_names
from denoscope.runtime.files import replacing


def write_halved(network: nn.Module, path: Path) -> None:
    """Write a network's weights in half precision; weights that are tied are written once, under their first name."""
    second = tied_names(network)
    kept = {name: _halved(value) for name, value in network.state_dict().items() if name not in second}
    with replacing(path) as temporary:
        save_file(kept, temporary)


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _halved(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()
