"""Names, types and versions of what a trace holds."""

from __future__ import annotations

VERSION = 1
METADATA_KEY = "denoscope"

SAMPLES = "samples.parquet"
STEPS = "steps.parquet"
TENSORS = "tensors.safetensors"

STATES = "states"
STATE_PREVIEWS = "previews/state"
X0_PREVIEWS = "previews/x0"
ACTIVATIONS = "activations/"
ATTENTION = "attention/"
CONDITIONAL = "conditional"


class TraceError(RuntimeError):
    """A trace file is missing, damaged or not a trace."""


def record_name(kind: str, layer: str, branch: str) -> str:
    """Tensor name of a layer's records: the conditional branch's bears no suffix."""
    return f"{kind}{layer}" if branch == CONDITIONAL else f"{kind}{layer}@{branch}"
