"""``denoscope compare``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from denoscope.commands.failing import explained, fail
from denoscope.commands.film_options import check_film, drawn_with_warnings, film_options, write_film
from denoscope.commands.text_animate import Style, make_animation
from denoscope.commands.writing_options import DENOISING_STEPS, given, model_option, sampler_option, writing_options

if TYPE_CHECKING:
    from denoscope.writing import GeneratedText, TextGenerator

LAYOUTS = {"top-bottom": "rows", "left-right": "columns"}
NARROW = 500
"""Pixels of a text that stands beside another."""
EVERYWHERE = ("prompt", "length", "seed")


@click.command()
@film_options
@model_option("--left", "prose-mdlm", "the left or upper model")
@model_option("--right", "prose-gpt", "the right or lower model")
@sampler_option("--left-sampler")
@sampler_option("--right-sampler")
@click.option(
    "--layout",
    type=click.Choice(list(LAYOUTS)),
    help="[default: top-bottom if a model is autoregressive, else left-right]",
)
@click.option(
    "--clock",
    type=click.Choice(["step", "fraction"]),
    default="step",
    show_default=True,
    help="every network evaluation takes equally long, or both begin and end together",
)
@click.option("--style", type=click.Choice(["compact", "detailed"]), default="compact", show_default=True)
@click.option(
    "--width",
    type=click.IntRange(100, 8000),
    help=f"pixels of each text  [default: 800, or {NARROW} with left-right; detailed 1000]",
)
@writing_options(
    steps=f"denoising steps; an autoregressive model writes until its text is full  [default: {DENOISING_STEPS}]"
)
def compare(
    *,
    out: Path,
    frames: Path | None,
    fps: float | None,
    duration: float | None,
    hold: float,
    max_frames: int | None,
    left: str,
    right: str,
    left_sampler: str | None,
    right_sampler: str | None,
    layout: str | None,
    clock: str,
    style: Style,
    width: int | None,
    font: tuple[str, ...],
    size: int | None,
    theme: str,
    **options: Any,
) -> None:
    """Write a text with each of two models or samplers and show both on one clock.

    Options of sampling go to each side whose sampler takes them. An autoregressive model writes until its text is full.
    """
    with explained():
        from denoscope.render.tokens import SideBySide
        from denoscope.writing import load_text_model

        check_film(out, frames, fps, duration, hold)
        models = [load_text_model(left), load_text_model(right)]
        direction = LAYOUTS[layout or _layout(models)]
        width = width or (NARROW if direction == "columns" and style == "compact" else None)
        animation = make_animation(style, width=width, font=font or None, size=size, theme=theme)
        names = [model.sampler(asked) for model, asked in zip(models, (left_sampler, right_sampler), strict=True)]
        shown = [text.trajectory.trimmed() for text in written(models, names, given(options))]
        together = SideBySide(animation, direction, clock)  # type: ignore[arg-type]
        drawn = drawn_with_warnings(lambda: together.frames(shown, _titles(models, names), max_frames))
        write_film(drawn, out, frames=frames, fps=fps, duration=duration, hold=hold)


def written(models: list[TextGenerator], samplers: list[str], options: Mapping[str, Any]) -> list[GeneratedText]:
    """A text of each model, with those of the options that its sampler takes."""
    from denoscope.writing.samplers import LEFT_TO_RIGHT, sampler_options

    known = [sampler_options(name) - ({"steps"} if name == LEFT_TO_RIGHT else set()) for name in samplers]
    if useless := options.keys() - set().union(EVERYWHERE, *known):
        fail(f"neither {samplers[0]} nor {samplers[1]} takes {', '.join(sorted(useless))} here: leave it out")
    chosen = [{key: options[key] for key in options if key in (*EVERYWHERE, *names)} for names in known]
    return [
        model.generate(sampler=name, **asked)[0] for model, name, asked in zip(models, samplers, chosen, strict=True)
    ]


def _titles(models: list[TextGenerator], samplers: list[str]) -> list[str]:
    return [f"{model.name}, {name}" for model, name in zip(models, samplers, strict=True)]


def _layout(models: list[TextGenerator]) -> str:
    return "top-bottom" if any(model.family == "causal_lm" for model in models) else "left-right"
