"""``denoscope publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from denoscope.commands.failing import explained, fail


@click.command()
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--tensorboard",
    type=click.Path(file_okay=False, path_type=Path),
    help="folder for TensorBoard, in which the run gets one of its own",
)
@click.option("--wandb-project", help="project of Weights & Biases")
@click.option(
    "--wandb-mode",
    type=click.Choice(["offline", "online"]),
    default="offline",
    show_default=True,
    help="offline needs no account; wandb sync uploads it later",
)
@click.option(
    "--wandb-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="folder in which Weights & Biases keeps its runs",
)
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=16,
    show_default=True,
    help="samples, from the first, whose animations and texts are published",
)
def publish(
    *,
    run: Path,
    tensorboard: Path | None,
    wandb_project: str | None,
    wandb_mode: Literal["offline", "online"],
    wandb_dir: Path,
    samples: int,
) -> None:
    """Log animations, scalars and texts of a finished RUN, such as results/digits, to TensorBoard and W&B."""
    if not (tensorboard or wandb_project):
        fail("say where to publish: --tensorboard FOLDER, --wandb-project NAME, or both")

    from denoscope.publish import PublishError, publish_run
    from denoscope.settings.publish import Publish, WandB
    from denoscope.trace.schema import TraceError

    wandb = WandB(mode=wandb_mode, project=wandb_project, folder=str(wandb_dir)) if wandb_project else WandB()
    settings = Publish(tensorboard=str(tensorboard) if tensorboard else False, wandb=wandb, samples=samples)
    with explained(PublishError, TraceError):
        for place, counts in publish_run(run, settings).items():
            said = ", ".join(f"{count} {what}" for what, count in counts.items())
            click.echo(f"{place}: {said}")
