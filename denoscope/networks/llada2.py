"""LLaDA2's mixture of experts, built of the classes that transformers has for GLM-4's.

The published repositories bring their model as code of their own, which is never run here. Layer for layer it computes
what transformers' ``Glm4MoeForCausalLM`` does: grouped-query attention with norms on queries and keys and a partial
rotary embedding, and experts chosen by a sigmoid router within groups, beside shared ones. Settings and tensors have
other names, queries, keys and values lie in one matrix, and attention is causal between blocks and free inside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

NAMES = (
    (r"^model\.word_embeddings\.", "model.embed_tokens."),
    (r"\.attention\.dense\.", ".self_attn.o_proj."),
    (r"\.attention\.query_layernorm\.", ".self_attn.q_norm."),
    (r"\.attention\.key_layernorm\.", ".self_attn.k_norm."),
    (r"\.mlp\.gate\.expert_bias$", ".mlp.gate.e_score_correction_bias"),
)
FUSED = ".attention.query_key_value."


def glm_tensors(tensors: Mapping[str, Tensor], network: Mapping[str, Any]) -> dict[str, Tensor]:
    """LLaDA2's published tensors by the names of ``Glm4MoeForCausalLM``; experts stay one by one."""
    return dict(pair for name, tensor in tensors.items() for pair in _renamed(name, tensor, network))


def block_causal_mask(length: int, block: int, device: torch.device) -> Tensor:
    """Who attends to whom, bool ``[1, 1, length, length]``: a position to its own block and to all before it."""
    number = torch.arange(length, device=device) // block
    return (number[:, None] >= number)[None, None]


def _renamed(name: str, tensor: Tensor, network: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    if FUSED in name:
        heads, groups, size = (network[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim"))
        ends = (heads * size, (heads + groups) * size)
        parts = torch.tensor_split(tensor, ends)
        yield from ((name.replace(FUSED, f".self_attn.{part}_proj."), x) for part, x in zip("qkv", parts, strict=True))
        return
    for pattern, replacement in NAMES:
        name = re.sub(pattern, replacement, name)
    yield name, tensor
