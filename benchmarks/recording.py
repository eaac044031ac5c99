"""Sampling with everything recorded against bare sampling."""

from __future__ import annotations

from benchmarks.contest import Contest
from benchmarks.digits import Temporary, bare, demo, everything, record_shard

SAMPLES = 50


def everything_recorded() -> Contest:
    """A batch of the demo: states, predictions, all layers, all attention, written and merged."""
    temporary = Temporary()
    record = everything(demo()[0])
    return Contest(
        what=f"{SAMPLES} digits, every step, layer and attention map recorded",
        against="bare sampling",
        ours=lambda: record_shard(temporary.path / "shard", SAMPLES, record),
        other=lambda: bare(SAMPLES),
        target=1.15,
        pairs=5,
    )
