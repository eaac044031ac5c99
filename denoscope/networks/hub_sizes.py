"""How many parameters and heads transformers' language models have, by their configuration. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from denoscope.networks.hub_layers import CAUSAL, MASKED, OFFSET, channels, hub_layers, positions
from denoscope.settings.sizes import UnknownSizeError

HEADS, GROUPS, HEAD = "num_attention_heads", "num_key_value_heads", "head_dim"
VOCABULARY, INNER, TYPES, TIED = "vocab_size", "intermediate_size", "type_vocab_size", "tie_word_embeddings"
DEFAULTS: dict[str, dict[str, Any]] = {
    "bert": {VOCABULARY: 30522, INNER: 3072, HEADS: 12, TYPES: 2, TIED: True},
    "roberta": {VOCABULARY: 50265, INNER: 3072, HEADS: 12, TYPES: 2, TIED: True},
    "roberta-prelayernorm": {VOCABULARY: 50265, INNER: 3072, HEADS: 12, TYPES: 2, TIED: True},
    "xlm-roberta": {VOCABULARY: 30522, INNER: 3072, HEADS: 12, TYPES: 2, TIED: True},
    "electra": {VOCABULARY: 30522, INNER: 1024, HEADS: 4, TYPES: 2, TIED: True, "embedding_size": 128},
    "distilbert": {VOCABULARY: 30522, INNER: 3072, HEADS: 12, TYPES: 0, TIED: True},
    "modernbert": {VOCABULARY: 50368, INNER: 1152, HEADS: 12, TIED: True},
    "gpt2": {VOCABULARY: 50257, HEADS: 12, TIED: True},
    "gpt_neox": {VOCABULARY: 50432, INNER: 24576, HEADS: 64, TIED: False},
    "llama": {VOCABULARY: 32000, INNER: 11008, HEADS: 32, TIED: False},
    "mistral": {VOCABULARY: 32000, INNER: 14336, HEADS: 32, GROUPS: 8, TIED: False},
    "qwen2": {VOCABULARY: 151936, INNER: 22016, HEADS: 32, GROUPS: 32, TIED: False},
    "qwen3": {VOCABULARY: 151936, INNER: 22016, HEADS: 32, GROUPS: 32, HEAD: 128, TIED: False},
    "gemma": {VOCABULARY: 256000, INNER: 24576, HEADS: 16, GROUPS: 16, HEAD: 256, TIED: True},
    "phi3": {VOCABULARY: 32064, INNER: 8192, HEADS: 32, TIED: False},
    "opt": {VOCABULARY: 50272, INNER: 3072, HEADS: 12, TIED: True},
}
"""What transformers takes where a configuration says nothing."""
OWN_NAMES = {
    "gpt2": {HEADS: "n_head", INNER: "n_inner"},
    "distilbert": {HEADS: "n_heads", INNER: "hidden_dim"},
    "opt": {INNER: "ffn_dim"},
}
"""What a type calls them itself."""
COUNTED = {
    "add_cross_attention": False,
    "mlp_bias": False,
    "norm_bias": False,
    "decoder_bias": True,
    "classifier_bias": False,
    "do_layer_norm_before": True,
    "enable_bias": True,
    "layer_norm_elementwise_affine": True,
}
"""Settings that add or remove parameters, and the only value with which they are counted here."""


def heads(network: Mapping[str, Any]) -> int:
    """Attention heads of a layer.

    Raises:
        UnknownSizeError: neither the configuration nor its type tells.
    """
    found = _setting(network, HEADS)
    if found is None:
        raise UnknownSizeError(f"heads of {network['model_type']} are not known: give {HEADS} in model.network")
    return int(found)


def parameter_count(network: Mapping[str, Any]) -> int:
    """Number of parameters, tied ones once.

    Raises:
        UnknownSizeError: networks of this type, or with these settings, are not counted.
    """
    kind = network["model_type"]
    if kind not in COUNTS:
        raise UnknownSizeError(f"parameters of {kind} are not counted")
    tied = _setting(network, TIED)
    counted = {**COUNTED, "attention_bias": kind == "gpt_neox", "word_embed_proj_dim": channels(network)}
    counted |= {TIED: True} if kind in MASKED else {}
    if odd := [key for key, value in counted.items() if network.get(key, value) != value]:
        raise UnknownSizeError(f"parameters of {kind} with {odd[0]}: {network[odd[0]]} are not counted")
    found = COUNTS[kind](network)
    return found if tied else found + _setting(network, VOCABULARY) * channels(network)


def _setting(network: Mapping[str, Any], name: str) -> Any:
    kind = network["model_type"]
    own = OWN_NAMES.get(kind, {}).get(name, name)
    for key in (own,) if name == INNER else (name, own):  # transformers takes the common name of all others, too
        if network.get(key) is not None:
            return network[key]
    return DEFAULTS.get(kind, {}).get(name)


def _layers(network: Mapping[str, Any]) -> int:
    return len(hub_layers(network, {**MASKED, **CAUSAL}))


def _positions(network: Mapping[str, Any]) -> int:
    """Rows of the table of positions."""
    return positions(network) + (2 if network["model_type"] in (*OFFSET, "opt") else 0)


def _classic(dim: int, inner: int) -> int:
    """A layer with four attention matrices, two of the feed-forward, their biases and two norms."""
    return 4 * (dim * dim + dim) + 2 * dim * inner + inner + dim + 4 * dim


def _bert(network: Mapping[str, Any]) -> int:
    """BERT, RoBERTa and their kin: embeddings with a norm, layers, a head of a layer, a norm and a bias."""
    dim, vocabulary = channels(network), _setting(network, VOCABULARY)
    width = network.get("embedding_size") or DEFAULTS[network["model_type"]].get("embedding_size", dim)
    rows = vocabulary + _positions(network) + _setting(network, TYPES)
    projection = width * dim + dim if width != dim else 0
    last = 2 * dim if network["model_type"] == "roberta-prelayernorm" else 0
    head = dim * width + width + 2 * width + vocabulary
    layers = _layers(network) * _classic(dim, _setting(network, INNER))
    return int((rows + 2) * width + projection + layers + last + head)


def _modernbert(network: Mapping[str, Any]) -> int:
    """No biases but the head's; the first layer has no norm before its attention."""
    dim, vocabulary = channels(network), _setting(network, VOCABULARY)
    layer = 4 * dim * dim + 3 * dim * _setting(network, INNER) + 2 * dim
    return int(vocabulary * (dim + 1) + _layers(network) * layer - dim + dim * dim + 3 * dim)


def _gpt(network: Mapping[str, Any]) -> int:
    """GPT-2 and OPT have a table of positions, GPT-NeoX rotates."""
    dim = channels(network)
    rows = _setting(network, VOCABULARY) + (0 if network["model_type"] == "gpt_neox" else _positions(network))
    return int(rows * dim + _layers(network) * _classic(dim, _setting(network, INNER) or 4 * dim) + 2 * dim)


def _llama(network: Mapping[str, Any]) -> int:
    """Llama and its kin: grouped-query attention, a gated feed-forward, no biases but Qwen2's."""
    kind, dim, count = network["model_type"], channels(network), heads(network)
    groups, size = _setting(network, GROUPS) or count, _setting(network, HEAD) or dim // count
    attention = 2 * dim * size * (count + groups)
    if kind == "qwen2":
        attention += size * (count + 2 * groups)
    if kind == "qwen3":
        attention += 2 * size
    layer = attention + 3 * dim * _setting(network, INNER) + 2 * dim
    return int(_setting(network, VOCABULARY) * dim + _layers(network) * layer + dim)


COUNTS: dict[str, Callable[[Mapping[str, Any]], int]] = {
    **dict.fromkeys(("bert", "roberta", "roberta-prelayernorm", "xlm-roberta", "electra", "distilbert"), _bert),
    "modernbert": _modernbert,
    **dict.fromkeys(("gpt2", "gpt_neox", "opt"), _gpt),
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "gemma", "phi3"), _llama),
}
