"""Options of all commands that draw texts: how they look, and how long they last."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
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
        help="seconds for which the last frame stays longer than the others",
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


def pace(count: int, suffix: str, fps: float | None, duration: float | None, hold: float) -> tuple[float, float]:
    """Frames per second and hold of ``count`` frames that together take ``duration`` seconds, if that is given.

    A film holds its last frame for whole frames: there the rate gives way, so that the total stays exact.
    """
    if duration is None:
        return fps or FPS, hold
    if fps:
        fail("--fps and --duration exclude each other: give one of them")
    if duration <= hold:
        fail(f"--duration {duration:g} leaves nothing beside --hold {hold:g}: give a longer one, or a shorter --hold")
    rate = count / (duration - hold)
    if suffix == ".mp4":
        held = round(hold * rate)
        rate = (count + held) / duration
        hold = held / rate
    if rate > FASTEST:
        fail(
            f"{count} frames in {duration - hold:g} s are more than {FASTEST:g} a second: give a longer --duration, "
            "or fewer --max-frames"
        )
    return rate, hold


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
    from denoscope.render.tokens.files import write_frames

    rate, held = pace(len(drawn), out.suffix.lower(), fps, duration, hold)
    write_frames(out, drawn, rate, held)
    if frames:
        write_frames(Path(f"{frames}.png"), drawn, rate, held)
    height, width = drawn[0].shape[:2]
    size = f", {out.stat().st_size / 1000:.0f} kB" if out.is_file() else ""
    click.echo(f"{out}: {len(drawn)} frames of {width}×{height}, {len(drawn) / rate + held:.2f} s{size}")


def drawn_with_warnings(draw: Callable[[], Sequence[np.ndarray]]) -> Sequence[np.ndarray]:
    """What ``draw`` gives; its warnings, as of characters that no font has, become lines on standard error."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        frames = draw()
    for warning in found:
        click.echo(f"warning: {warning.message}", err=True)
    return frames
