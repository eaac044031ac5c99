"""Moves records from the device to the writer while the next step is computed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
import torch
from torch import Tensor

from denoscope.trace.partial import BatchWriter

QUEUED = 4
"""Steps that may wait for the disk before the sampler waits too: it bounds the memory."""


class Offload:
    """Copies tensors to the host on a side stream and writes them in a background thread.

    Args:
        writer: the batch on disk.
        device: where the records are made.
        real: rows of the batch that are samples; the rest is padding and is dropped.
    """

    def __init__(self, writer: BatchWriter, device: torch.device, real: int) -> None:
        self._writer, self._real = writer, real
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trace")
        self._waiting: list[Future[None]] = []

    def __enter__(self) -> Offload:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=error is not None)
        if error is None:
            while self._waiting:
                self._waiting.pop(0).result()

    def write(self, step: int, tensors: Mapping[str, Tensor]) -> None:
        """Queue what was recorded at ``step``; an error of an earlier write is raised here."""
        while len(self._waiting) >= QUEUED or (self._waiting and self._waiting[0].done()):
            self._waiting.pop(0).result()
        copied = {name: self._copy(tensor) for name, tensor in tensors.items()}
        event = None
        if self._stream is not None:
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            event.record(self._stream)
        self._waiting.append(self._pool.submit(self._store, step, copied, event))

    def _copy(self, tensor: Tensor) -> Tensor:
        tensor = tensor[: self._real].detach()
        if self._stream is None:
            return tensor
        self._stream.wait_stream(torch.cuda.current_stream(tensor.device))
        with torch.cuda.stream(self._stream):
            tensor.record_stream(self._stream)
            pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            return pinned.copy_(tensor, non_blocking=True)

    def _store(self, step: int, tensors: Mapping[str, Tensor], copied: torch.cuda.Event | None) -> None:
        if copied is not None:
            copied.synchronize()
        arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
        for name, array in arrays.items():
            _require_finite(name, array, step)
        self._writer.write(step, arrays)


def _finite(array: np.ndarray) -> bool:
    """Whether all values are finite.

    The writer's thread leaves PyTorch's operators alone: with a second thread that computes, OpenMP believes the
    processor overcrowded, and every operator of the network then waits for sleeping threads (a quarter of the time).
    """
    if array.dtype == np.float16:  # NumPy's own isfinite is eight times slower than a look at the exponents
        exponents = np.uint16(0x7C00)
        return bool(((array.view(np.uint16) & exponents) != exponents).all())
    return bool(np.isfinite(array).all())


def _require_finite(name: str, array: np.ndarray, step: int) -> None:
    if array.dtype.kind == "f" and not _finite(array):
        rows = np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1)).tolist()
        raise FloatingPointError(
            f"{name} at step {step} is not finite in rows {rows} of the batch: the values exceed {array.dtype}, or the "
            "network produced NaN; try record.dtype: float32, or dtype: float32 for the network"
        )
