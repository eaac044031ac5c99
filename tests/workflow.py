"""Runs the real workflow in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

PARTS = ("Snakefile", "rules", "scripts", "denoscope", "config", "profiles", "envs", "models")


def clone(folder: Path) -> Path:
    """What a fresh clone of the repository holds, with new modification times."""
    folder.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, folder / name, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copyfile(source, folder / name)
    return folder


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", "--configfile", "mini.yaml", "--cores", "2", *arguments]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def write_config(folder: Path, config: dict[str, Any]) -> None:
    (folder / "mini.yaml").write_text(yaml.safe_dump(config))


def run(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run the workflow in ``folder``; its output."""
    done = subprocess.run(
        command(folder, *arguments), cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    assert not check or done.returncode == 0, output[-6000:]
    return output


def planned(folder: Path) -> dict[str, int]:
    """The jobs that would run, by rule, without the final target."""
    output = run(folder, "--dry-run")
    stats = output.partition("Job stats:")[2].partition("total")[0]
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+)\s+(\d+)$", stats, re.MULTILINE)}
    jobs.pop("all", None)
    return jobs
