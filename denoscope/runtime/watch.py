"""What ``denoscope watch`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from denoscope.runtime.progress import heartbeats

SILENT_S = 60.0
BAR = 24


def progress_lines(results: Path, now: float, width: int) -> list[str]:
    """A line for every running job below ``results``, at most ``width`` characters wide."""
    beats = heartbeats(results)
    if not beats:
        return [f"no job is running below {results}"]
    name = max(len(str(beat["job"])) for beat in beats)
    return [_line(beat, now, name)[:width] for beat in beats]


def _line(beat: dict[str, Any], now: float, name: int) -> str:
    done, total = beat["done"], beat["total"]
    filled = round(BAR * done / total) if total else 0
    text = f"{beat['job']:{name}}  {'█' * filled}{'░' * (BAR - filled)}  {done}/{total} {beat['unit']}s"
    if beat["rate"]:
        text += f"  {beat['rate']:.2f}/s  {clock(beat['eta_s'])} left"
    silent = now - beat["updated"]
    if silent > SILENT_S:
        text += f"  silent for {clock(silent)} ({beat['host']}, process {beat['pid']})"
    return text


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
