"""The denoiser of masked language models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from denoscope.checkpoints.manifest import read_manifest
from denoscope.denoisers.text.masked import MaskedDenoiser
from denoscope.denoisers.text.settings import SAMPLER
from denoscope.networks.hub_layers import positions
from denoscope.networks.hub_lm import build_lm, lm_head, load_lm
from denoscope.networks.text import logits_of
from denoscope.text.tokenizer import TextTokenizer, TokenizerError, read_tokenizer


def load(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> MaskedDenoiser:
    """Build the model that ``settings`` describe and load the folder's weights, every tensor accounted for."""
    network = build_lm(settings["network"], causal=False)
    read_manifest(checkpoint)
    load_lm(network, checkpoint, device, dtype)
    return make_denoiser(network.eval(), read_tokenizer(checkpoint.with_name(settings["tokenizer"])), settings)


def make_denoiser(network: nn.Module, tokenizer: TextTokenizer, settings: Mapping[str, Any]) -> MaskedDenoiser:
    """The denoiser around a model that is loaded already.

    Raises:
        TokenizerError: the tokenizer has no mask.
    """
    if tokenizer.mask_id is None:
        raise TokenizerError("the tokenizer has no mask: this is no masked language model's")
    return MaskedDenoiser(
        network,
        logits_of(network),
        tokenizer,
        tokenizer.mask_id,
        SAMPLER.validate_python(settings["sampler"]),
        length=settings["length"],
        window=positions(settings["network"]),
        top=settings["top"],
        lens=settings["lens"],
        head=lm_head(network) if settings["lens"] else None,
    )
