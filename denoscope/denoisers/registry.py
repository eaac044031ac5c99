"""Finds the model families: every package beside this file with a ``run.py`` is one."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from denoscope.denoisers.protocol import Loader
    from denoscope.settings.run import Run


def families() -> tuple[str, ...]:
    """Names of all families, sorted."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/run.py")))


def run_settings(family: str) -> type[Run]:
    """The settings of a run of ``family``, without importing torch."""
    return cast("type[Run]", importlib.import_module(f"denoscope.denoisers.{family}.run").FamilyRun)


def loader(family: str) -> Loader:
    """The function that loads a denoiser of ``family``; imports torch."""
    return cast("Loader", importlib.import_module(f"denoscope.denoisers.{family}.denoiser").load)
