"""``denoscope attention-video``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from denoscope.commands.failing import explained, fail
from denoscope.commands.writing_options import given

if TYPE_CHECKING:
    from denoscope.attention.visualizer import AttentionVisualizer

PLAYED = ("mp4", "avi", "gif", "webp")
PICTURED = ("background", "alpha")
"""Parameters of the picture under the colours."""
OF_FILMS = (
    *PICTURED,
    *("overlay", "kind", "aggregate", "axis", "step", "frame", "scale", "size"),
    *("fps", "interpolation_steps", "timestamp", "colorbar", "static_duration"),
)
"""Parameters of films, which a figure has no use for."""


def _size(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Width and height of ``640x480``."""
    if value is None:
        return None
    width, cross, height = value.lower().replace("×", "x").partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise click.BadParameter("give width and height in pixels, such as 640x480")
    return int(width), int(height)


@click.command("attention-video")
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", type=click.IntRange(min=0), default=0, show_default=True, help="number of the sample")
@click.option("--word", help="whose attention is shown; without it the command lists the words that the sample has")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="the file that is written")
@click.option("--format", "kind", type=click.Choice(PLAYED), help="where --output has no suffix that says it")
@click.option("--aggregate", is_flag=True, help="show the mean over all steps; its --output may be a .png, too")
@click.option(
    "--temporal-comparison",
    "compared",
    metavar="WORD,WORD",
    help="draw these words at several steps as a figure instead: .png, .pdf or .svg",
)
@click.option("--overlay/--no-overlay", default=True, show_default=True, help="over what was generated, or alone")
@click.option(
    "--background",
    type=click.Choice(["final", "predicted"]),
    default="final",
    show_default=True,
    help="of an overlay: the finished picture, or what each step predicts",
)
@click.option("--alpha", type=click.FloatRange(0, 1), help="how much the colours cover the picture  [default: 0.6]")
@click.option("--axis", type=click.Choice(["step", "frame"]), help="what is played: the steps, or the frames of a film")
@click.option("--step", type=click.IntRange(min=0), help="with --axis frame: this step, not the mean over the steps")
@click.option("--frame", type=click.IntRange(min=0), help="of a film: this frame of the maps, not the mean over them")
@click.option("--layer", help="a layer whose maps were kept  [default: the mean over the layers]")
@click.option("--head", type=click.IntRange(min=0), help="a head of --layer  [default: the mean over the heads]")
@click.option("--renormalised", is_flag=True, help="as a share of what the prompt's own tokens get")
@click.option("--branch", help="pass of classifier-free guidance  [default: conditional]")
@click.option("--colormap", help="a map of matplotlib's  [default: hot]")
@click.option("--scale", type=click.Choice(["film", "frame"]), help="one scale for the film, or each frame's own")
@click.option("--fps", type=float, help="frames a second  [default: 10]")
@click.option("--size", callback=_size, metavar="WxH", help="pixels of a frame  [default: the picture at about 512]")
@click.option("--interpolation-steps", type=click.IntRange(min=0), help="frames between each two steps  [default: 2]")
@click.option("--timestamp/--no-timestamp", default=True, show_default=True, help="write step and noise level")
@click.option("--colorbar/--no-colorbar", default=True, show_default=True, help="draw the scale of colours")
@click.option("--static-duration", type=float, help="seconds of a film of one picture  [default: 3]")
def attention_video(
    *,
    run: Path,
    sample: int,
    word: str | None,
    output: Path | None,
    compared: str | None,
    layer: str | None,
    head: int | None,
    renormalised: bool,
    branch: str | None,
    **options: Any,
) -> None:
    """Show where a word of a prompt was seen, while a sample of RUN, such as results/scenes, was denoised."""
    from denoscope.trace.schema import TraceError

    _refuse_contradictions(word, compared, options)
    with explained(TraceError):
        from denoscope.attention.analyzer import AttentionAnalyzer

        analyzer = AttentionAnalyzer(run)
        if not word and not compared:
            told = f"sample {sample} has maps of {', '.join(analyzer.tokens(sample).words) or 'no word'}"
            if output is not None:
                fail(f"--word is missing, and nothing would be written to {output}: {told}")
            click.echo(told)
            return
        if output is None:
            fail("--output is missing: name the file that is to be written")
        selection = given({"layer": layer, "head": head, "renormalised": renormalised, "branch": branch})
        shown = _visualizer(analyzer, options)
        if compared:
            words = [part.strip() for part in compared.split(",")]
            written = shown.temporal_comparison(sample, words, output, **selection)
        else:
            assert word
            written = _film(shown, sample, word, output, options, selection)
        click.echo(f"{written}: {written.stat().st_size / 1000:.0f} kB")


def _refuse_contradictions(word: str | None, compared: str | None, options: dict[str, Any]) -> None:
    """Refuse what would be left out in silence."""
    if word and compared:
        fail("--word and --temporal-comparison exclude each other: give one of them")
    if compared and (unused := _asked(OF_FILMS)):
        fail(f"--temporal-comparison draws a figure, and films alone have {', '.join(unused)}: leave that out")
    if options["aggregate"] and options["step"] is not None:
        fail("--aggregate and --step exclude each other: one is the mean over all steps, the other one of them")
    if options["aggregate"] and options["background"] == "predicted":
        fail(
            "--aggregate and --background predicted exclude each other: the mean over all steps lies over the finished "
            "picture, since each step predicts its own"
        )
    if not options["overlay"] and (unused := _asked(PICTURED)):
        fail(f"--no-overlay shows the attention alone, without {', '.join(unused)}: leave one of them out")


def _asked(names: Sequence[str]) -> list[str]:
    """Those of the parameters that the command line has, as it calls them."""
    context = click.get_current_context()
    given_there = [
        parameter
        for parameter in context.command.params
        if parameter.name in names and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    return ["/".join([*parameter.opts, *parameter.secondary_opts]) for parameter in given_there]


def _visualizer(analyzer: Any, options: dict[str, Any]) -> AttentionVisualizer:
    from denoscope.attention.visualizer import AttentionVisualizer

    look = ("size", "colormap", "alpha", "scale", "fps", "interpolation_steps", "timestamp", "colorbar")
    return AttentionVisualizer(analyzer, **given({name: options[name] for name in (*look, "static_duration")}))


def _film(
    shown: AttentionVisualizer, sample: int, word: str, output: Path, options: dict[str, Any], selection: dict[str, Any]
) -> Path:
    played = given({name: options[name] for name in ("axis", "frame", "kind")}) | selection
    if options["aggregate"]:
        return shown.aggregate(sample, word, output, overlay=options["overlay"], **played)
    played |= given({"step": options["step"]})
    if options["overlay"]:
        return shown.overlay(sample, word, output, background=options["background"], **played)
    return shown.video(sample, word, output, **played)
