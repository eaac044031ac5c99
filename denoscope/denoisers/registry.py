"""Finds the model families: every package beside this file with a ``run.py`` is one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from torch import nn

    from denoscope.denoisers.protocol import Denoiser, Loader
    from denoscope.settings.run import Run
    from denoscope.text.tokenizer import TextTokenizer


def families() -> tuple[str, ...]:
    """Names of all families, sorted."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/run.py")))


def run_settings(family: str) -> type[Run]:
    """The settings of a run of ``family``, without importing torch."""
    return cast("type[Run]", importlib.import_module(f"denoscope.denoisers.{family}.run").FamilyRun)


def denoiser_around(family: str, network: nn.Module, tokenizer: TextTokenizer, settings: Mapping[str, Any]) -> Denoiser:
    """The denoiser of a text family around a network that is loaded already; imports torch."""
    module = importlib.import_module(f"denoscope.denoisers.{family}.denoiser")
    return cast("Denoiser", module.make_denoiser(network, tokenizer, settings))


def loader(family: str) -> Loader:
    """The function that loads a denoiser of ``family``; imports torch."""
    return cast("Loader", importlib.import_module(f"denoscope.denoisers.{family}.denoiser").load)
