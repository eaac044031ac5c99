"""The MDLM family's denoiser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from denoscope.checkpoints.weights import load_weights
from denoscope.denoisers.text.masked import MaskedDenoiser
from denoscope.denoisers.text.settings import SAMPLER
from denoscope.networks.dit import MDLM
from denoscope.networks.dit_config import DiTConfig
from denoscope.text.tokenizer import TextTokenizer, mask_of, read_tokenizer


def load(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> MaskedDenoiser:
    """Build the network that ``settings`` describe and load the folder's weights, every tensor accounted for."""
    described = {key: value for key, value in settings["network"].items() if key != "mask_id"}
    with torch.device("meta"):
        network = MDLM(DiTConfig.model_validate(described))
    load_weights(network, checkpoint, device, dtype)
    return make_denoiser(network.eval(), read_tokenizer(checkpoint.with_name(settings["tokenizer"])), settings)


def make_denoiser(network: MDLM, tokenizer: TextTokenizer, settings: Mapping[str, Any]) -> MaskedDenoiser:
    """The denoiser around a network that is loaded already."""
    config = network.config
    return MaskedDenoiser(
        network,
        network,
        tokenizer,
        mask_of(tokenizer, config.vocab_size, settings["network"].get("mask_id")),
        SAMPLER.validate_python(settings["sampler"]),
        length=settings["length"],
        window=config.model_length,
        top=settings["top"],
        importance=network.importance if config.importance else None,
        lens=settings["lens"],
        head=network.read,
    )
