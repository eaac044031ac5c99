"""denoscope opens a diffusion model and shows what it does while it denoises."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "open_run": "denoscope.run",
    "read_config": "denoscope.config",
    "load_text_model": "denoscope.writing",
    "publish_run": "denoscope.publish",
    "ActivationTap": "denoscope.taps",
    "AttentionTap": "denoscope.taps",
    "AttentionAnalyzer": "denoscope.attention.analyzer",
    "AttentionVisualizer": "denoscope.attention.visualizer",
    "CompactAnimation": "denoscope.render.tokens",
    "DetailedAnimation": "denoscope.render.tokens",
    "SideBySide": "denoscope.render.tokens",
    "TextTrajectory": "denoscope.text.trajectory",
}
__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the taps need torch, reading a run does not."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'denoscope' has no attribute '{name}'")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
