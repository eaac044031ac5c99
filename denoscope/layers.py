"""Choosing a model's layers by glob."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase


class UnknownLayerError(ValueError):
    """A glob that matches no layer."""


class MissingRecordError(RuntimeError):
    """A tap recorded less than it was asked for."""


def match_layers(names: Iterable[str], globs: str | Sequence[str]) -> dict[str, list[str]]:
    """The layer names that each glob matches, in the model's order.

    Raises:
        UnknownLayerError: a glob matches nothing; the message lists similar names.
    """
    known = [name for name in names if name]
    matches = {glob: [name for name in known if fnmatchcase(name, glob)] for glob in _listed(globs)}
    for glob, found in matches.items():
        if not found:
            similar = get_close_matches(glob, known, n=3, cutoff=0.3) or known[:3]
            raise UnknownLayerError(f"'{glob}' matches no layer; similar names: {', '.join(similar)}")
    return matches


def chosen_layers(names: Iterable[str], globs: str | Sequence[str]) -> tuple[str, ...]:
    """All layers that any glob matches, in the model's order and without repetition."""
    known = list(names)
    wanted = {name for found in match_layers(known, globs).values() for name in found}
    return tuple(name for name in known if name in wanted)


def require_records(matches: Mapping[str, Sequence[str]], recorded: Iterable[str]) -> None:
    """Check that every glob recorded something.

    Raises:
        MissingRecordError: names each glob without a record, and what did record.
    """
    found = set(recorded)
    silent = [glob for glob, names in matches.items() if found.isdisjoint(names)]
    if silent:
        raise MissingRecordError(
            f"nothing was recorded for {', '.join(silent)}: the model did not run, or these layers do not call what "
            f"the tap reads; recorded: {', '.join(sorted(found)) or 'nothing'}"
        )


def _listed(globs: str | Sequence[str]) -> Sequence[str]:
    return [globs] if isinstance(globs, str) else globs
