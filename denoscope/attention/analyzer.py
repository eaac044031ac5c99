"""Opens a run whose attention of words is to be read."""

from __future__ import annotations

from pathlib import Path

from denoscope.attention.reader import AttentionReader
from denoscope.run import Run, open_run


class AttentionAnalyzer(AttentionReader):
    """Where the words of a run's prompts were seen, sample by sample and step by step.

    Args:
        run: a finished run, or its folder.

    Raises:
        AttentionError: no attention of words was recorded; the message says how to record it.
        TraceError: the folder is no finished run, or a file of it is missing or damaged.
    """

    def __init__(self, run: str | Path | Run) -> None:
        opened = run if isinstance(run, Run) else open_run(run)
        super().__init__(opened, str(opened.info["time_symbol"]))
