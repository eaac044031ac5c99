"""Options of all commands that draw texts: how they look, and how long they last."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from denoscope.commands.failing import fail

if TYPE_CHECKING:
    import numpy as np

Command = TypeVar("Command", bound=Callable[..., Any])

FPS, FASTEST = 5.0, 50.0
"""Frames per second: the default, and the most that browsers show of a GIF."""
OPTIONS = (
    click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="the animation: .gif, .mp4 or .webp; .png makes a folder of frames",
    ),
    click.option(
        "--fps", type=click.FloatRange(0, FASTEST, min_open=True), help=f"frames a second  [default: {FPS:g}]"
    ),
    click.option(
        "--duration",
        type=click.FloatRange(min=0, min_open=True),
        help="seconds of the whole animation, the hold included, instead of --fps",
    ),
    click.option(
        "--hold",
        type=click.FloatRange(min=0),
        default=1.0,
        show_default=True,
        help="seconds for which the last frame stays longer than the others; in an MP4 whole frames",
    ),
    click.option("--max-frames", type=click.IntRange(min=2), help="show at most so many steps, the first and the last"),
    click.option("--frames", type=click.Path(path_type=Path), help="also write every frame as PNG into this folder"),
    click.option(
        "--font",
        multiple=True,
        help="sans, mono or the path of a font; given several times, the first that has a character draws it  "
        "[default: sans]",
    ),
    click.option("--size", type=click.IntRange(6, 200), help="pixels of the letters  [default: 18; detailed 15]"),
    click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True),
)


def film_options(command: Command) -> Command:
    """Add the options to a command, in their order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def check_film(out: Path, frames: Path | None, fps: float | None, duration: float | None, hold: float) -> None:
    """End before anything is generated if these cannot be written."""
    from denoscope.render.tokens.files import check_folder, check_target

    check_pace(fps, duration, hold)
    rate = (fps or FPS) if duration is None else FASTEST  # it depends on the number of frames, which nobody knows yet
    check_target(out, rate, hold)
    if frames:
        check_folder(frames)


def check_pace(fps: float | None, duration: float | None, hold: float) -> None:
    """End if these contradict each other, or are no numbers."""
    for name, value in (("fps", fps), ("duration", duration), ("hold", hold)):
        if value is not None and not isfinite(value):
            fail(f"--{name} {value} is no number of {'frames' if name == 'fps' else 'seconds'}: give one")
    if fps and duration:
        fail("--fps and --duration exclude each other: give one of them")
    if duration is not None and duration <= hold:
        fail(f"--duration {duration:g} leaves nothing beside --hold {hold:g}: give a longer one, or a shorter --hold")


def pace(count: int, suffix: str, fps: float | None, duration: float | None, hold: float) -> tuple[float, float]:
    """Frames per second and hold of ``count`` frames that together take ``duration`` seconds, if that is given.

    A film holds its last frame for whole frames: where the duration is given the rate gives way, and it stays exact.
    """
    check_pace(fps, duration, hold)
    rate = (fps or FPS) if duration is None else count / (duration - hold)
    if suffix == ".mp4":
        held = round(hold * rate)
        rate = rate if duration is None else (count + held) / duration
        hold = held / rate
    if duration is not None:
        _check_rate(rate, count, duration - hold)
    return rate, hold


def _check_rate(rate: float, count: int, seconds: float) -> None:
    """End if frames follow each other too fast or too slowly; they do so because of --duration."""
    from denoscope.render.encode import SLOWEST

    if rate > FASTEST:
        fail(
            f"{count} frames in {seconds:g} s are more than {FASTEST:g} a second: give a longer --duration, or fewer "
            "--max-frames"
        )
    if rate < SLOWEST:
        fail(f"{count} frames in {seconds:g} s take more than {1 / SLOWEST:g} s each: give a shorter --duration")


def write_film(
    drawn: Sequence[np.ndarray],
    out: Path,
    *,
    frames: Path | None,
    fps: float | None,
    duration: float | None,
    hold: float,
) -> None:
    """Write frames as an animation, and as pictures where those are wanted, and say what came of it."""
    from denoscope.render.tokens.files import write_folder, write_frames

    rate, held = pace(len(drawn), out.suffix.lower(), fps, duration, hold)
    written = write_frames(out, drawn, rate, held)
    if frames:
        write_folder(frames, drawn)
    height, width = drawn[0].shape[:2]
    seconds, size = len(drawn) / rate + held, written.stat().st_size / 1000
    film = f", {seconds:.2f} s, {size:.0f} kB" if written.is_file() else ""
    click.echo(f"{written}: {len(drawn)} frames of {width}×{height}{film}")


def drawn_with_warnings(draw: Callable[[], Sequence[np.ndarray]]) -> Sequence[np.ndarray]:
    """What ``draw`` gives; its warnings, as of characters that no font has, become lines on standard error."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        frames = draw()
    for warning in found:
        click.echo(f"warning: {warning.message}", err=True)
    return frames
