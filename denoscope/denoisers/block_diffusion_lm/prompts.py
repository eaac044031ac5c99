"""Prompts as the models were trained to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from denoscope.text.tokenizer import TextTokenizer, TokenizerError


def prompt_reader(tokenizer: TextTokenizer, folder: Path, *, chat: bool) -> Callable[[str], list[int]]:
    """The function that turns a prompt into token ids.

    Args:
        tokenizer: of the model.
        folder: where it was read from, with ``tokenizer_config.json`` and ``chat_template.jinja`` of the model.
        chat: whether a prompt is a user's message in the model's chat template, and the model's turn follows.

    Raises:
        TokenizerError: there is no chat template.
    """
    if not chat:
        return tokenizer.encode
    from transformers import PreTrainedTokenizerFast

    template = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    if not template.chat_template:
        raise TokenizerError(
            f"{folder} has no chat template: put the model's tokenizer_config.json, and the chat_template.jinja that "
            "it may have, beside tokenizer.json, or set chat: false"
        )

    def read(prompt: str) -> list[int]:
        message = [{"role": "user", "content": prompt}]
        found = template.apply_chat_template(message, add_generation_prompt=True, tokenize=True, return_dict=True)
        return list(found["input_ids"])

    return read
