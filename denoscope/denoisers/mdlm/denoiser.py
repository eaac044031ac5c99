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
from denoscope.text.tokenizer import TextTokenizer, TokenizerError, read_tokenizer


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


def mask_of(tokenizer: TextTokenizer, vocab_size: int, asked: int | None) -> int:
    """The mask's id: as asked, the tokenizer's own, or the one id that the network knows beyond the tokenizer.

    Raises:
        TokenizerError: there is no mask.
    """
    if asked is not None:
        return asked
    if tokenizer.mask_id is not None:
        return tokenizer.mask_id
    if vocab_size == tokenizer.size + 1:
        return vocab_size - 1
    raise TokenizerError(
        f"the tokenizer has {tokenizer.size} tokens and no mask, the network {vocab_size}: say which is the mask with "
        "model.mask_id"
    )
