"""The library in jobs that run in environments of their own."""

from __future__ import annotations

import os

from denoscope.workflow.sources import PACKAGE


def share_library() -> None:
    """Let the scripts of this workflow's jobs import the library: conda environments hold only what it needs."""
    paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
