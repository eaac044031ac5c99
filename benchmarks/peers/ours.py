"""denoscope: everything that a run keeps of the words, float16, written step by step."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.peers.side import GUIDANCE, PROMPT, WORDS, Side
from denoscope.config.model import load_config
from denoscope.denoisers.protocol import Unrecorded
from denoscope.denoisers.stable_diffusion.denoiser import StableDiffusionDenoiser
from denoscope.denoisers.stable_diffusion.denoiser import load as load_denoiser
from denoscope.denoisers.stable_diffusion.settings import SAMPLER
from denoscope.sampling.offload import Offload
from denoscope.sampling.order import ShardOrder
from denoscope.sampling.recorder import TapRecorder
from denoscope.sampling.words import WordRecorder, sample_words
from denoscope.trace.partial import BatchWriter
from denoscope.workflow.jobs import Jobs

CPU = torch.device("cpu")
NAME = "peers"


class Ours:
    """Sampling by denoscope's denoiser, as the sampling stage does it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._denoiser: StableDiffusionDenoiser | None = None

    def bare(self, steps: int) -> Tensor:
        """Sample without recording."""
        denoiser, order = self._prepared(steps)
        with torch.inference_mode():
            for step in denoiser.sample(order.samples, Unrecorded()):
                last = step.state
        return last

    def recorded(self, steps: int) -> tuple[Tensor, int]:
        """Sample, and write maps, their means and shares of every step as it comes."""
        denoiser, order = self._prepared(steps)
        words = WordRecorder(sample_words(denoiser, order.samples, WORDS), order, CPU)
        recorder = TapRecorder(denoiser.network, order, words=words)
        with tempfile.TemporaryDirectory() as folder:
            writer = BatchWriter(Path(folder))
            with torch.inference_mode(), Offload(writer, CPU, real=1) as offload:
                for step in denoiser.sample(order.samples, recorder):
                    if found := recorder.take(step.index):
                        offload.write(step.index, found)
            return step.state, sum(path.stat().st_size for path in Path(folder).iterdir())

    def _prepared(self, steps: int) -> tuple[StableDiffusionDenoiser, ShardOrder]:
        """A denoiser, and what a run of three words at all cross-attention layers orders of it."""
        checkpoint = {"source": "local", "name": self._folder.name, "path": str(self._folder)}
        run = {
            "model": {"family": "stable_diffusion", "checkpoint": checkpoint},
            "sampler": {"name": "ddim", "steps": steps, "guidance": GUIDANCE},
            "prompts": [PROMPT],
            "samples": {"count": 1, "shard": 1, "batch": 1},
            "record": {"attention": {"layers": ["*attn2"], "words": WORDS}},
        }
        jobs = Jobs(load_config({"runs": {NAME: run}}))
        asked = jobs.runs[NAME]
        order = ShardOrder(
            run=NAME,
            family="stable_diffusion",
            settings=asked.family_settings(),
            seed=0,
            dtype="float32",
            first=0,
            requests=[asked.request(0)],
            batch=1,
            steps=steps,
            record=asked.record,
            layers=[],
            attention_layers=jobs.attended(NAME),
            columns=jobs.columns(NAME),
            grids=jobs.grids(NAME),
        )
        if self._denoiser is None:
            self._denoiser = load_denoiser(order.settings, self._folder, CPU, torch.float32)
        self._denoiser.sampler = SAMPLER.validate_python(order.settings["sampler"])
        return self._denoiser, order


def load(folder: Path) -> Side:
    """The project on the pipeline in ``folder``."""
    return Ours(folder)
