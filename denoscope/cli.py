"""The command line."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import click

from denoscope.commands import COMMANDS
from denoscope.commands.failing import fail

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="denoscope")
def main() -> None:
    """Open a diffusion model and show what it does while it denoises.

    The workflow itself is started with snakemake; these commands help around it.
    """


@main.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
def validate(files: tuple[Path, ...]) -> None:
    """Check configuration FILES; a later one's keys win over an earlier one's."""
    from denoscope.config import ConfigError, read_config

    try:
        config = read_config(*files)
    except ConfigError as error:
        fail(str(error))
    for name, run in config.runs.items():
        samples = run.samples
        shards = -(-samples.count // samples.shard)
        click.echo(f"{name}: {_counted(samples.count, 'sample')} in {_counted(shards, 'shard')}")


@main.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
def layers(files: tuple[Path, ...]) -> None:
    """List the layers that each run of configuration FILES can record, with the shape of their output."""
    from denoscope.config import ConfigError, read_config

    try:
        config = read_config(*files)
    except ConfigError as error:
        fail(str(error))
    for name, run in config.runs.items():
        attention = set(run.model.attention_layers())
        click.echo(f"{name}:")
        shapes = {layer: "×".join(map(str, shape)) for layer, shape in run.model.layers().items()}
        for layer in sorted({*shapes, *attention}, key=_by_number):
            mark = "  attention" if layer in attention else ""
            click.echo(f"  {layer:44} {shapes.get(layer, ''):>14}{mark}")


@main.command()
@click.option("--markdown", "as_markdown", is_flag=True, help="print it as tables instead")
def schema(*, as_markdown: bool) -> None:
    """Print the configuration's JSON schema."""
    from denoscope.config import json_schema
    from denoscope.config.reference import markdown

    found = json_schema()
    click.echo(markdown(found) if as_markdown else json.dumps(found, indent=1, ensure_ascii=False), nl=not as_markdown)


@main.command("verify-network")
@click.argument("file", type=PATH)
def verify_network(file: Path) -> None:
    """Hold our network against the reference vectors in FILE; exit 1 where it differs."""
    from denoscope.networks.verify import TOLERANCE, VectorError
    from denoscope.networks.verify import verify_network as verify

    try:
        found = verify(file)
    except VectorError as error:
        fail(str(error))
    for difference in found:
        figures = f"{difference.absolute:.3g} absolute, {difference.relative:.3g} relative"
        click.echo(f"{difference.output}: largest difference {figures}")
    worst = max(difference.relative for difference in found)
    click.echo(f"{'agrees' if worst <= TOLERANCE else 'DIFFERS'}: {worst:.3g} relative, at most {TOLERANCE:g} allowed")
    sys.exit(0 if worst <= TOLERANCE else 1)


@main.command()
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option("--layer", required=True, help="a mapped layer of the run")
@click.option("--step", type=int, help="a step of its map  [default: the last]")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export(run: Path, layer: str, step: int | None, out: Path) -> None:
    """Write a layer's map of RUN, such as results/digits, with neighbours and pictures to the Parquet file OUT."""
    from denoscope.export import atlas_table, write_atlas
    from denoscope.run import open_run
    from denoscope.trace.schema import TraceError

    try:
        table = atlas_table(open_run(run), layer, step)
    except KeyError as error:
        fail(error.args[0])
    except TraceError as error:
        fail(str(error))
    write_atlas(table, out)
    click.echo(f"{out}: {len(table)} samples, step {table['step'][0]}")


@main.command()
@click.argument("results", type=click.Path(file_okay=False, path_type=Path), default=Path("results"))
@click.option("--once", is_flag=True, help="print the present state and end")
@click.option("--every", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="seconds between updates")
def watch(results: Path, *, once: bool, every: float) -> None:
    """Show the progress of all jobs that run below RESULTS."""
    from denoscope.runtime.watch import progress_lines

    drawn = 0
    while True:
        lines = progress_lines(results, time.time(), width=shutil.get_terminal_size().columns)
        if drawn and sys.stdout.isatty():
            click.echo(f"\x1b[{drawn}A\x1b[J", nl=False)
        click.echo("\n".join(lines))
        drawn = len(lines)
        if once:
            return
        time.sleep(every)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else noun + 's'}"


def _by_number(layer: str) -> list[tuple[bool, int, str]]:
    """Sorts layers as a model counts them: 2 before 10."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in layer.split(".")]


for command in COMMANDS:
    main.add_command(command)
