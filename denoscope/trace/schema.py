"""Names, types and versions of what a trace holds."""

from __future__ import annotations

VERSION = 1
METADATA_KEY = "denoscope"

SAMPLES = "samples.parquet"
STEPS = "steps.parquet"
TENSORS = "tensors.safetensors"

STATES = "states"
FRESH = "fresh"
"""uint8 ``[step, sample]`` of traces whose steps reuse evaluations: 1 where the evaluation is the step's own.

Tensors that the metadata list as ``sparse`` hold a row only for these, step by step, and the reader repeats it."""
PREVIEWS = "previews/"
STATE_PREVIEWS = "previews/state"
X0_PREVIEWS = "previews/x0"
UNSEEN = -1
"""What stands in every record of a text at a position where the network predicted nothing."""
ENTROPY = "text/entropy"
"""float16 ``[step, sample, position]``: entropy of the predicted token, in nats."""
TOP_IDS, TOP_PROBS = "text/top_ids", "text/top_probs"
"""``[step, sample, position, rank]``: the likeliest tokens, int32, and their probabilities, float16."""
IMPORTANCE = "text/importance"
"""float16 ``[step, sample, position]``: ATAT's importance."""
LENS = "lens/"
"""int32 ``[step, sample, position]`` a layer: the token that the model's head reads from it."""
ACTIVATIONS = "activations/"
TOKENS = "tokens/"
"""``[step, sample, position, channel]``: activations of every token."""
ATTENTION = "attention/"
ATTENTION_MEAN = "attention_mean"
"""``[step, sample, position, column]``: attention of words, mean over the layers; the last column is all words'."""
ATTENTION_TOTAL = "attention_total"
"""The same, averaged over the recorded steps too; it stands at the last of them."""
SHARES = "shares/"
"""``[step, sample, 3]`` a layer: what the prompt's own tokens, the special ones and the padding get."""
CONDITIONAL = "conditional"


class TraceError(RuntimeError):
    """A trace file is missing, damaged or not a trace."""


def record_name(kind: str, layer: str, branch: str) -> str:
    """Tensor name of a layer's records: the conditional branch's bears no suffix."""
    return f"{kind}{layer}" if branch == CONDITIONAL else f"{kind}{layer}@{branch}"
