"""Language models of transformers, built from a description and never from remote code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.checkpoints.manifest import WEIGHTS
from denoscope.checkpoints.weights import assign_weights, read_weights, tied_names

HEADS = (("lm_head",), ("cls",), ("embed_out",), ("head", "decoder"))
"""What turns the last hidden state into logits, by the parts that models call it."""
NORMS = (
    "roberta_prelayernorm.LayerNorm",
    "transformer.ln_f",
    "model.norm",
    "model.final_norm",
    "gpt_neox.final_layer_norm",
    "model.decoder.final_layer_norm",
)
"""Where models with the norm before a layer have their last one."""
UNUSED = re.compile(r"(^|\.)(position_ids|pooler\..*|token_type_ids|attn\.(bias|masked_bias)|rotary_emb\.inv_freq)$")
"""What published files hold beside the model: buffers of older versions, and heads for other tasks."""


def build_lm(network: Mapping[str, Any], *, causal: bool) -> nn.Module:
    """A masked or causal language model as transformers' configuration ``network`` (with ``model_type``) describes it.

    Attention goes through PyTorch's fused function, where the attention tap reads it.

    Raises:
        ValueError: a value is of a type that transformers does not take.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

    described = {key: value for key, value in network.items() if key not in ("model_type", "architectures")}
    try:
        config = AutoConfig.for_model(network["model_type"], **described)
    except StrictDataclassError as error:
        said = " ".join(str(error).split())
        raise ValueError(
            f"transformers refuses the network that config.json or model.network describes: {said}"
        ) from None
    kind = AutoModelForCausalLM if causal else AutoModelForMaskedLM
    model: nn.Module = kind.from_config(  # type: ignore[no-untyped-call]
        config, attn_implementation="sdpa", trust_remote_code=False
    )
    return model


def load_lm(network: nn.Module, folder: Path, device: torch.device, dtype: torch.dtype) -> None:
    """Load ``model.safetensors`` of ``folder`` into a model of :func:`build_lm`, every tensor accounted for.

    Published files may leave out the base model's prefix and tensors that are tied to others.

    Raises:
        CheckpointError: the file is damaged, or tensors are missing, left over or of another shape.
    """
    path = folder / WEIGHTS
    tensors = renamed(network, read_weights(path, device))
    for name, first in tied_names(network).items():
        if name not in tensors and first in tensors:
            tensors[name] = tensors[first]
    assign_weights(network, tensors, dtype, source=str(path))
    network.tie_weights()  # type: ignore[operator]
    network.to(device)  # buffers that no file holds


def lm_head(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """What turns a layer's output into logits: the final norm, where there is one, and the head.

    Raises:
        ValueError: it is not known where this model has them.
    """
    modules = dict(network.named_modules())
    heads = [[modules[name] for name in parts] for parts in HEADS if modules.keys() >= set(parts)]
    norms = [modules[name] for name in NORMS if name in modules]
    if not heads:
        raise ValueError(
            f"no head is known of {type(network).__name__}: set alternatives.lens to false; its modules: "
            f"{', '.join(name for name, _ in network.named_children())}"
        )
    return nn.Sequential(*norms, *heads[0])


def renamed(network: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by the model's own names, without those that it has no use for."""
    known = set(network.state_dict())
    prefix = f"{network.base_model_prefix}."
    full = {name if name in known else prefix + name: value for name, value in tensors.items()}
    return {name: value for name, value in full.items() if name in known or not UNUSED.search(name)}
