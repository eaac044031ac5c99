"""``denoscope generate-text``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from denoscope.commands.failing import explained
from denoscope.commands.writing_options import POSITIVE, given, model_option, sampler_option, writing_options

if TYPE_CHECKING:
    from denoscope.text.trajectory import TextTrajectory

MASK = "_"


@click.command("generate-text")
@model_option("--model", "prose-mdlm", "the model")
@sampler_option()
@writing_options()
@click.option("--count", type=POSITIVE, default=1, show_default=True, help="how many texts")
@click.option("--batch", type=POSITIVE, default=1, show_default=True, help="texts of one network evaluation")
@click.option("--show-steps", is_flag=True, help=f"also print every step, its masks as {MASK}")
def generate_text(*, model: str, count: int, show_steps: bool, **options: Any) -> None:
    """Write text with a diffusion or an autoregressive language model.

    A revealed token is green in the steps, a changed one yellow, one that is masked again red.
    """
    with explained():
        from denoscope.writing import load_text_model

        texts = load_text_model(model).generate(count=count, **given(options))
        for text in texts:
            if count > 1:
                click.echo(f"sample {text.sample}:")
            for line in step_lines(text.trajectory) if show_steps else ():
                click.echo(line)
            click.echo(text.text)


def step_lines(trajectory: TextTrajectory) -> Iterator[str]:
    """A line for every state: its number, its time, the masked share and the tokens."""
    from denoscope.text.changes import Change

    free = ~trajectory.prompt
    marks = {Change.REVEALED: "green", Change.CHANGED: "yellow", Change.REMASKED: "red"}
    assert trajectory.times is not None
    for number, time, masked, pieces, changes in zip(
        trajectory.numbers, trajectory.times, trajectory.masked, trajectory.pieces, trajectory.changes, strict=True
    ):
        shown = (_piece(piece, hidden) for piece, hidden in zip(pieces, masked, strict=True))
        colours = (marks.get(Change(change)) for change in changes)
        words = "".join(
            click.style(piece, fg=colour) if colour else piece for piece, colour in zip(shown, colours, strict=True)
        )
        yield f"step {number:3}  t {time:.3f}  {masked[free].mean():4.0%} masked |{words}"


def _piece(piece: str, hidden: bool) -> str:
    return f" {MASK}" if hidden else piece.replace("\n", "⏎")
