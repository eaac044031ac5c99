"""The families' own denoisers around a network that is loaded already."""

from __future__ import annotations

from typing import Any, cast

from torch import nn

from denoscope.denoisers.causal_lm.denoiser import CausalDenoiser
from denoscope.denoisers.causal_lm.run import CausalLMRun
from denoscope.denoisers.mdlm.denoiser import mask_of
from denoscope.denoisers.protocol import Denoiser
from denoscope.denoisers.text.masked import MaskedDenoiser
from denoscope.denoisers.text.masked_run import MaskedRun
from denoscope.denoisers.text.text_run import TextRun
from denoscope.networks.dit import MDLM
from denoscope.text.tokenizer import TextTokenizer, TokenizerError
from denoscope.training.text.networks import logits_of


def text_denoiser(run: TextRun, network: nn.Module, tokenizer: TextTokenizer) -> Denoiser:
    """The denoiser of a run's family, with the run's sampler.

    Raises:
        TokenizerError: the tokenizer has no mask, and the model needs one.
    """
    shape: dict[str, Any] = {"length": run.total, "top": run.alternatives.top}
    if isinstance(run, CausalLMRun):
        return cast("Denoiser", CausalDenoiser(network, tokenizer, run.sampler, **shape))
    asked = cast("MaskedRun", run)
    importance = network.importance if isinstance(network, MDLM) and network.config.importance else None
    denoiser = MaskedDenoiser(
        network,
        logits_of(network),
        tokenizer,
        _mask(network, tokenizer),
        asked.sampler,
        window=asked.model.window,
        importance=importance,
        **shape,
    )
    return cast("Denoiser", denoiser)


def _mask(network: nn.Module, tokenizer: TextTokenizer) -> int:
    if isinstance(network, MDLM):
        return mask_of(tokenizer, network.config.vocab_size, None)
    if tokenizer.mask_id is None:
        raise TokenizerError("the tokenizer has no mask: this is no masked language model's")
    return tokenizer.mask_id
