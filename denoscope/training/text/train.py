"""Trains a text model from its recipe, judges it and writes its folder."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from denoscope.checkpoints.manifest import TOKENIZER, WEIGHTS, file_entry
from denoscope.networks.dhariwal import parameter_count
from denoscope.networks.dit import MDLM
from denoscope.networks.text import build_network, load_network, logits_of, sequence_length
from denoscope.runtime.files import write_json
from denoscope.text.tokenizer import TextTokenizer, mask_of, read_tokenizer, wrapped
from denoscope.training.text.baselines import Unigram
from denoscope.training.text.card import draw_text_losses, write_text_card
from denoscope.training.text.corpus import CorpusError, Split, read_corpus
from denoscope.training.text.judge import baseline_losses, causal_losses, masked_losses
from denoscope.training.text.recipe import TextRecipe
from denoscope.training.text.training import CausalTraining, MaskedTraining, Scalars, TextTraining
from denoscope.training.text.vocabulary import train_tokenizer
from denoscope.training.text.windows import all_windows, token_stream
from denoscope.training.write import write_halved, write_text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TextModel:
    """What a text model's ``config.json`` and ``recipe.yaml`` say."""

    family: str
    network: Mapping[str, Any]
    recipe: TextRecipe

    @property
    def length(self) -> int:
        """Tokens of a sequence."""
        return sequence_length(self.family, self.network)

    def mask(self, tokenizer: TextTokenizer) -> int:
        """The mask's id, of a model that is not causal."""
        return mask_of(tokenizer, int(self.network["vocab_size"]), self.network.get("mask_id"))

    @property
    def causal(self) -> bool:
        """Whether the model writes from left to right."""
        return self.family == "causal_lm"


def read_text_model(config: str, recipe: str) -> TextModel:
    """Read the texts of ``config.json`` and ``recipe.yaml``."""
    document = json.loads(config)
    return TextModel(document["family"], document["network"], TextRecipe.model_validate(yaml.safe_load(recipe)))


def train_text(
    name: str, config: str, recipe: str, folder: Path, *, threads: int, scalars: Scalars | None = None
) -> dict[str, Any]:
    """Train a text model into ``folder`` and return its scores; other arguments as ``train_model``'s.

    Raises:
        CorpusError: the text cannot be trained on.
    """
    model = read_text_model(config, recipe)
    split = read_corpus(model.recipe.corpus, model.recipe.seed)
    tokenizer = _tokenizer(model, split)
    streams = token_stream(split.train, tokenizer), token_stream(split.holdout, tokenizer)
    training = make_training(model, tokenizer, streams, scalars)
    partial = folder.with_name(folder.name + ".partial")
    training.run(partial, f"train {name}")
    write_halved(training.average, folder / WEIGHTS)
    tokenizer.base.save(str(folder / TOKENIZER))
    write_text(folder / "config.json", config)
    write_text(folder / "recipe.yaml", recipe)
    facts = _facts(training, folder / WEIGHTS, threads)
    scores = {**facts, "corpus_sha256": corpus_sha256(split), **judge_text(model, folder, split)}
    draw_text_losses(folder / "loss.png", training.losses, training.judged)
    write_json(folder / "scores.json", scores)
    write_text_card(folder / "README.md", name, config, model.recipe, scores)
    shutil.rmtree(partial)
    return scores


def make_training(
    model: TextModel, tokenizer: TextTokenizer, streams: tuple[Tensor, Tensor], scalars: Scalars | None = None
) -> TextTraining:
    """The training of a model, at its first step."""
    if model.recipe.prefix >= model.length:
        raise CorpusError(f"prefix: {model.recipe.prefix} kept tokens leave nothing of {model.length}: lower it")
    torch.manual_seed(model.recipe.seed)  # initial weights and dropout
    network = build_network(model.family, model.network)
    if model.recipe.init:
        load_network(network, Path(model.recipe.init))
    config = json.dumps(model.network, sort_keys=True)
    given = (network, config, model.recipe, streams, model.length, scalars)
    if model.causal:
        return CausalTraining(*given)
    if model.recipe.adaptive:
        _count_frequencies(network, streams[0])
    return MaskedTraining(*given, mask_id=model.mask(tokenizer))


def judge_text(model: TextModel, folder: Path, split: Split) -> dict[str, dict[str, float]]:
    """Hold-out losses of the weights in ``folder`` and of the baselines, in nats a token."""
    tokenizer = read_tokenizer(folder)
    network = build_network(model.family, model.network)
    load_network(network, folder)
    network.eval()
    train, holdout = token_stream(split.train, tokenizer), token_stream(split.holdout, tokenizer)
    windows = all_windows(holdout, model.length)
    if model.causal:
        found = causal_losses(logits_of(network), windows, model.recipe)
    else:
        found = masked_losses(logits_of(network), windows, model.mask(tokenizer), model.recipe)
    baselines = baseline_losses(train, windows, tokenizer.size, model.recipe, causal=model.causal)
    return {
        key: {level: round(loss, 4) for level, loss in losses.items()}
        for key, losses in {"holdout": found, **baselines}.items()
    }


def _tokenizer(model: TextModel, split: Split) -> TextTokenizer:
    """The tokenizer of the checkpoint that the training starts from, or one trained on the text."""
    if model.recipe.init:
        return read_tokenizer(Path(model.recipe.init))
    return wrapped(train_tokenizer(split.train, int(model.network["vocab_size"])))


def _count_frequencies(network: nn.Module, stream: Tensor) -> None:
    assert isinstance(network, MDLM)
    network.importance.token_frequency_prior.copy_(Unigram(stream, network.config.vocab_size).probability)


def _facts(training: TextTraining, weights: Path, threads: int) -> dict[str, Any]:
    return {
        "parameters": parameter_count(training.network),
        "weights": file_entry(weights),
        "data": {"trained": len(training.train_stream), "holdout": training.holdout.numel()},
        "training": {
            "minutes": round(training.seconds / 60, 1),
            "threads": threads,
            "torch": torch.__version__.partition("+")[0],
            "holdout_losses": [
                [step, {name: round(loss, 4) for name, loss in losses.items()}] for step, losses in training.judged
            ],
        },
    }


def corpus_sha256(split: Split) -> str:
    """SHA-256 of the text: Python's help differs between versions of Python."""
    return hashlib.sha256("\0".join((*split.train, "", *split.holdout)).encode()).hexdigest()
