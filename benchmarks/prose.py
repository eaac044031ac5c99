"""Text: forwards that a cache saves, and what recording costs."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.contest import Contest
from benchmarks.digits import Deaf, Temporary
from denoscope.checkpoints.fetch import fetch
from denoscope.denoisers.mdlm.denoiser import load
from denoscope.denoisers.mdlm.run import MDLMRun
from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.text.masked import MaskedDenoiser
from denoscope.denoisers.text.plans import plan
from denoscope.denoisers.text.transitions import Canvas
from denoscope.sampling.batch import run_batch
from denoscope.sampling.order import ShardOrder
from denoscope.settings.record import Record, RecordAttention
from denoscope.trace.merge import merge
from denoscope.trace.partial import Partial

SAMPLES, STEPS, FINE = 16, 32, 512
PROMPT = "The function returns"


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


def everything_recorded() -> Contest:
    """A batch of texts: tokens, entropy, alternatives, all layers, whole attention matrices, written and merged."""
    temporary = Temporary()
    return Contest(
        what=f"{SAMPLES} texts in {STEPS} steps, every layer, attention matrix and alternative recorded",
        against="bare sampling",
        ours=lambda: _recorded(temporary.path / "shard"),
        other=_bare,
        target=1.15,
        pairs=5,
    )


@cache
def _run(sampler: str, steps: int) -> MDLMRun:
    return MDLMRun.model_validate(
        {
            "model": {"family": "mdlm", "checkpoint": {"source": "bundled", "name": "prose-mdlm"}},
            "sampler": {"name": sampler, "steps": steps},
            "prompts": (PROMPT,),
            "samples": {"count": SAMPLES},
        }
    )


@cache
def _denoiser(sampler: str, steps: int) -> MaskedDenoiser:
    run = _run(sampler, steps)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "prose-mdlm"
        fetch(run.model.checkpoint, target)
        return load(run.family_settings(), target, torch.device("cpu"), torch.float32)


def _order(sampler: str, steps: int, record: Record, count: int) -> ShardOrder:
    run = _run(sampler, steps)
    return ShardOrder(
        run="prose",
        family="mdlm",
        settings=run.family_settings(),
        seed=0,
        dtype="float32",
        first=0,
        requests=[run.request(sample) for sample in range(count)],
        batch=count,
        steps=run.forward_steps(),
        record=record,
        layers=list(run.model.layers()) if record.layers else [],
        attention_layers=list(run.model.attention_layers()) if record.attention else [],
    )


def _forwards(sampler: str) -> int:
    watching = Deaf()
    with torch.inference_mode():
        for _ in _denoiser(sampler, FINE).sample(_order(sampler, FINE, Record(), 1).samples, watching):
            pass
    return watching.forwards


def _recorded(folder: Path) -> None:
    record = Record(layers=("*",), attention=RecordAttention(layers=("*",), queries="each"))
    order = _order("ddpm", STEPS, record, SAMPLES)
    partial = Partial(folder.with_name("partial"), "prose")
    with partial.batch(range(SAMPLES)) as writer:
        run_batch(_denoiser("ddpm", STEPS), order.samples, SAMPLES, order, writer, torch.device("cpu"))
    rows = [{"sample": sample.id, **sample.request} for sample in order.samples]
    merge(partial.batches(), rows, folder, {"layers": order.layers, "attention_layers": order.attention_layers})
    partial.remove()


def _bare() -> Tensor:
    """The same texts and nothing but them: evaluate, step, evaluate."""
    made = _denoiser("ddpm", STEPS)
    samples = _order("ddpm", STEPS, Record(), SAMPLES).samples
    noise = SampleNoise([sample.seed for sample in samples], torch.device("cpu"), torch.float64)
    ids = made.tokenizer.encode(PROMPT)
    tokens = torch.full((SAMPLES, made.length), made.mask_id)
    tokens[:, : len(ids)] = torch.tensor(ids)
    free = tokens == made.mask_id
    with torch.inference_mode():
        for transition in plan(made.sampler):
            tokens = transition(Canvas(tokens, free, made.mask_id, noise), made.log_probabilities(tokens), None)
    return tokens
