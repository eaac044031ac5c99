"""The layers of transformers' language models, by their configuration. No torch: the workflow plans with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MASKED = {
    "bert": "bert.encoder.layer.{}",
    "roberta": "roberta.encoder.layer.{}",
    "roberta-prelayernorm": "roberta_prelayernorm.encoder.layer.{}",
    "xlm-roberta": "roberta.encoder.layer.{}",
    "electra": "electra.encoder.layer.{}",
    "distilbert": "distilbert.transformer.layer.{}",
    "modernbert": "model.layers.{}",
}
CAUSAL = {
    "gpt2": "transformer.h.{}",
    "gpt_neox": "gpt_neox.layers.{}",
    "llama": "model.layers.{}",
    "mistral": "model.layers.{}",
    "qwen2": "model.layers.{}",
    "qwen3": "model.layers.{}",
    "gemma": "model.layers.{}",
    "gemma2": "model.layers.{}",
    "phi3": "model.layers.{}",
    "opt": "model.decoder.layers.{}",
}
ATTENTION = {
    "bert": "attention.self",
    "roberta": "attention.self",
    "roberta-prelayernorm": "attention.self",
    "xlm-roberta": "attention.self",
    "electra": "attention.self",
    "distilbert": "attention",
    "modernbert": "attn",
    "gpt2": "attn",
    "gpt_neox": "attention",
}
"""Where a layer attends; ``self_attn`` in all others."""

OFFSET = ("roberta", "roberta-prelayernorm", "xlm-roberta")
"""Models whose positions start at 2."""


def hub_layers(network: Mapping[str, Any], paths: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the transformer layers of ``network``, a configuration of transformers.

    Raises:
        ValueError: its ``model_type`` is none of ``paths``.
    """
    kind = network.get("model_type")
    if not isinstance(kind, str) or kind not in paths:
        raise ValueError(f"model.network.model_type is {kind!r}; types that can be run: {', '.join(sorted(paths))}")
    count = first(network, "num_hidden_layers", "n_layer", "n_layers", default=12)
    return tuple(paths[kind].format(index) for index in range(count))


def hub_attention(network: Mapping[str, Any], paths: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the modules that attend."""
    return tuple(f"{layer}.{ATTENTION.get(network['model_type'], 'self_attn')}" for layer in hub_layers(network, paths))


def channels(network: Mapping[str, Any]) -> int:
    """Channels of a layer's output."""
    return first(network, "hidden_size", "n_embd", "dim", default=768)


def positions(network: Mapping[str, Any]) -> int:
    """Tokens that the network sees at once. RoBERTa's positions start two later, after padding's."""
    kind = network["model_type"]
    default = 1024 if kind == "gpt2" else 514 if kind in OFFSET else 512
    found = first(network, "max_position_embeddings", "n_positions", default=default)
    return found - 2 if kind in OFFSET else found


def first(network: Mapping[str, Any], *names: str, default: int) -> int:
    """The first of ``names`` that a configuration has: its architectures call the same by several."""
    return int(next((network[name] for name in names if name in network), default))
