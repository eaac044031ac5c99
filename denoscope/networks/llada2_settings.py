"""What a configuration of LLaDA2 says, in the words of transformers' GLM-4. No torch: the workflow checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAME = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
    "rms_norm_eps",
    "moe_intermediate_size",
    "num_experts_per_tok",
    "n_group",
    "topk_group",
    "routed_scaling_factor",
    "first_k_dense_replace",
)
"""Settings that both call the same."""
OTHER = {"num_experts": "n_routed_experts", "num_shared_experts": "n_shared_experts"}
"""Settings that GLM-4 calls by another name."""
FIXED: dict[str, Any] = {
    "hidden_act": "silu",
    "score_function": "sigmoid",
    "use_qk_norm": True,
    "use_bias": False,
    "use_qkv_bias": False,
    "rope_scaling": None,
    "sliding_window": None,
}
"""What a configuration may say of these, if anything."""


def glm_settings(network: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a ``Glm4MoeForCausalLM`` that computes what LLaDA2's ``network`` describes.

    Raises:
        ValueError: a setting is missing, or says what that class does not do.
    """
    if missing := [name for name in (*SAME, *OTHER, "rope_theta", "partial_rotary_factor") if name not in network]:
        raise ValueError(f"model.network of type llada2_moe lacks {', '.join(missing)}: copy them from its config.json")
    for name, only in FIXED.items():
        if network.get(name, only) != only:
            raise ValueError(f"model.network.{name} is {network[name]!r}: only {only!r} can be run")
    return {
        **{name: network[name] for name in SAME},
        **{theirs: network[ours] for ours, theirs in OTHER.items()},
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": float(network["rope_theta"]),
            "partial_rotary_factor": network["partial_rotary_factor"],
        },
        "use_qk_norm": True,
        "norm_topk_prob": network["num_experts_per_tok"] > 1,
        "tie_word_embeddings": network.get("tie_word_embeddings", False),
        "pad_token_id": network.get("pad_token_id"),
        "num_mtp_layers": 0,
    }


def llada2_parameters(network: Mapping[str, Any]) -> int:
    """Number of parameters of the network that ``network`` describes."""
    dim, size = network["hidden_size"], network["head_dim"]
    heads, groups = network["num_attention_heads"], network["num_key_value_heads"]
    attention = 2 * dim * heads * size + 2 * dim * groups * size + 2 * size
    dense = 3 * dim * network["intermediate_size"]
    expert = 3 * dim * network["moe_intermediate_size"]
    experts = network["num_experts"] * (expert + dim) + network["num_shared_experts"] * expert
    layers, plain = network["num_hidden_layers"], network["first_k_dense_replace"]
    tables = 1 if network.get("tie_word_embeddings") else 2
    feedforward = plain * dense + (layers - plain) * experts
    return int(tables * network["vocab_size"] * dim + layers * (attention + 2 * dim) + feedforward + dim)
