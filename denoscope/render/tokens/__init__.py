"""Animations of text that a sampler writes: compact, detailed, and several side by side."""

from denoscope.render.tokens.compact import CompactAnimation
from denoscope.render.tokens.detailed import DetailedAnimation
from denoscope.render.tokens.together import SideBySide

__all__ = ["CompactAnimation", "DetailedAnimation", "SideBySide"]
