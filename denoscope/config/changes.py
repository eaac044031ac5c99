"""Changes of a configuration that a command line makes: ``runs.digits.samples.count=1000``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from denoscope.config.errors import ConfigError


def change_of(text: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What ``key=value`` changes, as a configuration of its own; the value is YAML.

    Args:
        text: the keys down to the value, with dots between them.
        config: what is changed; a key of it may itself have dots, as a run's name may.

    Raises:
        ConfigError: it has no ``=``, or the value is no YAML.
    """
    keys, equals, value = text.partition("=")
    if not equals or not all(keys.split(".")):
        raise ConfigError(f"'{text}' is no key=value: write, for example, runs.digits.samples.count=1000")
    try:
        found: Any = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ConfigError(f"{keys}: {value!r} is no YAML: {error}") from None
    for key in reversed(_path(keys.split("."), config)):
        found = {key: found}
    return dict(found)


def _path(parts: list[str], config: Any) -> list[str]:
    """The keys, of which those that ``config`` has may be several ``parts`` long."""
    if not parts:
        return []
    known = config if isinstance(config, Mapping) else {}
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in known:
            return [key, *_path(parts[length:], known[key])]
    return [parts[0], *_path(parts[1:], {})]
