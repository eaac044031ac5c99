"""Writes a safetensors file piece by piece, so that no tensor need ever be whole in memory."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DTYPES = {"float16": "F16", "float32": "F32", "uint8": "U8", "int32": "I32"}


@dataclass(frozen=True)
class Pieces:
    """A tensor to write: its type and shape, and its values in order, in contiguous pieces."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    pieces: Callable[[], Iterable[np.ndarray]]

    @property
    def bytes(self) -> int:
        """Size in the file."""
        return math.prod(self.shape) * self.dtype.itemsize


def header_bytes(tensors: Mapping[str, Pieces], metadata: Mapping[str, str]) -> bytes:
    """What the file holds before its data."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    start = 0
    for name, tensor in tensors.items():
        end = start + tensor.bytes
        header[name] = {
            "dtype": DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format aligns the data to eight bytes
    return struct.pack("<Q", len(text)) + text


def write_tensors(path: Path, tensors: Mapping[str, Pieces], metadata: Mapping[str, str]) -> None:
    """Write ``tensors`` in the safetensors format (8-byte header length, JSON header, data).

    Raises:
        ValueError: the pieces of a tensor do not fill its shape.
    """
    with path.open("wb") as file:
        file.write(header_bytes(tensors, metadata))
        for name, tensor in tensors.items():
            written = sum(_write_piece(file, piece, tensor.dtype) for piece in tensor.pieces())
            if written != tensor.bytes:
                raise ValueError(f"tensor {name}: {written} bytes given for shape {list(tensor.shape)}")


def _write_piece(file: Any, piece: np.ndarray, dtype: np.dtype[Any]) -> int:
    if piece.dtype != dtype:
        raise ValueError(f"a piece of type {piece.dtype} in a tensor of type {dtype}")
    return int(file.write(np.ascontiguousarray(piece).data))
