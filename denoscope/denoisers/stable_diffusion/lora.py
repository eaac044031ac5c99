"""Low-rank changes of a network's weights (Hu et al. 2021, arXiv:2106.09685): W + scale · alpha / r · B A."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from denoscope.checkpoints.errors import CheckpointError

PARTS = {"lora_down.weight": "down", "lora_up.weight": "up", "lora_A.weight": "down", "lora_B.weight": "up"}
"""What names of tensors end in: kohya's training scripts' and peft's."""
NAME = re.compile(rf"(.+)\.({'|'.join(map(re.escape, [*PARTS, 'alpha']))})")
KOHYA, DIFFUSERS = "lora_unet_", "unet."
"""What names begin with: kohya's has underscores for the dots in a module's path; diffusers' may be left out."""
SHOWN = 5


@dataclass(frozen=True)
class Change:
    """A module's change: ``down`` (A) ``[r, in, …]``, ``up`` (B) ``[out, r, …]`` and the alpha that scales it."""

    down: Tensor
    up: Tensor
    alpha: float

    def fits(self, weight: Tensor) -> bool:
        """Whether it changes a weight of that shape."""
        rank, inner = self.down.shape[0], weight[0].numel()
        return self.up.shape[0] == weight.shape[0] and self.up[0].numel() == rank and self.down[0].numel() == inner

    def added(self, weight: Tensor, scale: float) -> Tensor:
        """The changed weight, computed in float32, in its own type."""
        down, up = (factor.to(weight.device, torch.float32).flatten(1) for factor in (self.down, self.up))
        factor = scale * self.alpha / len(down)
        return (weight.float() + factor * (up @ down).view(weight.shape)).to(weight.dtype)


def fuse(network: nn.Module, tensors: Mapping[str, Tensor], scale: float, *, source: str) -> None:
    """Add ``scale`` times the changes in ``tensors`` to the network's weights.

    Raises:
        CheckpointError: tensors change nothing in this network, lack their other half, or do not fit; it names them.
    """
    changes = _changes(tensors, _paths(network), source)
    weights = {path: network.get_parameter(f"{path}.weight") for path in changes}
    if wrong := [path for path, change in changes.items() if not change.fits(weights[path])]:
        raise CheckpointError(f"{source} does not fit the weights of {_some(wrong)}: it is made for another network")
    for path, change in changes.items():
        weights[path].data = change.added(weights[path].data, scale)


def _changes(tensors: Mapping[str, Tensor], paths: Mapping[str, str], source: str) -> dict[str, Change]:
    """The changes by the path of their module."""
    found: dict[str, dict[str, Tensor]] = {}
    strange = []
    for name, tensor in tensors.items():
        match = NAME.fullmatch(name)
        path = paths.get(match[1]) if match else None
        if match and path:
            found.setdefault(path, {})[PARTS.get(match[2], match[2])] = tensor
        else:
            strange.append(name)
    if strange:
        raise CheckpointError(
            f"{source}: {len(strange)} of {len(tensors)} tensors change no layer of this UNet: {_some(strange)}; "
            f"names of its layers are expected, as {KOHYA}mid_block_….lora_down.weight (kohya) or "
            f"{DIFFUSERS}mid_block.….lora_A.weight (peft)"
        )
    if half := [path for path, parts in found.items() if not parts.keys() >= {"down", "up"}]:
        raise CheckpointError(f"{source} has only one of the two factors for {_some(half)}: fetch it again")
    return {path: _change(parts) for path, parts in found.items()}


def _change(parts: Mapping[str, Tensor]) -> Change:
    # Without an alpha the product is added as it is.
    alpha = float(parts["alpha"]) if "alpha" in parts else float(len(parts["down"]))
    return Change(parts["down"], parts["up"], alpha)


def kohya_names(network: nn.Module) -> dict[str, str]:
    """The paths of the modules that can be changed, those with a weight matrix or kernel, by kohya's names."""
    modules = network.named_modules()
    weighted = (path for path, module in modules if isinstance(module, nn.Linear | nn.Conv2d))
    return {f"{KOHYA}{path.replace('.', '_')}": path for path in weighted}


def _paths(network: nn.Module) -> dict[str, str]:
    """The paths of the modules that can be changed, by every name that a file may give them."""
    kohya = kohya_names(network)
    return kohya | {name: path for path in kohya.values() for name in (path, f"{DIFFUSERS}{path}")}


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:SHOWN]) + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
