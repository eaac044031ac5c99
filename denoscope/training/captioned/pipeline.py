"""A complete Stable Diffusion pipeline with new weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

START, END, SUFFIX = "<|startoftext|>", "<|endoftext|>", "</w>"
PRIVATE = 0xE000
"""First of Unicode's characters that mean nothing."""


def new_pipeline(network: Mapping[str, Any], captions: Sequence[str]) -> Any:
    """A ``StableDiffusionPipeline`` of the components in ``network``; its tokenizer knows the words of ``captions``."""
    length = network["text_encoder"]["max_position_embeddings"]
    tokenizer = new_tokenizer(captions, network["text_encoder"]["vocab_size"], length)
    ends: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    return StableDiffusionPipeline(
        vae=AutoencoderKL.from_config(dict(network["vae"])),
        text_encoder=CLIPTextModel(CLIPTextConfig(**network["text_encoder"], **ends)),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel.from_config(dict(network["unet"])),
        scheduler=DDIMScheduler.from_config(dict(network["scheduler"])),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def new_tokenizer(captions: Sequence[str], size: int, length: int) -> CLIPTokenizer:
    """CLIP's byte-level BPE, trained on captions: their words become single tokens, others several."""
    blank = CLIPTokenizer().backend_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    # A word's last character is another token than the same within: CLIP adds a suffix to it. Trained with that suffix,
    # such tokens are numbered in no fixed order; here each is a character of its own until the training is over.
    last = {character: chr(PRIVATE + number) for number, character in enumerate(alphabet)}
    texts = [blank.normalizer.normalize_str(caption) for caption in captions]
    words = [word for text in texts for word, _ in blank.pre_tokenizer.pre_tokenize_str(text)]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[START, END],
        initial_alphabet=[*alphabet, *last.values()],
        show_progress=False,
    )
    learnt = Tokenizer(models.BPE())
    learnt.train_from_iterator((word[:-1] + last[word[-1]] for word in words), trainer)
    model = json.loads(learnt.to_str())["model"]
    named = str.maketrans({mark: character + SUFFIX for character, mark in last.items()})
    vocabulary = {token.translate(named): number for token, number in model["vocab"].items()}
    merges: Any = [tuple(part.translate(named) for part in pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=length)
