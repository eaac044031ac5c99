"""Versions of what a job runs on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "denoscope",
    "torch",
    "transformers",
    "diffusers",
    "tokenizers",
    "safetensors",
    "numpy",
    "pyarrow",
    "scikit-learn",
    "umap-learn",
    "faiss-cpu",
    "pillow",
    "av",
    "matplotlib",
    "snakemake",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that decide results."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a stage's environment holds only what the stage needs
            continue
    return found
