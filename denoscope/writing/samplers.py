"""What a sampler may be told, in one flat list of options. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from denoscope.denoisers.text.settings import Choice, LeftToRight, Sampler
from denoscope.settings.base import Settings
from denoscope.writing.errors import WritingError
from denoscope.writing.source import Source

LEFT_TO_RIGHT = "left-to-right"
CHOICE = frozenset(Choice.model_fields)


def _name(kind: type[Settings]) -> str:
    return str(get_args(kind.model_fields["name"].annotation)[0])


KINDS: dict[str, type[Settings]] = {_name(kind): kind for kind in (*get_args(get_args(Sampler)[0]), LeftToRight)}
"""Every sampler's settings by its name."""


def chosen_sampler(source: Source, asked: str | None) -> str:
    """The sampler that is asked for, or else the one that the model was made for.

    Raises:
        WritingError: it is of the other kind of models.
    """
    if asked is None:
        return _default(source)
    if asked in KINDS and (asked == LEFT_TO_RIGHT) != (source.family == "causal_lm"):
        fitting = [name for name in KINDS if (name == LEFT_TO_RIGHT) == (source.family == "causal_lm")]
        raise WritingError(
            f"sampler {asked} is not for {source.name} of the family {source.family}; choose {' or '.join(fitting)}"
        )
    return asked


def _default(source: Source) -> str:
    if source.family == "causal_lm":
        return LEFT_TO_RIGHT
    if source.family == "masked_lm":
        return "remask-count"
    return "uncertainty" if source.network.get("importance") else "ddpm_cache"


def sampler_options(name: str) -> frozenset[str]:
    """Names of the options that a sampler takes; ``steps`` of the autoregressive one are its new tokens.

    Raises:
        WritingError: there is no such sampler.
    """
    if name not in KINDS:
        raise WritingError(f"sampler {name!r} is unknown; samplers are {', '.join(KINDS)}")
    fields = set(KINDS[name].model_fields)
    renamed = {"steps" if field == "new_tokens" else field for field in fields - {"name", "choice"}}
    return frozenset(renamed | (CHOICE if "choice" in fields else set()))


def sampler_settings(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A sampler's section of a run; what ``options`` leave out is the sampler's own default.

    Raises:
        WritingError: the sampler is unknown, or does not take one of the options.
    """
    known = sampler_options(name)
    if unknown := options.keys() - known:
        raise WritingError(f"sampler {name} takes no {', no '.join(sorted(unknown))}; it takes {_listed(known)}")
    found = {key: value for key, value in options.items() if key not in CHOICE}
    if name == LEFT_TO_RIGHT and "steps" in found:
        found["new_tokens"] = found.pop("steps")
    if chosen := {key: value for key, value in options.items() if key in CHOICE}:
        if chosen.get("top_k") == 0:
            chosen["top_k"] = None
        found["choice"] = {**KINDS[name].model_fields["choice"].default.model_dump(), **chosen}
    return {"name": name, **found}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
