"""Denoises text by any of the samplers, with any network that guesses masked tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.denoisers.text.denoiser import TextDenoiser
from denoscope.denoisers.text.lens import Lens
from denoscope.denoisers.text.plans import plan
from denoscope.denoisers.text.prompts import prompt_tokens, require_room, require_window
from denoscope.denoisers.text.records import token_records, token_scalars
from denoscope.denoisers.text.schedules import state_times
from denoscope.denoisers.text.settings import REUSING, MDLMSampler, Sampler
from denoscope.denoisers.text.transitions import Canvas
from denoscope.text.tokenizer import TextTokenizer
from denoscope.trace.schema import ENTROPY, UNSEEN

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Prediction:
    """What an evaluation tells.

    Log-probabilities ``[batch, window, vocabulary]``, importance, what the lens read, and whose are reused.
    """

    log_p: Tensor
    importance: Tensor | None
    read: dict[str, Tensor]
    cached: Tensor | None


class MaskedDenoiser(TextDenoiser):
    """A network that guesses masked tokens, with a sampler.

    Args:
        network: the model.
        logits: ``tokens [batch, window] → logits [batch, window, vocabulary]``.
        tokenizer: of the model.
        mask_id: the mask; never written, like the tokenizer's special tokens.
        sampler: how to denoise.
        length: tokens of a sample, the prompt included.
        window: tokens that the network sees at once.
        top: likeliest tokens recorded at every position.
        importance: ``tokens → importance [batch, window]``, for the sampler that wants it.
        lens: layers from whose output the head reads a token.
        head: ``hidden [batch, window, channels] → logits``, the model's own.
    """

    def __init__(
        self,
        network: nn.Module,
        logits: Function,
        tokenizer: TextTokenizer,
        mask_id: int,
        sampler: Sampler,
        *,
        length: int,
        window: int,
        top: int,
        importance: Function | None = None,
        lens: Sequence[str] = (),
        head: Function | None = None,
    ) -> None:
        super().__init__(tokenizer, mask_id)
        self.network, self.sampler, self.length, self.window = network, sampler, length, min(window, length)
        self.caches = isinstance(sampler, REUSING)
        self._logits, self._importance, self._top = logits, importance, top
        self._forbidden = torch.tensor(sorted({mask_id, *tokenizer.special}))
        self._device = next(network.parameters()).device
        self.lens = Lens(network, lens, lambda hidden: self._allowed((head or nn.Identity())(hidden)))

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are token ids ``[batch, length]``."""
        draw = torch.float64
        if isinstance(self.sampler, MDLMSampler):
            draw = getattr(torch, self.sampler.draw)
        noise = SampleNoise([sample.seed for sample in batch], self._device, draw)
        tokens, free = self._prior(batch)
        predict = _Predictor(self, recorder)
        transitions, starts = plan(self.sampler), self._starts()
        times = state_times(self.sampler, len(starts) - 1)
        for index, start in enumerate(start for start in starts for _ in transitions):
            window = slice(start, start + self.window)
            found = predict(tokens[:, window], index, times[index])
            yield self._step(index, times[index], tokens, free, start, found)
            canvas = Canvas(tokens[:, window], free[:, window], self.mask_id, noise)
            tokens = tokens.clone()
            tokens[:, window] = transitions[index % len(transitions)](canvas, found.log_p, found.importance)
        scalars = token_scalars(tokens, free, self.mask_id, None)
        yield Step(len(times) - 1, times[-1], tokens, scalars=scalars)

    def log_probabilities(self, tokens: Tensor) -> Tensor:
        """SUBS without copying (Sahoo et al. 2024, section 3.2.3): masks and special tokens have no probability."""
        return self._allowed(self._logits(tokens)).log_softmax(dim=-1)

    def _allowed(self, logits: Tensor) -> Tensor:
        return logits.float().index_fill(-1, self._forbidden.to(logits.device), -torch.inf)

    def importance(self, tokens: Tensor) -> Tensor | None:
        """Importance of ``tokens``, where the model has it."""
        return self._importance(tokens) if self._importance else None

    def _step(self, index: int, time: float, tokens: Tensor, free: Tensor, start: int, found: Prediction) -> Step:
        records = token_records(found.log_p, found.importance, self._top) | found.read
        after = self.length - start - self.window
        whole = {name: _widened(value, start, after) for name, value in records.items()}
        scalars = token_scalars(tokens, free, self.mask_id, whole[ENTROPY].float())
        return Step(index, time, tokens, scalars=scalars, records=whole, cached=found.cached)

    def _starts(self) -> list[int]:
        """Where each window starts: one, or more for a text that is longer than the network sees."""
        stride = self.sampler.stride if isinstance(self.sampler, MDLMSampler) else None
        return list(range(0, self.length - self.window + 1, stride)) if stride else [0]

    def _prior(self, batch: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        """Masks with the prompts in front, and which positions are free."""
        tokens = torch.full((len(batch), self.length), self.mask_id)
        for row, sample in enumerate(batch):
            prompt = prompt_tokens(sample.request["prompt"], self.tokenizer, self.mask_id)
            require_room(sample.request["prompt"], len(prompt), self.length, gaps=self.mask_id in prompt)
            require_window(sample.request["prompt"], sum(i != self.mask_id for i in prompt), self.window)
            tokens[row, : len(prompt)] = torch.tensor(prompt, dtype=torch.long)
        tokens = tokens.to(self._device)
        return tokens, tokens == self.mask_id


class _Predictor:
    """Evaluates the network, and where the sampler allows it only when tokens changed."""

    def __init__(self, denoiser: MaskedDenoiser, recorder: Recorder) -> None:
        self._denoiser, self._recorder = denoiser, recorder
        self._given: Tensor | None = None
        self._last: Prediction | None = None

    def __call__(self, tokens: Tensor, step: int, time: float) -> Prediction:
        if not self._denoiser.caches:
            return self._evaluated(tokens, step, time, None)
        cached = torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)
        if self._given is not None:
            cached = (tokens == self._given).all(dim=1)
        self._given = tokens.clone()
        if self._last is None or not cached.all():
            self._last = self._evaluated(tokens, step, time, cached)
        return replace(self._last, cached=cached)

    def _evaluated(self, tokens: Tensor, step: int, time: float, cached: Tensor | None) -> Prediction:
        lens = self._denoiser.lens
        with self._recorder.forward(step, "conditional", time), lens.reading():
            log_p = self._denoiser.log_probabilities(tokens)
        return Prediction(log_p, self._denoiser.importance(tokens), lens.take(), cached)


def _widened(x: Tensor, before: int, after: int) -> Tensor:
    """``x [batch, window, …]`` and ``UNSEEN`` where the network did not look."""
    return x if not before + after else F.pad(x, (*[0, 0] * (x.dim() - 2), before, after), value=UNSEEN)
