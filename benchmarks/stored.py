"""The trace on disk against folders of numpy files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from benchmarks.contest import Contest
from benchmarks.digits import Temporary, an_order, demo, everything, record_shard
from denoscope.sampling.recorder import TapRecorder
from denoscope.trace import schema
from denoscope.trace.reader import Trace

SAMPLES = 100


def one_layer_at_one_step() -> Contest:
    """What a map reads: one layer at one step of all samples."""
    temporary = Temporary()
    trace = _recorded(temporary.path / "shard")
    layer, step = trace.layers[5], 9
    _write_npy(temporary.path / "npy", trace)
    name = schema.record_name(schema.ACTIVATIONS, layer, schema.CONDITIONAL)
    return Contest(
        what=f"reading one layer at one step of {SAMPLES} samples",
        against="a folder of .npy files, one a step, layer and sample",
        ours=lambda: Trace([temporary.path / "shard"]).tensor(name)[step],
        other=lambda: np.stack([np.load(path) for path in _npy(temporary.path / "npy", layer, step)]),
        faster=True,
        pairs=25,
    )


def stored_bytes() -> Contest:
    """All that was recorded of a batch, against the same in compressed float32."""
    temporary = Temporary()
    return Contest(
        what=f"stored bytes of {SAMPLES} digits, everything recorded",
        against="compressed float32 .npz",
        ours=lambda: _size(_recorded(temporary.path / "shard").shards[0].folder),
        other=lambda: _write_npz(temporary.path / "all.npz"),
        target=0.55,
        unit="B",
    )


def _recorded(folder: Path) -> Trace:
    record_shard(folder, SAMPLES, everything(demo()[0]))
    return Trace([folder])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


@torch.inference_mode()
def _write_npz(path: Path) -> int:
    """States, predictions, activations, attention and norms of every step, as the sampler has them."""
    run, denoiser = demo()
    order = an_order(SAMPLES, everything(run, "float32"))
    recorder = TapRecorder(denoiser.network, order)
    arrays: dict[str, np.ndarray] = {}
    for step in denoiser.sample(order.samples, recorder):
        prediction = {} if step.x0 is None else {"x0": step.x0}
        found = {"state": step.state, **prediction, **step.scalars, **recorder.take(step.index)}
        arrays |= {f"{step.index}/{name}": tensor.float().numpy() for name, tensor in found.items()}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    return path.stat().st_size


def _write_npy(folder: Path, trace: Trace) -> None:
    for layer in trace.layers:
        values = trace.activations(layer)[:].astype(np.float32)
        for step in range(values.shape[0]):
            for sample in range(values.shape[1]):
                path = folder / layer / f"{step:04d}" / f"{sample:06d}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, values[step, sample])


def _npy(folder: Path, layer: str, step: int) -> list[Path]:
    return sorted((folder / layer / f"{step:04d}").iterdir())
