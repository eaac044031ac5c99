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

LAYERS, CHANNELS, POSITIONS = "num_hidden_layers", "hidden_size", "max_position_embeddings"
DEFAULTS = {
    kind: {LAYERS: layers, CHANNELS: channels, POSITIONS: positions}
    for kind, layers, channels, positions in (
        ("bert", 12, 768, 512),
        ("roberta", 12, 768, 512),
        ("roberta-prelayernorm", 12, 768, 512),
        ("xlm-roberta", 12, 768, 512),
        ("electra", 12, 256, 512),
        ("distilbert", 6, 768, 512),
        ("modernbert", 22, 768, 8192),
        ("gpt2", 12, 768, 1024),
        ("gpt_neox", 44, 6144, 2048),
        ("llama", 32, 4096, 2048),
        ("mistral", 32, 4096, 131072),
        ("qwen2", 32, 4096, 32768),
        ("qwen3", 32, 4096, 32768),
        ("gemma", 28, 3072, 8192),
        ("gemma2", 26, 2304, 8192),
        ("phi3", 32, 3072, 4096),
        ("opt", 12, 768, 2048),
    )
}
"""What transformers takes where a configuration says nothing."""
OWN_NAMES = {
    "gpt2": {LAYERS: "n_layer", CHANNELS: "n_embd", POSITIONS: "n_positions"},
    "distilbert": {LAYERS: "n_layers", CHANNELS: "dim"},
}
"""What a type calls them itself; transformers takes both names, and the common one where both are there."""

OFFSET = ("roberta", "roberta-prelayernorm", "xlm-roberta")
"""Models whose positions start at 2."""


def hub_layers(network: Mapping[str, Any], paths: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the transformer layers of ``network``, a configuration of transformers.

    Raises:
        ValueError: its ``model_type`` is none of ``paths``, or it does not say how many layers there are.
    """
    kind = network.get("model_type")
    if not isinstance(kind, str) or kind not in paths:
        raise ValueError(f"model.network.model_type is {kind!r}; types that can be run: {', '.join(sorted(paths))}")
    return tuple(paths[kind].format(index) for index in range(_size(network, LAYERS)))


def hub_attention(network: Mapping[str, Any], paths: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the modules that attend."""
    return tuple(f"{layer}.{ATTENTION.get(network['model_type'], 'self_attn')}" for layer in hub_layers(network, paths))


def channels(network: Mapping[str, Any]) -> int:
    """Channels of a layer's output."""
    return _size(network, CHANNELS)


def positions(network: Mapping[str, Any]) -> int:
    """Tokens that the network sees at once. RoBERTa's positions start two later, after padding's."""
    found = _size(network, POSITIONS)
    return found - 2 if network["model_type"] in OFFSET else found


def _size(network: Mapping[str, Any], name: str) -> int:
    """What a configuration calls ``name``, or the default of its type.

    Raises:
        ValueError: it is no size, or it is missing and the type has no default.
    """
    kind = network["model_type"]
    own = OWN_NAMES.get(kind, {}).get(name, name)
    key = name if name in network else own
    found = network.get(key, DEFAULTS.get(kind, {}).get(name))
    if found is None:
        raise ValueError(f"model.network of type {kind} lacks {own}: copy it from its config.json")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise ValueError(f"model.network.{key} is {found!r}: give a whole number above 0")
    return found
