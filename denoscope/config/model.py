"""The whole configuration: every run and the report, checked before any job starts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union

import yaml
from pydantic import Discriminator, Field, Tag, ValidationError

from denoscope.config.changes import change_of
from denoscope.config.checks import problems
from denoscope.config.errors import ConfigError, explain, validation_faults
from denoscope.denoisers.registry import families, run_settings
from denoscope.settings.base import Name, Settings
from denoscope.settings.publish import Publish
from denoscope.settings.report import Report
from denoscope.settings.run import Run

RESERVED = {"benchmarks", "checkpoints", "figures", "logs", "prompts", "tensorboard", "training", "wandb"}
"""Folders below results/ that are no run."""


def _family(run: Any) -> str | None:
    """The family that a run's entry names."""
    model = run.get("model") if isinstance(run, dict) else getattr(run, "model", None)
    family = model.get("family") if isinstance(model, dict) else getattr(model, "family", None)
    return family if isinstance(family, str) else None


if TYPE_CHECKING:
    AnyRun = Run
else:
    AnyRun = Annotated[
        Union[tuple(Annotated[run_settings(name), Tag(name)] for name in families())],  # noqa: UP007 (made, not written)
        Discriminator(
            _family,
            custom_error_type="family",
            custom_error_message=f"model.family is missing or unknown; families are {', '.join(families())}",
        ),
    ]


class Config(Settings):
    """The configuration file."""

    runs: dict[Name, AnyRun] = Field(min_length=1, description="what to run, by name")
    report: Report = Report()
    publish: Publish = Publish()


def load_config(raw: Mapping[str, Any], files: Iterable[Path] = ()) -> Config:
    """Check a configuration as YAML gave it.

    Args:
        raw: the merged content of the configuration files.
        files: those files, the last of which wins; they are only searched for the lines of wrong keys.

    Raises:
        ConfigError: everything that is wrong, one line each: file and line, key, what, and what to do.
    """
    try:
        # JSON mode is strict about types (no "5" for 5) and yet reads a list as a tuple.
        config = Config.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise ConfigError(explain(validation_faults(error, raw), files)) from None
    found = list(_problems(config))
    if found:
        raise ConfigError(explain(found, files))
    return config


def read_config(*files: Path, changes: Iterable[str] = ()) -> Config:
    """Read and check configuration files; a later file's keys win over an earlier one's, and ``changes`` over all.

    Args:
        files: YAML files.
        changes: as of a command line: ``runs.digits.samples.count=1000``.
    """
    merged: dict[str, Any] = {}
    for file in files:
        document = _document(file)
        if not isinstance(document, dict):
            raise ConfigError(f"{file}: this is no mapping of keys to values: write 'runs:' and below it your runs")
        merged = _merge(merged, document)
    for change in changes:
        merged = _merge(merged, change_of(change, merged))
    return load_config(merged, files)


def json_schema() -> dict[str, Any]:
    """The JSON schema that editors complete and check configurations with."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}


def _problems(config: Config) -> Iterator[tuple[tuple[str | int, ...], str]]:
    checkpoints: dict[str, Any] = {}
    for name, run in config.runs.items():
        if name in RESERVED:
            yield ("runs", name), f"results/{name} is a folder of the workflow's own: give the run another name"
        for key, message in problems(run):
            yield ("runs", name, *key), message
        for checkpoint in run.model.checkpoints():
            if checkpoints.setdefault(checkpoint.name, checkpoint) != checkpoint:
                yield (
                    ("runs", name, "model", "checkpoint", "name"),
                    f"'{checkpoint.name}' is described in two ways: give one of them another name",
                )


def _document(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: this is no YAML: {error}") from None


def _merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
