"""The UNet: of the pipeline or a state dict by itself, as the configuration describes it, with its changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from pydantic import ValidationError
from torch import Tensor

from denoscope.checkpoints.errors import CheckpointError
from denoscope.checkpoints.manifest import read_manifest
from denoscope.checkpoints.pretrained import pretrained
from denoscope.checkpoints.weights import assign_weights, read_weights
from denoscope.denoisers.stable_diffusion.lora import fuse
from denoscope.networks.unet2d_plan import UNet2DConfig
from denoscope.settings.faults import one_line


def load_unet(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Any:
    """The UNet of a run.

    Args:
        settings: the family's: ``network``, and the names of checkpoints beside the pipeline's for ``unet``, ``lora``.
        checkpoint: the pipeline's folder.
        device: where it goes.
        dtype: of its weights.

    Raises:
        CheckpointError: it is not the network that the configuration describes.
    """
    config = UNet2DConfig.model_validate(settings["network"])
    if settings["unet"]:
        network = _alone(config, checkpoint.with_name(settings["unet"]), device, dtype)
    else:
        network = pretrained(UNet2DConditionModel, checkpoint / "unet", device, dtype)
        _require_described(config, network.config, checkpoint / "unet")
    if lora := settings["lora"]:
        folder = checkpoint.with_name(lora["name"])
        fuse(network, _tensors(folder, device), lora["scale"], source=str(folder))
    return network


def _alone(config: UNet2DConfig, folder: Path, device: torch.device, dtype: torch.dtype) -> Any:
    """A UNet whose file holds its state dict and nothing else."""
    with torch.device("meta"):
        network: Any = UNet2DConditionModel.from_config(config.model_dump(mode="json"))
    assign_weights(network, _tensors(folder, device), dtype, source=str(folder))
    return network.eval()


def _tensors(folder: Path, device: torch.device) -> dict[str, Tensor]:
    """The tensors of a fetched checkpoint that is a single file."""
    files = [name for name in read_manifest(folder)["files"] if name.endswith(".safetensors")]
    if len(files) != 1:
        raise CheckpointError(
            f"{folder} holds {', '.join(files) or 'no safetensors'}: model.unet and model.lora each take one file of "
            "tensors; name it with checkpoint.file"
        )
    return read_weights(folder / files[0], device)


def _require_described(config: UNet2DConfig, published: Mapping[str, Any], folder: Path) -> None:
    """Check that the network is the one that was planned with; ``sample_size`` decides no tensor."""
    known = {key: published[key] for key in UNet2DConfig.model_fields if key in published}
    try:
        found = UNet2DConfig.model_validate(known)
    except ValidationError as error:
        raise CheckpointError(f"{folder} is a UNet that cannot be run: {one_line(error)}") from None
    ours, theirs = _per_level(config), _per_level(found)
    if wrong := [f"{key} is {theirs[key]}, described as {ours[key]}" for key in ours if ours[key] != theirs[key]]:
        raise CheckpointError(f"{folder} is not what model.network describes: {'; '.join(wrong)}")


def _per_level(config: UNet2DConfig) -> dict[str, Any]:
    """The configuration with one way of saying everything."""
    levels = range(len(config.block_out_channels))
    return config.model_dump(exclude={"sample_size"}) | {
        "attention_head_dim": [config.heads(level) for level in levels],
        "transformer_layers_per_block": [config.transformers(level) for level in levels],
        "upcast_attention": bool(config.upcast_attention),
    }
