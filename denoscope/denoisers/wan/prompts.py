"""Encoded prompts, kept on disk: the encoder is several times as large as the transformer that reads them."""

from __future__ import annotations

import gc
import hashlib
import html
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoTokenizer, UMT5EncoderModel

from denoscope.checkpoints.manifest import file_entry, read_manifest
from denoscope.checkpoints.pretrained import pretrained
from denoscope.runtime.files import replacing

log = logging.getLogger(__name__)
READ = ("text_encoder", "tokenizer")
"""Folders of a checkpoint that decide what a prompt becomes."""
NAME = "embedding"


def cleaned(prompt: str) -> str:
    """A prompt as the pipeline reads it: entities resolved, each white space a single blank.

    Diffusers also mends wrongly decoded characters where ftfy is installed; here a prompt is what is written.
    """
    return " ".join(html.unescape(html.unescape(prompt)).split())


class PromptReader:
    """Encodes prompts, each once.

    Args:
        checkpoint: folder with ``text_encoder`` and ``tokenizer``.
        cache: where what was encoded is kept.
        length: tokens to which a prompt is cut or padded.
        device: where the encoder runs, while it does.
        dtype: its type.
    """

    def __init__(self, checkpoint: Path, cache: Path, length: int, device: torch.device, dtype: torch.dtype) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint / "tokenizer")
        self.length = length
        self._checkpoint, self._cache, self._device, self._dtype = checkpoint, cache, device, dtype
        self._made_by = {"files": _hashes(checkpoint), "length": length, "dtype": str(dtype)}
        self._known: dict[str, Tensor] = {}

    def prepare(self, prompts: Sequence[str]) -> None:
        """Read what is kept of prompts, and encode the others; the encoder is loaded only for these, and freed."""
        unknown = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        kept = {prompt: self._kept(prompt) for prompt in unknown}
        self._known |= {prompt: found for prompt, found in kept.items() if found is not None}
        if missing := [prompt for prompt in unknown if prompt not in self._known]:
            self._encode(missing)

    def __call__(self, prompts: Sequence[str]) -> Tensor:
        """What the transformer reads of prompts, zero after each one's end: ``[prompts, length, channels]``."""
        self.prepare(prompts)
        rows = [self._known[prompt] for prompt in prompts]
        padded = [torch.nn.functional.pad(row, (0, 0, 0, self.length - len(row))) for row in rows]
        return torch.stack(padded).to(self._device)

    def _encode(self, prompts: Sequence[str]) -> None:
        log.info("encoding %d prompts", len(prompts))
        encoder = pretrained(UMT5EncoderModel, self._checkpoint / "text_encoder", self._device, self._dtype)
        for prompt in prompts:
            self._known[prompt] = found = self._encoded(encoder, prompt)
            self._keep(prompt, found)
        del encoder
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _encoded(self, encoder: Any, prompt: str) -> Tensor:
        """Rows of a prompt's own tokens. Padded as in the pipeline: rounding depends on the length."""
        asked = {"padding": "max_length", "max_length": self.length, "truncation": True, "return_tensors": "pt"}
        told = self.tokenizer([cleaned(prompt)], **asked).to(self._device)
        with torch.inference_mode():
            rows = encoder(told.input_ids, told.attention_mask).last_hidden_state[0]
        found: Tensor = rows[: int(told.attention_mask.sum())].to("cpu", copy=True)
        return found

    def _key(self, prompt: str) -> str:
        return json.dumps({**self._made_by, "prompt": cleaned(prompt)}, sort_keys=True, ensure_ascii=False)

    def _path(self, prompt: str) -> Path:
        return self._cache / f"{hashlib.sha256(self._key(prompt).encode()).hexdigest()[:32]}.safetensors"

    def _keep(self, prompt: str, rows: Tensor) -> None:
        told = {"made_by": self._key(prompt), "sha256": _hash(rows)}
        with replacing(self._path(prompt), durable=False) as temporary:
            save_file({NAME: rows.contiguous()}, temporary, metadata=told)

    def _kept(self, prompt: str) -> Tensor | None:
        """What is kept of a prompt, or None where nothing is or it is damaged."""
        path = self._path(prompt)
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="pt") as file:
                rows, told = file.get_tensor(NAME), file.metadata()
        except (SafetensorError, OSError) as error:
            log.warning("%s cannot be read (%s): the prompt is encoded again", path, error)
            return None
        if told != {"made_by": self._key(prompt), "sha256": _hash(rows)}:
            log.warning("%s is damaged: the prompt is encoded again", path)
            return None
        found: Tensor = rows
        return found


def _hash(rows: Tensor) -> str:
    return hashlib.sha256(rows.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()


def _hashes(checkpoint: Path) -> dict[str, str]:
    """Hashes of all files that decide what a prompt becomes: the manifest's, where it has them."""
    known = read_manifest(checkpoint)["files"]
    found = {}
    for path in sorted(path for part in READ for path in (checkpoint / part).rglob("*") if path.is_file()):
        name = path.relative_to(checkpoint).as_posix()
        found[name] = (known.get(name) or file_entry(path))["sha256"]
    return found
