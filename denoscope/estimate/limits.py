"""What bounds memory while a run is recorded; the tests hold these against the modules that need torch."""

QUEUED = 4
"""Steps that may wait for the disk: ``denoscope.sampling.offload``."""
CHUNK_VALUES = 2**24
"""Attention scores that are held at once: ``denoscope.taps.attention_map``."""
POOL_SIDE = 4
"""Positions a side of a pooled activation: ``denoscope.taps.activation``."""
GROUPS = 3
"""Groups of tokens whose shares are kept beside the words: the prompt's own, special ones and padding."""
