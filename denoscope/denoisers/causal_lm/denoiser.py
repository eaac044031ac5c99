"""The denoiser of autoregressive language models: each step writes the next token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from denoscope.checkpoints.manifest import read_manifest
from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Recorder, Sample, Step
from denoscope.denoisers.text.denoiser import TextDenoiser
from denoscope.denoisers.text.draw import choose
from denoscope.denoisers.text.lens import Lens
from denoscope.denoisers.text.prompts import require_room
from denoscope.denoisers.text.records import token_records, token_scalars
from denoscope.denoisers.text.settings import LeftToRight
from denoscope.networks.hub_lm import build_lm, lm_head, load_lm
from denoscope.text.changes import UNWRITTEN
from denoscope.text.tokenizer import TextTokenizer, read_tokenizer
from denoscope.trace.schema import ENTROPY, UNSEEN


class CausalDenoiser(TextDenoiser):
    """An autoregressive model beside the diffusion ones.

    Every step is one evaluation of the whole text, padded to its full length: without a cache of keys and values each
    step has the same shape, and so do its records. The text enters one position later than it is predicted, after the
    end token, so that what layers record at a position is what predicts its token.

    Args:
        network: a causal model of transformers.
        tokenizer: of the model.
        sampler: how to write.
        length: tokens of a sample, the prompt included.
        top: likeliest tokens recorded at every position.
        lens: layers from whose output the head reads a token.
    """

    caches = False

    def __init__(
        self,
        network: nn.Module,
        tokenizer: TextTokenizer,
        sampler: LeftToRight,
        *,
        length: int,
        top: int,
        lens: Sequence[str] = (),
    ) -> None:
        super().__init__(tokenizer, UNWRITTEN, offset=1)
        self.network, self.sampler, self.length = network, sampler, length
        self._top = top
        self._forbidden = torch.tensor(tokenizer.special, dtype=torch.long)
        self._device = next(network.parameters()).device
        head = lm_head(network) if lens else nn.Identity()
        self._lens = Lens(network, lens, lambda hidden: self._allowed(head(hidden)))

    def sample(self, batch: Sequence[Sample], recorder: Recorder) -> Iterator[Step]:
        """Generate a batch; states are token ids ``[batch, length]``, −1 where nothing is written yet."""
        noise = SampleNoise([sample.seed for sample in batch], self._device, torch.float64)
        tokens, free = self._prior(batch)
        steps = self.sampler.new_tokens
        for step in range(steps):
            time = 1 - step / steps
            with recorder.forward(step, "conditional", time), self._lens.reading():
                log_p = self._next(tokens)
            records = _predicted(token_records(log_p, None, self._top) | self._lens.take(), tokens)
            scalars = token_scalars(tokens, free, UNWRITTEN, records[ENTROPY].float())
            yield Step(step, time, tokens, scalars=scalars, records=records)
            tokens = self._written(tokens, log_p, noise)
        yield Step(steps, 0.0, tokens, scalars=token_scalars(tokens, free, UNWRITTEN, None))

    def _next(self, tokens: Tensor) -> Tensor:
        """Log-probabilities of the token at each position given those before it: ``[batch, length, vocabulary]``.

        The first position has nothing before it: the model is given what its tokenizer puts before a text, or the end
        of another text, as it was trained.
        """
        start = self.tokenizer.start_id if self.tokenizer.start_id is not None else 0
        begun = torch.cat([torch.full_like(tokens[:, :1], start), tokens[:, :-1]], dim=1)
        return self._allowed(self.network(begun.clamp_min(0)).logits).log_softmax(dim=-1)

    def _allowed(self, logits: Tensor) -> Tensor:
        return logits.float().index_fill(-1, self._forbidden.to(logits.device), -torch.inf)

    def _written(self, tokens: Tensor, log_p: Tensor, noise: SampleNoise) -> Tensor:
        """The tokens with the first unwritten one of each sample chosen; a full text stays as it is."""
        unwritten = tokens == UNWRITTEN
        where = unwritten & (unwritten.cumsum(dim=1) == 1)
        found = tokens.clone()
        found[where] = choose(log_p, where, self.sampler.choice, noise)[0]
        return found

    def _prior(self, batch: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        tokens = torch.full((len(batch), self.length), UNWRITTEN)
        for row, sample in enumerate(batch):
            prompt = self.tokenizer.encode(sample.request["prompt"])
            require_room(sample.request["prompt"], len(prompt), self.length)
            tokens[row, : len(prompt)] = torch.tensor(prompt, dtype=torch.long)
        tokens = tokens.to(self._device)
        return tokens, tokens == UNWRITTEN


def _predicted(records: dict[str, Tensor], tokens: Tensor) -> dict[str, Tensor]:
    """Records of the positions whose every token before is written; the others follow padding, and mean nothing."""
    seen = (tokens == UNWRITTEN).cumsum(dim=1) <= 1
    return {
        name: value.masked_fill(~seen.view(*seen.shape, *[1] * (value.dim() - 2)), UNSEEN)
        for name, value in records.items()
    }


def load(settings: Mapping[str, Any], checkpoint: Path, device: torch.device, dtype: torch.dtype) -> CausalDenoiser:
    """Build the model that ``settings`` describe and load the folder's weights, every tensor accounted for."""
    network = build_lm(settings["network"], causal=True)
    read_manifest(checkpoint)
    load_lm(network, checkpoint, device, dtype)
    return make_denoiser(network.eval(), read_tokenizer(checkpoint.with_name(settings["tokenizer"])), settings)


def make_denoiser(network: nn.Module, tokenizer: TextTokenizer, settings: Mapping[str, Any]) -> CausalDenoiser:
    """The denoiser around a model that is loaded already."""
    asked = {key: settings[key] for key in ("length", "top", "lens")}
    return CausalDenoiser(network, tokenizer, LeftToRight.model_validate(settings["sampler"]), **asked)
