"""The writer that a run's settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from denoscope.denoisers.block_diffusion_lm.canvas import Canvases
from denoscope.denoisers.block_diffusion_lm.masked_blocks import MaskedBlocks
from denoscope.denoisers.block_diffusion_lm.prompts import prompt_reader
from denoscope.denoisers.block_diffusion_lm.settings import BlockRefinement, CanvasSampler
from denoscope.denoisers.block_diffusion_lm.writing import Writer
from denoscope.networks.block_layers import text_settings
from denoscope.text.tokenizer import TextTokenizer, TokenizerError


def writer_for(
    network: nn.Module,
    sampler: BlockRefinement | CanvasSampler,
    settings: Mapping[str, Any],
    tokenizer: TextTokenizer,
    folder: Path,
) -> Writer:
    """The model with its pipeline.

    Args:
        network: the loaded model.
        sampler: what its pipeline is told.
        settings: the family's part of the run.
        tokenizer: of the model.
        folder: where the tokenizer was read from.

    Raises:
        TokenizerError: no mask or end is known, or there is no chat template.
    """
    prompt_ids = prompt_reader(tokenizer, folder, chat=settings["chat"])
    described, length = settings["network"], settings["length"]
    end_id = _end(described, tokenizer) if sampler.stop_at_end else None
    if not isinstance(sampler, BlockRefinement):
        return Canvases(network, sampler, prompt_ids, length=length, end_id=end_id)
    mask_id = described.get("mask_token_id", tokenizer.mask_id)
    if mask_id is None:
        raise TokenizerError(f"{folder} has no mask: give mask_token_id in model.network")
    return MaskedBlocks(network, sampler, prompt_ids, length=length, mask_id=mask_id, end_id=end_id)


def _end(network: Mapping[str, Any], tokenizer: TextTokenizer) -> int:
    """The token that ends a text: the configuration's, the first of several, or the tokenizer's."""
    told = text_settings(network).get("eos_token_id", tokenizer.end_id)
    found = told[0] if isinstance(told, list) else told
    if found is None:
        raise TokenizerError(
            "no token is known that ends a text: give eos_token_id in model.network, or set sampler.stop_at_end: false"
        )
    return int(found)
