"""Which files of a repository in diffusers' layout make up a pipeline: of every folder one set of weights. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from denoscope.checkpoints.errors import CheckpointError

INDEX = "model_index.json"
"""What says of which parts a pipeline consists; it lies beside the folders."""
SETTINGS = {".json", ".txt", ".model"}
"""Ends of the names of configurations, vocabularies and tokenizers."""
WEIGHTS = re.compile(
    r"(?P<stem>diffusion_pytorch_model|pytorch_model|model)(?:\.(?P<variant>\w+))?"
    r"(?P<shard>-\d+-of-(?P<shards>\d+))?(?:\.(?P<old_variant>\w+))?\.(?P<kind>safetensors|bin)"
)
"""Weights of diffusers and transformers; a variant stands before a shard's number, in old repositories after it."""
SHARD_INDEX = re.compile(r".+\.index(\.\w+)?\.json")
PLAIN = "pytorch_model"
"""What transformers called weights before safetensors; converted, they are called ``model``."""


@dataclass(frozen=True)
class Weights:
    """A file of weights: its name, and what the name says."""

    name: str
    stem: str
    variant: str | None
    shards: int | None
    kind: str

    @property
    def installed(self) -> str:
        """Its name where no variants are told apart."""
        stem = "model" if self.stem == PLAIN else self.stem
        return self.name if self.shards else f"{stem}.{self.kind}"


def pipeline_files(listing: Iterable[str], folders: Sequence[str], variant: str | None) -> dict[str, str]:
    """The files to fetch: their paths in the repository, and in the checkpoint's folder.

    Args:
        listing: all paths of the repository.
        folders: those that are wanted.
        variant: the precision that is wanted of weights, as names of files say it; None is the one without a name.

    Raises:
        CheckpointError: a folder is not there, has no such weights, or has several.
    """
    paths = list(listing)
    found = {INDEX: INDEX} if INDEX in paths else {}
    for folder in folders:
        names = [path.removeprefix(f"{folder}/") for path in paths if path.startswith(f"{folder}/")]
        chosen = _of_folder(folder, [name for name in names if "/" not in name], variant)
        found |= {f"{folder}/{name}": f"{folder}/{installed}" for name, installed in chosen.items()}
    return found


def _of_folder(folder: str, names: Sequence[str], variant: str | None) -> dict[str, str]:
    if not names:
        raise CheckpointError(f"the repository has no folder '{folder}' at that commit: check checkpoint.folders")
    weights = [found for name in names if (found := _weights(name))]
    chosen = _one_set(folder, weights, variant) if weights else []
    settings = [name for name in names if name.endswith(tuple(SETTINGS)) and not SHARD_INDEX.fullmatch(name)]
    indices = [f"{chosen[0].stem}.safetensors.index.json"] if chosen and chosen[0].shards else []
    if missing := set(indices) - set(names):
        raise CheckpointError(f"folder '{folder}': {', '.join(missing)} is missing, which says what is in which shard")
    return {name: name for name in [*settings, *indices]} | {found.name: found.installed for found in chosen}


def _one_set(folder: str, weights: Sequence[Weights], variant: str | None) -> list[Weights]:
    """One set of weights: safetensors before pickles."""
    wanted = [found for found in weights if found.variant == variant]
    if not wanted:
        there = ", ".join(sorted({found.variant or "null" for found in weights}))
        raise CheckpointError(f"folder '{folder}' has no weights of variant {variant or 'null'}; it has {there}")
    kind = max(found.kind for found in wanted)  # "safetensors" comes after "bin"
    found = [entry for entry in wanted if entry.kind == kind]
    sets = {(entry.stem, entry.shards) for entry in found}
    if len(sets) > 1 or len(found) != (found[0].shards or 1):
        listed = ", ".join(entry.name for entry in found)
        raise CheckpointError(
            f"folder '{folder}' has several or incomplete weights: {listed}; name the files that are wanted with "
            "checkpoint.files"
        )
    if found[0].shards and (variant or kind == "bin"):
        raise CheckpointError(
            f"folder '{folder}' has its weights in {found[0].shards} shards, and shards can be read only as "
            "safetensors without a variant: choose another variant or repository"
        )
    return found


def _weights(name: str) -> Weights | None:
    match = WEIGHTS.fullmatch(name)
    if match is None:
        return None
    shards = int(match["shards"]) if match["shards"] else None
    return Weights(name, match["stem"], match["variant"] or match["old_variant"], shards, match["kind"])
