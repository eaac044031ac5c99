"""A text model in memory, and the texts that it writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from denoscope.denoisers.noise import sample_seed
from denoscope.denoisers.protocol import Denoiser, Sample, Unrecorded
from denoscope.denoisers.registry import denoiser_around
from denoscope.denoisers.text.text_run import TextRun
from denoscope.networks.text import build_network, load_network, sequence_length
from denoscope.text.pieces import token_table
from denoscope.text.tokenizer import read_tokenizer
from denoscope.writing.errors import WritingError
from denoscope.writing.planned import planned_run, with_length
from denoscope.writing.result import GeneratedText, collected
from denoscope.writing.samplers import chosen_sampler
from denoscope.writing.source import Source, find_model


def load_text_model(model: str | Path, device: str | None = None) -> TextGenerator:
    """Load a text model.

    Args:
        model: name of a folder in ``models/``, or path of one with config.json (ours or that of transformers),
            model.safetensors and tokenizer.json.
        device: where it runs; by default the accelerator if there is one, else the processor.

    Raises:
        WritingError: there is no such model, or it is of a kind that writes no text.
        CheckpointError: the weights are not those of the network that config.json describes.
        TokenizerError: the tokenizer is damaged.
    """
    chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return TextGenerator(find_model(model), torch.device(chosen))


class TextGenerator:
    """Writes texts with one model.

    ``network`` is the model itself, so that taps can be opened around :meth:`generate`; ``tokenizer`` turns text into
    token numbers, ``family`` says what kind of model it is, ``window`` how many tokens it sees at once.
    """

    def __init__(self, source: Source, device: torch.device) -> None:
        self.name, self.family = source.name, source.family
        self.tokenizer = read_tokenizer(source.folder)
        self.window = sequence_length(source.family, source.network)
        self.network = build_network(source.family, source.network)
        load_network(self.network, source.folder)
        self.network.requires_grad_(False).eval().to(device)
        self._source, self._table = source, token_table(self.tokenizer)

    def sampler(self, asked: str | None = None) -> str:
        """Name of the sampler that writes: the one that is asked for, or else the one that the model was made for.

        Raises:
            WritingError: it is of the other kind of models.
        """
        return chosen_sampler(self._source, asked)

    def generate(
        self,
        prompt: str | Sequence[str] = "",
        *,
        sampler: str | None = None,
        length: int | None = None,
        seed: int = 0,
        count: int = 1,
        first: int = 0,
        batch: int = 1,
        top: int = 5,
        **options: Any,
    ) -> list[GeneratedText]:
        """Write texts; sample ``n`` of a seed is that of a workflow run with the same settings and batch size.

        Args:
            prompt: what the text begins with; ``[MASK]`` or ``[MASK*8]`` are gaps; several are taken in turn.
            sampler: ``ddpm``, ``ddpm_cache``, ``analytic``, ``remask-bernoulli``, ``remask-count``,
                ``confidence-parallel``, ``uncertainty`` or ``left-to-right``; by default what the model was made for.
            length: tokens of a text, the prompt included; by default 64, or what the network sees if that is less.
            seed: with a sample's number it decides that sample's random numbers.
            count: how many texts.
            first: number of the first, from 0.
            batch: texts of one evaluation; the outputs' last bits may depend on it.
            top: likeliest tokens that are kept for every position and step.
            options: what the sampler takes: ``steps``, ``schedule``, ``method``, ``temperature``, ``top_k`` (0 for
                all), ``top_p``, ``threshold``, ``stride``, ``draw``, ``noise_removal``.

        Raises:
            WritingError: the model cannot write like that.
            TokenizerError: a prompt leaves no room.
        """
        if first < 0:
            raise WritingError(f"first is {first}: texts are numbered from 0")
        prompts = (prompt,) if isinstance(prompt, str) else tuple(prompt)
        run = self._planned(
            prompts, options, sampler, length, {"seed": seed, "count": count, "batch": batch, "top": top}
        )
        samples = [Sample(n, sample_seed(seed, n), run.request(n)) for n in range(first, first + count)]
        denoiser = denoiser_around(self.family, self.network, self.tokenizer, run.family_settings())
        batches = (samples[start : start + batch] for start in range(0, count, batch))
        return [text for part in batches for text in self._written(denoiser, part, batch)]

    def _planned(
        self,
        prompts: Sequence[str],
        options: Mapping[str, Any],
        sampler: str | None,
        length: int | None,
        shape: Mapping[str, int],
    ) -> TextRun:
        """The settings of the run that would write the texts, checked."""
        settings, tokens = with_length(
            self._source, self.tokenizer, prompts or ("",), options, sampler=sampler, length=length, window=self.window
        )
        return planned_run(self._source, prompts, settings, length=tokens, **shape)

    def _written(self, denoiser: Denoiser, samples: Sequence[Sample], size: int) -> list[GeneratedText]:
        """The texts of a batch, which is padded so that every evaluation has the same shape."""
        padded = [*samples, *[samples[-1]] * (size - len(samples))]
        with torch.inference_mode():
            steps = list(denoiser.sample(padded, Unrecorded()))
        texts = [outcome["text"] for outcome in denoiser.outcome(steps[-1])]
        return collected(samples, steps, texts, denoiser.describes["mask_id"], self._table)
