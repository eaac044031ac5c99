"""The configuration's reference, written from its JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

HEAD = """\
# Configuration reference

Written by `make schema` from the settings themselves. [configuration.md](configuration.md) explains how they work
together. A key without a default must be given.
"""


def markdown(schema: Node) -> str:
    """A table of keys for every section of ``schema``."""
    sections = [("Config", schema), *sorted(schema["$defs"].items())]
    tables = ["\n".join(_section(name, node)) for name, node in sections if "properties" in node]
    return HEAD + "\n" + "\n\n".join(tables) + "\n"


def _section(name: str, node: Node) -> Iterator[str]:
    yield f"## {name}\n\n{node.get('description', '')}\n"
    yield "| key | value | default | meaning |\n| --- | --- | --- | --- |"
    required = node.get("required", ())
    for key, value in node["properties"].items():
        default = "" if key in required or "default" not in value else f"`{json.dumps(value['default'])}`"
        cells = (f"`{key}`", _type(value), default, value.get("description", ""))
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _type(node: Node) -> str:
    """What a value may be, in words."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if values := node.get("enum") or [node[key] for key in ("const",) if key in node]:
        return ", ".join(f"`{value}`" for value in values)
    if choices := node.get("anyOf") or node.get("oneOf"):
        return " or ".join(_type(choice) for choice in choices)
    if node["type"] == "array":
        parts = node.get("prefixItems")
        return f"list of {len(parts)}: {', '.join(map(_type, parts))}" if parts else f"list of {_type(node['items'])}"
    if node["type"] == "object":
        values = list(node.get("patternProperties", {}).values())
        return f"{_type(values[0])} by name" if values else "mapping"
    return str(node["type"]) + _bounds(node)


def _bounds(node: Node) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{sign} {node[key]:g}" for key, sign in signs.items() if key in node]
    return f" {', '.join(found)}" if found else ""
