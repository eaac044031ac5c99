"""Where a model's weights come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from denoscope.settings.base import Name, Settings

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in lower-case hexadecimal")]
Licence = Annotated[str, Field(min_length=1, description="licence of the weights, kept in the manifest")]
Folder = Annotated[str, Field(pattern=r"^[\w-]+$", description="folder of a repository, not within another")]


class BundledCheckpoint(Settings):
    """A small model that ships in ``models/``."""

    source: Literal["bundled"]
    name: Name = Field(description="folder in models/")


class TrainedCheckpoint(Settings):
    """A model that the workflow trains first, from ``models/<name>/recipe.yaml``."""

    source: Literal["trained"]
    name: Name = Field(description="folder in models/ that holds the recipe")


class HubCheckpoint(Settings):
    """A file or folder of a Hugging Face repository at a pinned commit."""

    source: Literal["hub"]
    name: Name = Field(description="folder below results/checkpoints/")
    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name on the hub")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$", description="full commit hash: a branch or a tag may move")
    file: str | None = Field(None, min_length=1, description="one file of the repository")
    files: tuple[str, ...] | None = Field(
        None, min_length=1, description="several files of the repository, which keep their names"
    )
    subfolder: str | None = Field(None, min_length=1, description="a whole folder of the repository")
    folders: tuple[Folder, ...] | None = Field(
        None, min_length=1, description="folders of a pipeline in diffusers' layout, of each one set of weights"
    )
    variant: str | None = Field(
        None,
        pattern=r"^\w+$",
        description="of the weights in folders, such as fp16; null takes those whose names say none",
    )
    sha256: Sha256 | None = Field(None, description="expected SHA-256 of the single file")
    licence: Licence = "unknown"

    @model_validator(mode="after")
    def _one_of(self) -> HubCheckpoint:
        if [self.file, self.files, self.subfolder, self.folders].count(None) != 3:
            raise ValueError(
                "give one of file (a single file of the repository, the model), files (several, by name), subfolder "
                "(a whole folder) and folders (those of a pipeline)"
            )
        if self.variant and not self.folders:
            raise ValueError("variant chooses among the weights in folders: remove it, or name the file")
        if self.sha256 and not self.file:
            raise ValueError("sha256 belongs to a single file: remove it, or name the file with 'file'")
        return self


class UrlCheckpoint(Settings):
    """A file at a URL, verified by its hash."""

    source: Literal["url"]
    name: Name = Field(description="folder below results/checkpoints/")
    url: str = Field(pattern=r"^https?://", description="address of the file")
    sha256: Sha256
    licence: Licence = "unknown"


class LocalCheckpoint(Settings):
    """A file or folder on this machine."""

    source: Literal["local"]
    name: Name = Field(description="folder below results/checkpoints/")
    path: str = Field(min_length=1, description="path of the file or folder")
    sha256: Sha256 | None = Field(None, description="expected SHA-256 of the single file")
    licence: Licence = "unknown"


Checkpoint = Annotated[
    BundledCheckpoint | TrainedCheckpoint | HubCheckpoint | UrlCheckpoint | LocalCheckpoint,
    Field(discriminator="source"),
]
