"""The layers of block-diffusion language models, by their configuration. No torch: the workflow plans with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LLADA2, GEMMA = "llada2_moe", "diffusion_gemma"
SLIDING = "sliding_attention"
"""What DiffusionGemma calls a layer that sees only what is near."""
BLOCKS = {LLADA2: "model.layers.{}", GEMMA: "model.decoder.layers.{}"}
GEMMA_DEFAULTS = {"num_hidden_layers": 30, "hidden_size": 2304, "max_position_embeddings": 131072}
"""What transformers takes where a configuration of DiffusionGemma says nothing."""


def text_settings(network: Mapping[str, Any]) -> dict[str, Any]:
    """What a configuration says of the network that writes: DiffusionGemma's is a section of its own."""
    kind = network.get("model_type")
    inner = {**GEMMA_DEFAULTS, **network.get("text_config", {})} if kind == GEMMA else dict(network)
    return {**inner, "model_type": kind}


def canvas_length(network: Mapping[str, Any]) -> int:
    """Tokens that DiffusionGemma writes at once."""
    return int(network.get("canvas_length", 256))
