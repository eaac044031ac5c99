"""DiffusionGemma: a canvas of random tokens, of which ever more are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.denoisers.block_diffusion_lm.canvas_network import AskingCanvas, CanvasQuestion, Prompted, batched
from denoscope.denoisers.block_diffusion_lm.schedulers import scheduler
from denoscope.denoisers.block_diffusion_lm.settings import CanvasRefinement, CanvasSampler
from denoscope.denoisers.block_diffusion_lm.writing import Ask
from denoscope.denoisers.protocol import Sample
from denoscope.text.changes import UNWRITTEN
from denoscope.text.tokenizer import TokenizerError


class Canvases:
    """DiffusionGemma with diffusers' ``DiffusionGemmaPipeline``.

    A state is the prompt and the canvases behind it; padding before the prompt makes all prompts end at the same
    position. Random tokens of a canvas are no text: states hold :data:`UNWRITTEN` for them, until the canvas is done.
    The keys of attention are the context and, behind it, the canvas: those of the last canvas are numbered as the
    positions of the state, and layers with a sliding window have as many of the last as the window holds.

    Args:
        network: a ``DiffusionGemmaForBlockDiffusion``.
        sampler: what the pipeline and its scheduler are told.
        prompt_ids: token ids of a prompt.
        length: tokens of a sample, the prompt included.
        end_id: the end of a text, at which the pipeline may stop.
    """

    mask_id = UNWRITTEN

    def __init__(
        self,
        network: nn.Module,
        sampler: CanvasSampler,
        prompt_ids: Callable[[str], list[int]],
        *,
        length: int,
        end_id: int | None,
    ) -> None:
        self.network = network
        model: Any = network
        self._config, self._body, self._head = model.config, model.model, model.lm_head
        self.width: int = self._config.canvas_length
        self._sampler, self._prompt_ids, self._length, self._end_id = sampler, prompt_ids, length, end_id
        self._device = next(network.parameters()).device

    def write(self, sample: Sample, ask: Ask) -> Tensor:
        """Run the pipeline for one sample; return the last state."""
        import diffusers

        prompt = sample.request["prompt"]
        ids = self._read(prompt)
        sampler = self._sampler
        chosen = scheduler(sampler)
        model = AskingCanvas(self.network, chosen, lambda context: self._state(len(ids), context), ask)
        library: Any = diffusers
        pipeline = library.DiffusionGemmaPipeline(model, chosen, Prompted(ids))
        pipeline.set_progress_bar_config(disable=True)
        with torch.inference_mode():
            written = pipeline(
                prompt=prompt,
                gen_length=sampler.canvases * self.width,
                num_inference_steps=sampler.steps,
                temperature=sampler.temperature if isinstance(sampler, CanvasRefinement) else 0.0,
                eos_early_stop=sampler.stop_at_end,
                eos_token_id=self._end_id,
                stability_threshold=sampler.stability,
                confidence_threshold=sampler.confidence,
                generator=torch.Generator(self._device).manual_seed(sample.seed),
                output_type="seq",
            )
        text = torch.cat([torch.tensor(ids, device=self._device), written.sequences[0]])
        return self._state(len(ids), text)[0]

    def evaluate(self, questions: Sequence[CanvasQuestion]) -> Tensor:
        """Logits ``[batch, canvas, vocabulary]``."""
        given = batched(questions, self._config, context=self._length - self.width)
        found: Tensor = self.network(**given).logits
        return found.float()

    def read(self, hidden: Tensor, starts: Tensor) -> Tensor:
        """What the head makes of a layer's output ``[batch, canvas, channels]``, before it is capped."""
        found: Tensor = self._head(self._body.decoder.norm(hidden))
        return found.float()

    def _read(self, prompt: str) -> list[int]:
        ids, room = self._prompt_ids(prompt), self._length - self._sampler.canvases * self.width
        if not 0 < len(ids) <= room:
            raise TokenizerError(
                f"the prompt {prompt[:60]!r} has {len(ids)} tokens, and of {self._length} the canvases leave room "
                f"for 1 to {room}: change it, or length"
            )
        return ids

    def _state(self, prompt: int, text: Tensor) -> tuple[Tensor, int]:
        """The state that begins with ``text``, of which ``prompt`` tokens are the prompt, and where the text ends."""
        front = self._length - self._sampler.canvases * self.width - prompt
        state = torch.full((self._length,), UNWRITTEN, device=self._device)
        state[:front] = self._config.get_text_config().pad_token_id or 0
        state[front : front + len(text)] = text
        return state, front + len(text)
