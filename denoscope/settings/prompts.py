"""Prompts from a file. No torch."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from denoscope.settings.base import Settings

Row = tuple[str, Any]
"""Where a prompt stands, in words, and what stands there."""


class PromptsError(ValueError):
    """A file holds no prompts where it should; the message says where and what to do."""


class PromptFile(Settings):
    """Prompts in a file: lines of text, or a column of a table."""

    file: str = Field(
        min_length=1,
        description="path of a .txt file with a prompt a line, or of a .csv, .jsonl or .parquet file; empty prompts "
        "are left out",
    )
    column: str = Field("prompt", description="column (of .jsonl: key) that holds the prompts; .txt has none")

    def read(self) -> tuple[str, ...]:
        """The prompts, in order.

        Raises:
            PromptsError: the file is of another kind, damaged, or holds something else.
            OSError: it cannot be read.
        """
        path = Path(self.file)
        if path.suffix.lower() not in READERS:
            raise PromptsError(f"files of prompts end in {', '.join(READERS)}, this one in {path.suffix or 'nothing'}")
        found = [_checked(*row) for row in READERS[path.suffix.lower()](path, self.column)]
        return tuple(prompt for prompt in found if prompt.strip())


def _checked(place: str, value: Any) -> str:
    if not isinstance(value, str):
        raise PromptsError(f"{place}: the prompt is {json.dumps(value, default=str)[:60]}, no text")
    return value


def _lines(path: Path, column: str) -> Iterator[Row]:
    # Without the mark that some editors put first. Not splitlines, which also cuts at form feeds and others.
    for number, line in enumerate(_text(path).split("\n"), 1):
        yield f"line {number}", line.removesuffix("\r")


def _csv(path: Path, column: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        _require_column(column, reader.fieldnames or ())
        for row in reader:
            # A row with too few values has None here: DictReader fills it up.
            yield f"line {reader.line_num}", row[column]
    except csv.Error as error:
        raise PromptsError(f"line {reader.line_num + 1}: {error}") from None  # it counts lines that it could read


def _jsonl(path: Path, column: str) -> Iterator[Row]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise PromptsError(f"line {number} is no JSON: {error}") from None
        if not isinstance(found, dict):
            raise PromptsError(f"line {number} is no object with a key {column!r}")
        if column not in found:
            raise PromptsError(f"line {number} has no key {column!r}; it has {_listed(found)}")
        yield f"line {number}", found[column]


def _parquet(path: Path, column: str) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _require_column(column, file.schema_arrow.names)
            values = file.read(columns=[column]).column(column)
    except pa.ArrowInvalid as error:
        raise PromptsError(f"it is damaged, or no Parquet: {error}") from None
    for number, value in enumerate(values.to_pylist()):
        yield f"row {number}", value


READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".txt": _lines,
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
"""What reads a file, by the end of its name."""


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptsError(f"it is no UTF-8 text ({error.reason} at byte {error.start})") from None


def _require_column(column: str, columns: Collection[str]) -> None:
    if column not in columns:
        raise PromptsError(f"it has no column {column!r}; its columns are {_listed(columns)}: set prompts.column")


def _listed(names: Collection[str]) -> str:
    return ", ".join(map(repr, names)) or "none"
