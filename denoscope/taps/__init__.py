"""Taps read attention and activations from any torch model while it runs, and leave it as they found it."""

from denoscope.layers import MissingRecordError, UnknownLayerError
from denoscope.taps.activation import ActivationTap
from denoscope.taps.attention import AttentionTap
from denoscope.taps.columns import Columns

__all__ = ["ActivationTap", "AttentionTap", "Columns", "MissingRecordError", "UnknownLayerError"]
