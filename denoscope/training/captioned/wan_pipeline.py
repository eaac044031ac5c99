"""A complete WAN pipeline with new weights."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from transformers import T5Tokenizer, UMT5Config, UMT5EncoderModel

PAD, END, UNKNOWN, SPACE = "<pad>", "</s>", "<unk>", "▁"
CHARACTERS = [chr(code) for code in range(ord("!"), ord("~") + 1)]
RARE = -15.0
"""Log probability of a single character: any word of the captions is likelier than its characters."""
QUIET = 6.0
"""How much lower the logarithm of the latents' variance starts than it would."""


def new_wan_pipeline(network: Mapping[str, Any], captions: Sequence[str]) -> Any:
    """A ``WanPipeline`` of the components in ``network``; its tokenizer knows the words of ``captions``."""
    described = dict(network["text_encoder"])
    tokenizer = new_unigrams(captions, described.pop("max_length"))
    ends: dict[str, Any] = {"pad_token_id": 0, "eos_token_id": 1, "vocab_size": len(tokenizer)}
    return WanPipeline(
        tokenizer=tokenizer,
        text_encoder=UMT5EncoderModel(UMT5Config(**described, **ends)),
        vae=_new_autoencoder(network["vae"]),
        transformer=WanTransformer3DModel.from_config(dict(network["transformer"])),
        scheduler=UniPCMultistepScheduler.from_config(dict(network["scheduler"])),
    )


def _new_autoencoder(described: Mapping[str, Any]) -> Any:
    """Its latents have little noise at first: with as much as they have signal, the decoder learns to ignore them."""
    made: Any = AutoencoderKLWan.from_config(dict(described))
    with torch.no_grad():
        made.quant_conv.bias[made.config.z_dim :] -= QUIET
    return made


def new_unigrams(captions: Sequence[str], length: int) -> T5Tokenizer:
    """T5's unigram model (Kudo 2018, arXiv:1804.10959) of captions: their words are single tokens, others are spelt."""
    words = Counter(word for caption in captions for word in caption.split())
    known = [(SPACE + word, math.log(count / words.total())) for word, count in sorted(words.items())]
    spelt = [(character, RARE) for character in (SPACE, *CHARACTERS)]
    vocabulary = [(PAD, 0.0), (END, 0.0), (UNKNOWN, 0.0), *spelt, *known]
    return T5Tokenizer(vocab=vocabulary, extra_ids=0, model_max_length=length)
