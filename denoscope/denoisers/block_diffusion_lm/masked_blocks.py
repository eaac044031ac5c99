"""LLaDA2: a text of masks that is revealed and edited block by block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.denoisers.block_diffusion_lm.settings import BlockRefinement
from denoscope.denoisers.block_diffusion_lm.windows import columns, picked
from denoscope.denoisers.block_diffusion_lm.writing import Ask, Question
from denoscope.denoisers.protocol import Sample
from denoscope.denoisers.text.prompts import require_room
from denoscope.networks.llada2 import block_causal_mask
from denoscope.text.tokenizer import TokenizerError


class MaskedBlocks:
    """LLaDA2 with diffusers' ``LLaDA2Pipeline``.

    The network is given the whole text at once, so that every evaluation has the same shape: what lies behind the block
    that is being written is masks, and no block attends to those behind it.

    Args:
        network: a ``Glm4MoeForCausalLM`` with LLaDA2's weights.
        sampler: what the pipeline is told.
        prompt_ids: token ids of a prompt.
        length: tokens of a sample, the prompt included: whole blocks.
        mask_id: the mask, which is never written.
        end_id: the end of a text, at which the pipeline may stop.
    """

    def __init__(
        self,
        network: nn.Module,
        sampler: BlockRefinement,
        prompt_ids: Callable[[str], list[int]],
        *,
        length: int,
        mask_id: int,
        end_id: int | None,
    ) -> None:
        self.network, self.mask_id, self.width = network, mask_id, sampler.block
        model: Any = network
        self._body, self._head = model.model, model.lm_head
        self._sampler, self._prompt_ids, self._length, self._end_id = sampler, prompt_ids, length, end_id
        self._device = next(network.parameters()).device
        self._sight = block_causal_mask(length, sampler.block, self._device)

    def write(self, sample: Sample, ask: Ask) -> Tensor:
        """Run the pipeline for one sample; return the last state."""
        import diffusers

        ids = torch.tensor([self._read(sample.request["prompt"])], dtype=torch.long, device=self._device)
        sampler = self._sampler
        model = _Asking(lambda tokens: ask(self._question(tokens)), self._device)
        library: Any = diffusers
        pipeline = library.LLaDA2Pipeline(model, library.BlockRefinementScheduler())
        pipeline.set_progress_bar_config(disable=True)
        with torch.inference_mode():
            written = pipeline(
                input_ids=ids,
                gen_length=self._length - ids.shape[1],
                block_length=sampler.block,
                num_inference_steps=sampler.steps,
                temperature=sampler.temperature,
                top_p=sampler.top_p,
                top_k=sampler.top_k,
                threshold=sampler.threshold,
                editing_threshold=sampler.editing,
                max_post_steps=sampler.post_steps,
                eos_early_stop=sampler.stop_at_end,
                eos_token_id=self._end_id,
                mask_token_id=self.mask_id,
                generator=torch.Generator(self._device).manual_seed(sample.seed),
                output_type="seq",
            )
        return torch.cat([ids, written.sequences], dim=1)[0]

    def evaluate(self, questions: Sequence[Question]) -> Tensor:
        """Logits ``[batch, block, vocabulary]`` of the block that each question is about."""
        tokens = torch.stack([question.state for question in questions])
        starts = torch.tensor([question.start for question in questions], device=self._device)
        hidden = self._body(
            input_ids=tokens,
            attention_mask=self._sight.expand(len(tokens), -1, -1, -1),
            position_ids=torch.arange(self._length, device=self._device).expand(len(tokens), -1),
            use_cache=False,
        ).last_hidden_state
        return self._logits(hidden, starts)

    def read(self, hidden: Tensor, starts: Tensor) -> Tensor:
        """What the head makes of a layer's output ``[batch, length, channels]``."""
        return self._logits(self._body.norm(hidden), starts)

    def _read(self, prompt: str) -> list[int]:
        ids = self._prompt_ids(prompt)
        require_room(prompt, len(ids), self._length)
        if self.mask_id in ids:
            raise TokenizerError(
                f"the prompt {prompt[:60]!r} has a mask, and only what follows it is written: remove it"
            )
        return ids

    def _logits(self, hidden: Tensor, starts: Tensor) -> Tensor:
        logits: Tensor = self._head(picked(hidden, columns(starts, self.width))).float()
        logits[..., self.mask_id] = -torch.inf
        return logits

    def _question(self, tokens: Tensor) -> Question:
        """What the pipeline asks about ``tokens [1, prefix and block]``, which it goes on changing."""
        state = tokens.new_full((self._length,), self.mask_id)
        state[: tokens.shape[1]] = tokens[0]
        return Question(state, tokens.shape[1] - self.width)


class _Asking(nn.Module):
    """What the pipeline takes for its model."""

    def __init__(self, ask: Callable[[Tensor], Tensor], device: torch.device) -> None:
        super().__init__()
        self._ask, self.device = ask, device

    def forward(self, tokens: Tensor, *, attention_mask: Tensor, position_ids: Tensor) -> SimpleNamespace:
        """Logits of the last block, which are all that the pipeline reads; whole texts have no padding to mask."""
        return SimpleNamespace(logits=self._ask(tokens))
