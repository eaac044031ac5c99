"""``denoscope estimate``: what a configuration will take, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from denoscope.commands.failing import fail

if TYPE_CHECKING:
    from denoscope.estimate.run import RunEstimate


@click.command()
@click.option(
    "--configfile",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="configuration file; of several the later one's keys win",
)
@click.option("--config", "changes", multiple=True, help="a change: runs.digits.samples.count=1000")
@click.option("--json", "as_json", is_flag=True, help="print everything as JSON, in bytes")
@click.argument("more", nargs=-1, metavar="[KEY=VALUE]...")
def estimate(files: tuple[Path, ...], changes: tuple[str, ...], more: tuple[str, ...], *, as_json: bool) -> None:
    """Tell how many evaluations, how much disk and how much memory a configuration will take.

    Nothing runs and nothing is downloaded: everything follows from shapes. Further changes may follow the first.
    """
    from denoscope.config import ConfigError, read_config
    from denoscope.estimate.run import estimate as estimated
    from denoscope.estimate.table import lines, total_lines

    try:
        found = estimated(read_config(*files, changes=(*changes, *more)))
    except ConfigError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps(document(found), indent=1, ensure_ascii=False))
        return
    for run in found:
        click.echo("\n".join(lines(run)) + "\n")
    click.echo("\n".join(total_lines(found)))


def document(found: Sequence[RunEstimate]) -> dict[str, Any]:
    """All runs and their totals as plain builtins, in bytes; null is unknown."""
    runs = {run.name: _run(run) for run in found}
    evaluations = [run.evaluations.samples if run.evaluations else None for run in found]
    total = {
        "samples": sum(run.samples for run in found),
        "evaluations": None if None in evaluations else sum(count for count in evaluations if count is not None),
        "trace_bytes": sum(run.disk.total for run in found),
    }
    return {"runs": runs, "total": total}


def _run(run: RunEstimate) -> dict[str, Any]:
    tensors = {
        tensor.name: {
            "shape": list(tensor.shape),
            "dtype": tensor.dtype,
            "steps": len(tensor.steps),
            "step_bytes": tensor.step_bytes,
            "bytes": tensor.bytes(run.samples),
            "at_most": tensor.sparse,
        }
        for tensor in run.tensors
    }
    told = {key: value for key, value in asdict(run).items() if key not in ("name", "tensors")}
    disk = {**told["disk"], "total": run.disk.total}
    memory = {**told["memory"], "host": run.memory.host, "device": run.memory.device}
    return {**told, "disk": disk, "memory": memory, "tensors": tensors}
