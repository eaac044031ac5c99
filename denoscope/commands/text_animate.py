"""``denoscope text-animate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from denoscope.commands.failing import explained, fail
from denoscope.commands.film_options import check_film, drawn_with_warnings, film_options, write_film
from denoscope.commands.writing_options import given, model_option, sampler_option, writing_options

if TYPE_CHECKING:
    from denoscope.render.tokens.animation import Animation

Style = Literal["compact", "detailed"]


@click.command("text-animate")
@film_options
@click.option(
    "--style",
    type=click.Choice(["compact", "detailed"]),
    default="compact",
    show_default=True,
    help="running text, or a box for each token with its entropy and, where the model has it, its importance",
)
@click.option("--width", type=click.IntRange(100, 8000), help="pixels of the text  [default: 800; detailed 1000]")
@click.option(
    "--chars-per-line", type=click.IntRange(min=1), help="compact: break lines after so many characters, not at --width"
)
@click.option("--title", default="", help="a line above the text")
@model_option("--model", "prose-mdlm", "the model")
@sampler_option()
@writing_options()
def text_animate(
    *,
    out: Path,
    frames: Path | None,
    fps: float | None,
    duration: float | None,
    hold: float,
    max_frames: int | None,
    style: Style,
    width: int | None,
    chars_per_line: int | None,
    font: tuple[str, ...],
    size: int | None,
    theme: str,
    title: str,
    model: str,
    **options: Any,
) -> None:
    """Write a text and show how it came about, from masks to the last token."""
    with explained():
        from denoscope.writing import load_text_model

        check_film(out, frames, fps, duration, hold)
        if chars_per_line and style == "detailed":
            fail("--chars-per-line is for --style compact: leave it out, or give --width")
        look = {"width": width, "chars_per_line": chars_per_line, "font": font or None, "size": size}
        animation = make_animation(style, theme=theme, **look)
        (text,) = load_text_model(model).generate(**given(options))
        shown = text.trajectory.trimmed()
        shown = shown.limited(max_frames) if max_frames else shown
        drawn = drawn_with_warnings(lambda: animation.frames(shown, title))
        write_film(drawn, out, frames=frames, fps=fps, duration=duration, hold=hold)
        click.echo(text.text)


def make_animation(style: Style, **look: Any) -> Animation:
    """An animation; what ``look`` leaves None is that style's own default."""
    from denoscope.render.tokens import CompactAnimation, DetailedAnimation

    kind: Any = {"compact": CompactAnimation, "detailed": DetailedAnimation}[style]
    animation: Animation = kind(**given(look))
    return animation
