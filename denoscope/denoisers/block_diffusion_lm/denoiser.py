"""The denoiser of block-diffusion language models: diffusers' pipelines, one a sample, evaluated together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from denoscope.checkpoints.manifest import read_manifest
from denoscope.denoisers.block_diffusion_lm.settings import SAMPLER
from denoscope.denoisers.block_diffusion_lm.turns import in_turns
from denoscope.denoisers.block_diffusion_lm.windows import columns, placed
from denoscope.denoisers.block_diffusion_lm.writers import writer_for
from denoscope.denoisers.block_diffusion_lm.writing import Question, Writer, Writing
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.denoisers.text.denoiser import TextDenoiser
from denoscope.denoisers.text.lens import Lens
from denoscope.denoisers.text.records import token_records, token_scalars
from denoscope.networks.block_lm import load_block_lm
from denoscope.text.tokenizer import TextTokenizer, read_tokenizer
from denoscope.trace.schema import ENTROPY


class BlockDiffusionDenoiser(TextDenoiser):
    """Pipelines that write one text each, whose network is evaluated for all of them at once.

    Every sample has a pipeline with a generator of its own, on the network's device. Where a pipeline would evaluate
    the network, it waits until all do; each such evaluation is a step. A pipeline that is done keeps its last state.

    Args:
        writer: the model with its pipeline.
        tokenizer: of the model.
        steps: evaluations a text, at most.
        length: tokens of a sample.
        top: likeliest tokens recorded at the positions that the pipeline looks at.
        lens: layers from whose output the head reads a token.
    """

    caches = True

    def __init__(
        self, writer: Writer, tokenizer: TextTokenizer, *, steps: int, length: int, top: int, lens: Sequence[str] = ()
    ) -> None:
        super().__init__(tokenizer, writer.mask_id)
        self.network, self.steps = writer.network, steps
        self._writer, self._length, self._top = writer, length, top
        self._starts = torch.zeros(0)
        self._lens = Lens(self.network, lens, lambda hidden: writer.read(hidden, self._starts))

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are token ids ``[batch, length]``.

        Raises:
            RuntimeError: a pipeline evaluates the network more often than was planned.
        """
        with ExitStack() as stack:
            texts = [self._started(sample, stack) for sample in batch]
            free = torch.stack([text.state for text in texts]) == self._writer.mask_id
            for step in range(self.steps):
                time, done = 1 - step / self.steps, [text.done for text in texts]
                state = torch.stack([text.state for text in texts])
                if not all(done):
                    logits, records = self._evaluated([text.question for text in texts], recorder, step, time)
                scalars = token_scalars(state, free, self._writer.mask_id, records[ENTROPY].float())
                cached = torch.tensor(done, device=state.device)
                yield Step(step, time, state, scalars=scalars, records=records, cached=cached)
                for text, row in zip(texts, logits, strict=True):
                    text.answer(row[None])
            if not all(text.done for text in texts):
                raise RuntimeError(f"a pipeline asks for more than the {self.steps} evaluations that were planned")
            state = torch.stack([text.state for text in texts])
        yield Step(self.steps, 0.0, state, scalars=token_scalars(state, free, self._writer.mask_id, None))

    def _started(self, sample: Sample, stack: ExitStack) -> Writing:
        """A sample's pipeline at its first evaluation; the stack ends it."""
        return Writing(stack.enter_context(closing(in_turns(partial(self._writer.write, sample)))))

    def _evaluated(
        self, questions: Sequence[Question], recorder: Recorder, step: int, time: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits ``[batch, width, vocabulary]``, and what is recorded of them ``[batch, length, …]``."""
        self._starts = torch.tensor([question.start for question in questions], device=questions[0].state.device)
        with recorder.forward(step, "conditional", time), self._lens.reading():
            logits = self._writer.evaluate(questions)
        found = token_records(logits.log_softmax(dim=-1), None, self._top) | self._lens.take()
        where = columns(self._starts, self._writer.width)
        return logits, {name: placed(value, where, self._length) for name, value in found.items()}


def load(
    settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype
) -> BlockDiffusionDenoiser:
    """Build the model that ``settings`` describe and load the folder's weights, every tensor accounted for."""
    read_manifest(checkpoint)
    folder = checkpoint.with_name(settings["tokenizer"])
    tokenizer = read_tokenizer(folder)
    sampler = SAMPLER.validate_python(settings["sampler"])
    network = load_block_lm(settings["network"], checkpoint, device, dtype)
    return BlockDiffusionDenoiser(
        writer_for(network, sampler, settings, tokenizer, folder),
        tokenizer,
        steps=sampler.evaluations(settings["length"]),
        length=settings["length"],
        top=settings["top"],
        lens=settings["lens"],
    )
