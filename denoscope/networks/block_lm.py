"""Block-diffusion language models, built and loaded by transformers and never from remote code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from denoscope.checkpoints.errors import CheckpointError
from denoscope.networks.block_layers import GEMMA
from denoscope.networks.llada2 import glm_tensors
from denoscope.networks.llada2_settings import glm_settings


def load_block_lm(network: Mapping[str, Any], folder: Path, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """The model that ``network`` describes with the weights of all safetensors in ``folder``, for evaluation.

    Attention goes through PyTorch's fused function, where the attention tap reads it.

    Raises:
        CheckpointError: tensors are missing, left over or of another shape.
    """
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion, Glm4MoeConfig, Glm4MoeForCausalLM

    tensors = folder_tensors(folder)
    described = {key: value for key, value in network.items() if key not in ("model_type", "architectures")}
    build: Any
    config: Any
    if network["model_type"] == GEMMA:
        build, config = DiffusionGemmaForBlockDiffusion, DiffusionGemmaConfig(**described)
    else:
        build, config = Glm4MoeForCausalLM, Glm4MoeConfig(**glm_settings(network))
        tensors = glm_tensors(tensors, network)
    model, found = build.from_pretrained(
        None,
        config=config,
        state_dict=tensors,
        dtype=dtype,
        attn_implementation="sdpa",
        trust_remote_code=False,
        ignore_mismatched_sizes=True,
        output_loading_info=True,
    )
    _require_complete(found, folder)
    loaded: nn.Module = model.to(device).eval().requires_grad_(False)
    return loaded


def folder_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of the safetensors files of ``folder``; large models come in several.

    Raises:
        CheckpointError: there is no such file.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(f"{folder} holds no safetensors: name the model's files in model.checkpoint")
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def _require_complete(found: Mapping[str, Any], folder: Path) -> None:
    """Check what transformers says of a loaded model: ``ignore_mismatched_sizes`` makes it tell instead of guess."""
    for complaint, key in (
        ("lacks", "missing_keys"),
        ("has more than the network:", "unexpected_keys"),
        ("has other shapes:", "mismatched_keys"),
    ):
        if names := sorted(str(name) for name in found[key]):
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            raise CheckpointError(
                f"{folder} {complaint} {', '.join(names[:5])}{more}; does model.network describe this checkpoint?"
            )
