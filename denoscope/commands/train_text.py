"""``denoscope train-text``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from denoscope.commands.failing import explained, fail
from denoscope.commands.writing_options import POSITIVE, given

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("train-text")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="folder of the new model")
@click.option(
    "--family",
    type=click.Choice(["mdlm", "atat", "masked_lm", "causal_lm"]),
    help="kind of model, made after models/prose-mdlm, -atat, -roberta or -gpt  [default: mdlm, or what --init holds]",
)
@click.option("--text", type=click.Path(path_type=Path), help="a UTF-8 text file  [default: Python's own help]")
@click.option("--hub", help="data set of the hub, owner/name; needs the package datasets")
@click.option("--revision", help="full commit hash of the data set")
@click.option("--subset", help="configuration of the data set")
@click.option("--column", help="column that holds the text  [default: text]")
@click.option("--documents", type=POSITIVE, help="rows of the data set to read  [default: 10000]")
@click.option(
    "--init",
    type=FOLDER,
    help="folder of a checkpoint to train on, ours or of transformers, such as distilroberta-base or gpt2; its "
    "defaults are 1000 steps of 16 texts at a learning rate of 5e-5",
)
@click.option(
    "--recipe", type=FOLDER, help="folder with config.json and recipe.yaml to go by, such as models/prose-mdlm"
)
@click.option("--steps", type=POSITIVE, help="optimiser steps  [default: the recipe's]")
@click.option("--batch", type=POSITIVE, help="texts of a step  [default: the recipe's, 32]")
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), help="[default: the recipe's]")
@click.option("--prefix", type=click.IntRange(min=0), help="up to so many first tokens are not masked  [default: 16]")
@click.option(
    "--adaptive",
    type=click.Choice(["importance", "inverse", "balanced"]),
    help="atat: mask important tokens more often, less often, or half by importance  [default: importance]",
)
@click.option("--seed", type=click.IntRange(min=0), help="of weights, texts and masks  [default: 0]")
@click.option("--threads", type=POSITIVE, help="processor threads  [default: all]")
@click.option(
    "--tensorboard", type=click.Path(file_okay=False, path_type=Path), help="also log the losses into this folder"
)
@click.option(
    "--quick-test", is_flag=True, help="train a very small network for 60 steps, to see that everything works"
)
def train_text(
    *,
    out: Path,
    family: str | None,
    text: Path | None,
    hub: str | None,
    revision: str | None,
    subset: str | None,
    column: str | None,
    documents: int | None,
    init: Path | None,
    recipe: Path | None,
    adaptive: str | None,
    threads: int | None,
    tensorboard: Path | None,
    quick_test: bool,
    **numbers: int | float | None,
) -> None:
    """Train a text model and judge it on text that it has not seen.

    Texts are masked at 10 to 100 % and the loss is told for every level. A training that was stopped goes on where it
    was. The folder serves as --model of the other commands.
    """
    with explained():
        from denoscope.checkpoints.manifest import WEIGHTS
        from denoscope.commands.recipes import texts_of

        if out.name in ("", ".."):
            fail(f"--out {out} is no name for a new model: name its folder, such as notes-mdlm")
        if (out / WEIGHTS).exists():
            fail(f"{out} holds a trained model: give another --out, or delete it to train again")
        rows = {"revision": revision, "subset": subset, "column": column, "documents": documents}
        changes = given({**numbers, "corpus": _corpus(text, hub, given(rows))})
        if adaptive:
            changes["adaptive"] = {"mode": adaptive}
        config, written = texts_of(family, recipe, init, changes, quick=quick_test)
        scores = _train(out, config, written, threads, tensorboard)
    for line in loss_table(scores):
        click.echo(line)
    click.echo(f"{out}: write with it by denoscope generate-text --model {out}")


def loss_table(scores: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Hold-out losses at every masking level beside those of counting tokens and pairs, in nats a token."""
    yield f"{'hold-out loss':16}{'model':>8}{'unigram':>9}{'bigram':>8}"
    for level, loss in scores["holdout"].items():
        name = "next token" if level == "next" else f"{float(level.removeprefix('mask_')):.0%} masked"
        yield f"{name:16}{loss:8.3f}{scores['unigram'][level]:9.3f}{scores['bigram'][level]:8.3f}"


def _corpus(text: Path | None, hub: str | None, rows: Mapping[str, Any]) -> dict[str, Any] | None:
    if text and hub:
        fail("--text and --hub exclude each other: give one of them")
    if rows and not hub:
        fail(f"--{next(iter(rows))} belongs to a data set of the hub: give --hub OWNER/NAME, too")
    if hub and "revision" not in rows:
        fail("--hub needs --revision, the full commit hash of the data set: what it holds may change")
    if text:
        return {"file": str(text)}
    return {"hub": hub, **rows} if hub else None


def _train(out: Path, config: str, recipe: str, threads: int | None, tensorboard: Path | None) -> dict[str, Any]:
    import torch

    from denoscope.commands.telling import summary_writer, told
    from denoscope.training.text.train import train_text as train

    torch.set_num_threads(threads or torch.get_num_threads())
    with told(), summary_writer(tensorboard) if tensorboard else nullcontext() as scalars:
        return train(out.name, config, recipe, out, threads=torch.get_num_threads(), scalars=scalars)
