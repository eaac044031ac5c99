"""DiffusionGemma's network as its pipeline sees it: one sample's; and as it is evaluated: a whole batch's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.denoisers.block_diffusion_lm.schedulers import Telling
from denoscope.denoisers.block_diffusion_lm.writing import Ask, Question
from denoscope.networks.block_layers import SLIDING

FULL = "full_attention"


@dataclass(frozen=True)
class CanvasQuestion(Question):
    """What the decoder is given for one sample.

    ``canvas [1, width]``; ``cache`` holds keys and values of what stands before it; ``conditioning [1, width,
    vocabulary]`` are the logits of the step before, None in a canvas' first step; ``positions [1, width]``.
    """

    canvas: Tensor
    cache: Any
    conditioning: Tensor | None
    positions: Tensor


class Prompted:
    """What the pipeline takes for its processor: it knows one prompt."""

    eos_token_id = None

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = list(ids)

    def apply_chat_template(self, messages: Any, **options: Any) -> dict[str, Tensor]:
        """The prompt, which is a chat already where it is to be one."""
        return {"input_ids": torch.tensor([self._ids])}


class AskingCanvas(nn.Module):
    """What the pipeline takes for its model: the encoder is the network's, evaluations of the decoder are asked for.

    Args:
        network: a ``DiffusionGemmaForBlockDiffusion``.
        scheduler: the pipeline's, which knows what is noise.
        state: turns what stands before the canvas into a state ``[length]``, and tells where the canvas begins in it.
        ask: takes questions.
    """

    def __init__(
        self, network: Any, scheduler: Telling, state: Callable[[Tensor], tuple[Tensor, int]], ask: Ask
    ) -> None:
        super().__init__()
        self.config, self.device = network.config, network.device
        self.model = SimpleNamespace(encoder=self._read, decoder=network.model.decoder)
        self._encoder, self._scheduler = network.model.encoder, scheduler
        self._state, self._ask = state, ask
        self._context: list[Tensor] = []

    def forward(
        self,
        *,
        decoder_input_ids: Tensor,
        past_key_values: Any,
        self_conditioning_logits: Tensor | None,
        decoder_attention_mask: Any,
        decoder_position_ids: Tensor,
    ) -> SimpleNamespace:
        """Logits of the canvas, which sees all of its context."""
        state, start = self._state(torch.cat(self._context))
        if (kept := self._scheduler.kept) is not None:
            here = state[start : start + decoder_input_ids.shape[1]]
            here.copy_(decoder_input_ids[0].where(kept[0], here))
        question = CanvasQuestion(
            state, start, decoder_input_ids, past_key_values, self_conditioning_logits, decoder_position_ids
        )
        return SimpleNamespace(logits=self._ask(question))

    def _read(self, input_ids: Tensor, **given: Any) -> Any:
        """Encode what stands before the next canvas."""
        self._context.append(input_ids[0])
        self._scheduler.kept = None
        return self._encoder(input_ids=input_ids, **given)


def batched(questions: Sequence[CanvasQuestion], config: Any, *, context: int) -> dict[str, Any]:
    """What the decoder is given for one question of each sample.

    Contexts differ in length: each ends right before the canvas' keys, and masked keys fill ``context`` before it.
    """
    from transformers import DynamicCache

    text = config.get_text_config()
    cache, sight = DynamicCache(), {}
    for index, kind in enumerate(text.layer_types):
        width = min(context, text.sliding_window - 1) if kind == SLIDING else context
        layers = [question.cache.layers[index] for question in questions]
        keys, values = ([getattr(layer, name) for layer in layers] for name in ("keys", "values"))
        cache.update(_padded(keys, width), _padded(values, width), index)
        sight[kind] = _sight([x.shape[-2] for x in keys], width, questions[0].canvas)
    rows = [question.conditioning for question in questions]
    nothing = torch.zeros(1, 1, 1, device=questions[0].canvas.device).expand(1, config.canvas_length, text.vocab_size)
    return {
        "decoder_input_ids": torch.cat([question.canvas for question in questions]),
        "past_key_values": cache,
        "self_conditioning_logits": torch.cat([nothing if row is None else row for row in rows]),
        "self_conditioning_mask": torch.tensor([row is not None for row in rows], device=nothing.device),
        "decoder_attention_mask": sight,
        "decoder_position_ids": torch.cat([question.positions for question in questions]),
    }


def _padded(tensors: Sequence[Tensor], width: int) -> Tensor:
    """Keys or values ``[1, heads, …, size]`` of all samples, ``[batch, heads, width, size]``, zeros in front."""
    return torch.cat([F.pad(tensor, (0, 0, width - tensor.shape[-2], 0)) for tensor in tensors])


def _sight(lengths: Sequence[int], width: int, canvas: Tensor) -> Tensor:
    """Which keys each query sees, bool ``[batch, 1, canvas, width + canvas]``: all but the padding."""
    padding = width - torch.tensor(lengths, device=canvas.device)
    keys = torch.arange(width + canvas.shape[1], device=canvas.device)
    return (keys >= padding[:, None])[:, None, None].expand(-1, -1, canvas.shape[1], -1)
