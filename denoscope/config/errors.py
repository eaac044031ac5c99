"""Turns what is wrong with a configuration into lines that say where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from denoscope.settings.base import Settings

Key = tuple[str | int, ...]


class ConfigError(ValueError):
    """The configuration cannot be used."""


def explain(faults: Iterable[tuple[Key, str]], files: Iterable[Path]) -> str:
    """One line per fault: ``file:line: key: what is wrong and what to do``.

    Args:
        faults: pairs of key and message.
        files: configuration files, searched from the last for the key.
    """
    documents = [(file, yaml.compose(file.read_text(encoding="utf-8"))) for file in files if file.exists()][::-1]
    messages: dict[Key, list[str]] = {}
    for key, message in faults:
        messages.setdefault(key, []).append(message)
    lines = [
        f"{_place(key, documents)}{'.'.join(map(str, key))}: {' or '.join(said)}" for key, said in messages.items()
    ]
    return "the configuration cannot be used:\n" + "\n".join(f"  {line}" for line in lines)


def validation_faults(error: ValidationError, raw: Any) -> Iterator[tuple[Key, str]]:
    """Key and message of everything that validation of ``raw`` found."""
    for fault in error.errors(include_url=False):
        key = _key_in(raw, fault["loc"], keep_last=fault["type"] in ("missing", "extra_forbidden"))
        yield key, _message(fault, key)


def _key_in(raw: Any, location: Key, *, keep_last: bool) -> Key:
    """``location`` without the parts that validation adds to tell the members of a union apart."""
    key: list[str | int] = []
    for index, part in enumerate(location):
        inside = (isinstance(raw, dict) and part in raw) or (isinstance(raw, list) and isinstance(part, int))
        if inside:
            raw = raw[part]
        if inside or (keep_last and index == len(location) - 1):
            key.append(part)
    return tuple(key)


def _message(fault: Any, key: Key) -> str:
    if fault["type"] == "extra_forbidden":
        return _unknown(str(key[-1]))
    if fault["type"] == "missing":
        return "missing; add it"
    if fault["type"] == "union_tag_invalid":
        tag, known = fault["ctx"]["tag"], fault["ctx"]["expected_tags"]
        return f"{fault['ctx']['discriminator'].strip(chr(39))} {tag!r} is unknown; choose one of {known}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["loc"][-1:] == ("[key]",):
        return f"this name cannot be used: {message[0].lower()}{message[1:]}; use letters, digits, '.', '-' and '_'"
    value = fault["input"]
    return message if isinstance(value, (dict, list)) else f"{value!r} is wrong: {message[0].lower()}{message[1:]}"


def _unknown(key: str) -> str:
    """What to do about a key that does not belong where it stands."""
    known = sorted(_known_keys(Settings))
    if key in known:
        return "this key does not belong here; remove it"
    similar = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean '{similar[0]}'?" if similar else "unknown key; remove it"


def _known_keys(section: type[Settings]) -> set[str]:
    keys = set(section.model_fields)
    return keys.union(*(_known_keys(below) for below in section.__subclasses__()))


def _place(key: Key, documents: Sequence[tuple[Path, yaml.Node | None]]) -> str:
    """File and line of the deepest part of ``key`` that any file has."""
    best: tuple[int, str] = (0, "")
    for file, document in documents:
        depth, line = _deepest(document, key)
        if depth > best[0]:
            best = depth, f"{file}:{line}: "
    return best[1]


def _deepest(node: yaml.Node | None, key: Key) -> tuple[int, int]:
    """How many parts of ``key`` lead down from ``node``, and the line where the last of them stands."""
    line, depth = 0, 0
    for part in key:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        else:
            found = None
        if found is None:
            break
        line, depth, node = found[0].start_mark.line + 1, depth + 1, found[1]
    return depth, line
