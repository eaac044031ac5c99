"""A denoiser without a network's cost, for tests of what surrounds one."""

from __future__ import annotations

import torch
from torch import nn

from denoscope.denoisers.noise import SampleNoise
from denoscope.denoisers.protocol import Step
from denoscope.sampling.order import ShardOrder
from denoscope.settings.record import Record

STEPS = 3


class FakeDenoiser:
    """Averages its state with noise; ``limit`` is the largest batch that fits its imagined memory."""

    caches = False
    describes = {"kind": "picture"}  # noqa: RUF012

    def __init__(self, limit=None, fail_at=None):
        self.network = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        torch.manual_seed(0)
        nn.init.normal_(self.network[0].weight)
        self.limit, self.fail_at = limit, fail_at
        self.batches = []

    def sample(self, batch, recorder):
        self.batches.append(len(batch))
        if self.limit and len(batch) > self.limit:
            raise torch.OutOfMemoryError(f"no room for {len(batch)} samples")
        if self.fail_at is not None and any(sample.id == self.fail_at for sample in batch):
            raise KeyboardInterrupt
        noise = SampleNoise([sample.seed for sample in batch], torch.device("cpu"))
        x = noise.normal(4)
        for step in range(STEPS):
            with recorder.forward(step, "conditional", float(STEPS - step)):
                x0 = self.network(x)
            with recorder.forward(step, "unconditional", float(STEPS - step)):
                self.network(x)
            yield Step(step, float(STEPS - step), x, x0, {"size": x.square().mean(1)})
            x = x0 + 0.1 * noise.normal(4)
        yield Step(STEPS, 0.0, x)

    def previews(self, step):
        shown = {"previews/state": step.state} | ({} if step.x0 is None else {"previews/x0": step.x0})
        return {name: (x.clamp(0, 1) * 255).to(torch.uint8).reshape(-1, 2, 2, 1) for name, x in shown.items()}

    def outcome(self, last):
        return [{} for _ in last.state]


def order(first=0, size=10, batch=4, layers=("1",), **record):
    """An order of ``size`` samples."""
    return ShardOrder(
        run="fake",
        family="edm",
        settings={},
        seed=5,
        dtype="float32",
        first=first,
        requests=[{"label": (first + i) % 3, "class": "abc"[(first + i) % 3]} for i in range(size)],
        batch=batch,
        steps=STEPS,
        record=Record(layers=layers, **record),
        layers=list(layers),
        attention_layers=[],
    )
