"""Options of all commands that write texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

POSITIVE = click.IntRange(min=1)
DENOISING_STEPS = "ddpm, ddpm_cache, analytic and uncertainty 32, remask-* 10, confidence-parallel at most 64"
STEPS = (
    f"denoising steps, or tokens that an autoregressive model writes  [default: {DENOISING_STEPS}, left-to-right until "
    "the text is full]"
)
TEXT = (
    click.option(
        "--prompt", default="", help="what the text begins with; [MASK] or [MASK*8] in it are gaps to be filled"
    ),
    click.option("--length", type=POSITIVE, help="tokens, the prompt included  [default: 64, or what the model sees]"),
)
SAMPLING = (
    click.option(
        "--schedule",
        type=click.Choice(["linear", "cosine", "exponential"]),
        help="remask-*: how the masked share falls  [default: linear]",
    ),
    click.option(
        "--method",
        type=click.Choice(["greedy", "sample"]),
        help="the likeliest token, or one at random  [default: sample; confidence-parallel greedy]",
    ),
    click.option(
        "--temperature",
        type=click.FloatRange(min=0, min_open=True),
        help="below 1 is bolder towards likely tokens  [default: 1; remask-count 0.7, confidence-parallel 0.8]",
    ),
    click.option(
        "--top-k",
        type=click.IntRange(min=0),
        help="choose among so many likeliest tokens, 0 for all  [default: all; remask-* 50]",
    ),
    click.option(
        "--top-p",
        type=click.FloatRange(0, 1, min_open=True),
        help="choose among the fewest tokens that have this probability together  [default: all; "
        "remask-bernoulli 0.95]",
    ),
    click.option(
        "--threshold",
        type=click.FloatRange(0, 1, min_open=True),
        help="confidence-parallel: probability from which a token is revealed  [default: 0.9]",
    ),
    click.option(
        "--stride",
        type=POSITIVE,
        help="ddpm, ddpm_cache, analytic: tokens by which the model's window moves on in a longer text",
    ),
    click.option(
        "--draw",
        type=click.Choice(["float32", "float64"]),
        help="ddpm, ddpm_cache, analytic: type of the categorical draw; float32 is the published one, whose rounding "
        "acts like a lower temperature  [default: float64]",
    ),
    click.option(
        "--noise-removal/--no-noise-removal",
        default=None,
        help="ddpm, ddpm_cache, analytic: write at once what the last step leaves masked  [default: --noise-removal]",
    ),
    click.option(
        "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="another seed writes another text"
    ),
)
SAMPLERS = (
    "ddpm, ddpm_cache, analytic, remask-bernoulli, remask-count, confidence-parallel, uncertainty or left-to-right"
)


def writing_options(steps: str = STEPS) -> Callable[[Command], Command]:
    """The options in their order; ``steps`` is what the command says about theirs."""

    def added(command: Command) -> Command:
        for option in reversed((*TEXT, click.option("--steps", type=POSITIVE, help=steps), *SAMPLING)):
            command = option(command)
        return command

    return added


def model_option(name: str, default: str, what: str) -> Callable[[Command], Command]:
    """An option that names a model."""
    return click.option(
        name,
        default=default,
        show_default=True,
        help=f"{what}: name of a folder in models/, or path of one with config.json, model.safetensors and "
        "tokenizer.json",
    )


def sampler_option(name: str = "--sampler") -> Callable[[Command], Command]:
    """An option that names a sampler."""
    return click.option(name, help=f"{SAMPLERS}  [default: what the model was made for]")


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}
