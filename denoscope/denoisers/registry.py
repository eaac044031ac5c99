"""Finds the model families: every package beside this file is one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, cast

import denoscope.denoisers

if TYPE_CHECKING:
    from denoscope.denoisers.protocol import Loader
    from denoscope.settings.run import Run


def families() -> tuple[str, ...]:
    """Names of all families, sorted."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(denoscope.denoisers.__path__) if m.ispkg))


def run_settings(family: str) -> type[Run]:
    """The settings of a run of ``family``, without importing torch."""
    return cast("type[Run]", importlib.import_module(f"denoscope.denoisers.{family}.run").FamilyRun)


def loader(family: str) -> Loader:
    """The function that loads a denoiser of ``family``; imports torch."""
    return cast("Loader", importlib.import_module(f"denoscope.denoisers.{family}.denoiser").load)
