"""Text: forwards that a cache saves, and what recording costs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.contest import Contest
from benchmarks.digits import Deaf, Temporary
from denoscope.checkpoints.fetch import fetch
from denoscope.denoisers.mdlm.denoiser import load, make_denoiser
from denoscope.denoisers.mdlm.run import MDLMRun
from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.text.masked import MaskedDenoiser
from denoscope.denoisers.text.plans import plan
from denoscope.denoisers.text.transitions import Canvas
from denoscope.networks.dit import MDLM
from denoscope.networks.dit_config import DiTConfig
from denoscope.sampling.batch import run_batch
from denoscope.sampling.order import ShardOrder
from denoscope.settings.record import Record, RecordAttention
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

FINE = 512
PROMPT = "The function returns"


@dataclass(frozen=True)
class Batch:
    """Texts of one batch and the network that makes them: the bundled one, or another with random weights."""

    samples: int
    steps: int
    network: DiTConfig | None = None


SMALL = Batch(16, 32)
PUBLISHED = Batch(2, 4, DiTConfig(model_length=128))
"""Layers, channels and vocabulary of ``mdlm-owt``."""


def forwards() -> Contest:
    """Evaluations of one text in many steps, of which most change nothing."""
    return Contest(
        what=f"evaluations for a text of 64 tokens in {FINE} steps: ddpm_cache",
        against="ddpm",
        ours=lambda: _forwards("ddpm_cache"),
        other=lambda: _forwards("ddpm"),
        target=0.3,
        unit="forwards",
    )


def small_recorded() -> Contest:
    """A batch of texts of the bundled model."""
    return _everything_recorded(SMALL, "16 texts of prose-mdlm (2.7 M parameters, 64 tokens, 32 steps)")


def published_recorded() -> Contest:
    """A batch of texts of a network as large as the published one."""
    return _everything_recorded(PUBLISHED, "2 texts of a network like mdlm-owt (170 M parameters, 128 tokens, 4 steps)")


def _everything_recorded(batch: Batch, texts: str) -> Contest:
    """Tokens, entropy, alternatives, all layers, whole attention matrices, written and merged."""
    temporary = Temporary()
    _denoiser(batch)  # what it takes is no part of either side
    return Contest(
        what=f"{texts}, every layer, attention matrix and alternative recorded",
        against="bare sampling",
        ours=lambda: _recorded(batch, temporary.path / "shard"),
        other=lambda: _bare(batch),
        target=1.15,
    )


@cache
def _run(sampler: str, steps: int, samples: int) -> MDLMRun:
    return MDLMRun.model_validate(
        {
            "model": {"family": "mdlm", "checkpoint": {"source": "bundled", "name": "prose-mdlm"}},
            "sampler": {"name": sampler, "steps": steps},
            "prompts": (PROMPT,),
            "samples": {"count": samples},
        }
    )


@cache
def _bundled(run: MDLMRun) -> MaskedDenoiser:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "prose-mdlm"
        fetch(run.model.checkpoint, target)
        return load(run.family_settings(), target, torch.device("cpu"), torch.float32)


@cache
def _denoiser(batch: Batch) -> MaskedDenoiser:
    run = _run("ddpm", batch.steps, batch.samples)
    bundled = _bundled(run)
    if batch.network is None:
        return bundled
    described = {"network": batch.network.model_dump(), "length": batch.network.model_length}
    network = MDLM(batch.network).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)  # a new one starts with blocks that do nothing, and all tokens alike
    return make_denoiser(network, bundled.tokenizer, {**run.family_settings(), **described})


def _layers(made: MaskedDenoiser) -> list[str]:
    assert isinstance(made.network, MDLM)
    return list(made.network.config.layers())


def _order(run: MDLMRun, layers: list[str], record: Record) -> ShardOrder:
    return ShardOrder(
        run="prose",
        family="mdlm",
        settings=run.family_settings(),
        seed=0,
        dtype="float32",
        first=0,
        requests=[run.request(sample) for sample in range(run.samples.count)],
        batch=run.samples.count,
        steps=run.forward_steps(),
        record=record,
        layers=layers if record.layers else [],
        attention_layers=layers if record.attention else [],
    )


def _forwards(sampler: str) -> int:
    run, watching = _run(sampler, FINE, 1), Deaf()
    made = _bundled(run)
    with torch.inference_mode():
        for _ in made.sample(_order(run, _layers(made), Record()).samples, watching):
            pass
    return watching.forwards


def _recorded(batch: Batch, folder: Path) -> None:
    record = Record(layers=("*",), attention=RecordAttention(layers=("*",), queries="each"))
    made = _denoiser(batch)
    order = _order(_run("ddpm", batch.steps, batch.samples), _layers(made), record)
    partial = Partial(folder.with_name("partial"), "prose")
    with partial.batch(range(batch.samples)) as writer:
        run_batch(made, order.samples, batch.samples, order, writer, torch.device("cpu"))
    rows = [{"sample": sample.id, **sample.request} for sample in order.samples]
    merge(partial.batches(), rows, folder, {"layers": order.layers, "attention_layers": order.attention_layers})
    partial.remove()


def _bare(batch: Batch) -> Tensor:
    """The same texts and nothing but them: evaluate, step, evaluate."""
    made = _denoiser(batch)
    samples = _order(_run("ddpm", batch.steps, batch.samples), _layers(made), Record()).samples
    noise = SampleNoise([sample.seed for sample in samples], torch.device("cpu"), torch.float64)
    ids = made.tokenizer.encode(PROMPT)
    tokens = torch.full((len(samples), made.length), made.mask_id)
    tokens[:, : len(ids)] = torch.tensor(ids)
    free = tokens == made.mask_id
    with torch.inference_mode():
        for transition in plan(made.sampler):
            tokens = transition(Canvas(tokens, free, made.mask_id, noise), made.log_probabilities(tokens), None)
    return tokens
