"""Downloads: from the hub through huggingface_hub, from a URL with resuming, both verified."""

from __future__ import annotations

import errno
import logging
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from time import sleep

from huggingface_hub import constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    DryRunError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from denoscope.checkpoints.errors import CheckpointError
from denoscope.runtime.files import file_sha256
from denoscope.settings.checkpoint import HubCheckpoint

log = logging.getLogger(__name__)

ATTEMPTS = 5
PAUSE_S = 1.0
"""Before the second attempt; twice as long before each later one."""
BUSY = {408, 429}
"""Refusals that another attempt may not meet: the server waited too long, or was asked too often."""
BLOCK = 2**20


def hub_file(checkpoint: HubCheckpoint, file: str) -> Path:
    """One file of a repository, in the hub's cache; a partial download is resumed.

    Raises:
        CheckpointError: it cannot be had, or its hash is not the one that the hub announced.
    """
    with _explained(f"{checkpoint.repo}@{checkpoint.revision[:8]}/{file}"):
        planned = hf_hub_download(checkpoint.repo, file, revision=checkpoint.revision, dry_run=True)
        if planned.will_download and planned.file_size:
            require_space(Path(constants.HF_HUB_CACHE), planned.file_size, file)
        path = Path(hf_hub_download(checkpoint.repo, file, revision=checkpoint.revision)).resolve()
    _verify(path, f"{checkpoint.repo}/{file}")
    return path


def hub_folder(checkpoint: HubCheckpoint, subfolder: str) -> list[tuple[str, Path]]:
    """All files below a folder of a repository: their paths in that folder, and where they lie in the hub's cache."""
    with _explained(f"{checkpoint.repo}@{checkpoint.revision[:8]}/{subfolder}"):
        root = snapshot_download(
            checkpoint.repo, revision=checkpoint.revision, allow_patterns=f"{subfolder}/*", ignore_patterns="*.py"
        )
    base = Path(root) / subfolder
    files = [(path.relative_to(base).as_posix(), path.resolve()) for path in sorted(base.rglob("*")) if path.is_file()]
    if not files:
        raise CheckpointError(f"{checkpoint.repo} has no folder '{subfolder}' at {checkpoint.revision}")
    for name, path in files:
        _verify(path, f"{checkpoint.repo}/{subfolder}/{name}")
    return files


def hub_listing(checkpoint: HubCheckpoint, patterns: Sequence[str]) -> list[str]:
    """Paths in a repository that match ``patterns``; where the hub cannot be reached, those that are in its cache."""
    repo, revision = checkpoint.repo, checkpoint.revision
    with _explained(f"{repo}@{revision[:8]}"):
        try:
            planned = snapshot_download(repo, revision=revision, allow_patterns=list(patterns), dry_run=True)
            return sorted(file.filename for file in planned)
        except DryRunError as error:
            if isinstance(error.__cause__, RepositoryNotFoundError):
                raise error.__cause__ from None
            root = Path(snapshot_download(repo, revision=revision, allow_patterns=[], local_files_only=True))
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def url_file(url: str, sha256: str, target: Path) -> None:
    """Download ``url`` to ``target``, resuming what an earlier attempt left, and verify it.

    A ``target`` that is there already is kept if its hash is right.

    Raises:
        CheckpointError: it cannot be had, there is no room for it, or its hash is another.
    """
    if target.exists():
        if file_sha256(target) == sha256:
            return
        log.warning("%s is damaged: downloading it again", target)
        target.unlink()
    part = target.with_name(target.name + ".part")
    _download(url, part)
    found = file_sha256(part)
    if found != sha256:
        part.unlink()
        raise CheckpointError(f"{url}: SHA-256 is {found}, the configuration says {sha256}; the download is deleted")
    part.replace(target)


def _download(url: str, part: Path) -> None:
    """Download ``url`` to ``part`` in some attempts, each of which resumes the one before.

    Raises:
        CheckpointError: all attempts failed, or another one would not help.
    """
    for attempt in range(ATTEMPTS):
        try:
            with _explained(url):
                _continue_download(url, part)
            return
        except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError) as error:
            log.warning("%s: %s (attempt %d of %d)", url, error, attempt + 1, ATTEMPTS)
            if attempt == ATTEMPTS - 1:
                raise CheckpointError(
                    f"{url}: {error}; {part.stat().st_size if part.exists() else 0} bytes are kept, run again to resume"
                ) from error
            sleep(PAUSE_S * 2**attempt)


def _verify(path: Path, what: str) -> None:
    """Hold a large file of the hub's cache against its name there, which is the SHA-256 that the hub announced."""
    announced = path.name
    if re.fullmatch(r"[0-9a-f]{64}", announced) and file_sha256(path) != announced:
        path.unlink()
        raise CheckpointError(
            f"{what}: what arrived is not what the hub announced (SHA-256 {announced}); "
            "the damaged copy is deleted, run again to fetch it anew"
        )


def require_space(folder: Path, size: int, what: str) -> None:
    """Check that ``size`` bytes fit on the disk of ``folder``.

    Raises:
        CheckpointError: they do not.
    """
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if size > free:
        raise CheckpointError(f"{what} needs {size / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free on {folder}")


def _continue_download(url: str, part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.exists() else 0
    # The settings admit http and https addresses only.
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    try:
        response = urllib.request.urlopen(request, timeout=60)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left to send
            return
        if error.code < 500 and error.code not in BUSY:
            raise CheckpointError(
                f"{url}: HTTP {error.code} {error.reason}; check the address and your access"
            ) from error
        raise
    with response:
        resumed = response.status == 206
        expected = int(response.headers.get("Content-Length", 0))
        require_space(part.parent, expected, url)
        with part.open("ab" if resumed else "wb") as file:
            before = file.tell()
            shutil.copyfileobj(response, file, BLOCK)
            if expected and file.tell() - before < expected:
                raise ConnectionError(f"the connection was cut after {file.tell()} bytes")


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn what the hub or the disk says into one clear sentence."""
    try:
        yield
    except GatedRepoError as error:
        raise CheckpointError(f"{what} is gated: accept its terms on the hub, then log in or set HF_TOKEN") from error
    except RevisionNotFoundError as error:
        raise CheckpointError(f"{what}: the repository has no such commit; check checkpoint.revision") from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(
            f"{what}: no such repository, or it is private: check its name, or set HF_TOKEN"
        ) from error
    except LocalEntryNotFoundError as error:
        raise CheckpointError(f"{what} is not in the cache and the hub cannot be reached: {error}") from error
    except EntryNotFoundError as error:
        raise CheckpointError(
            f"{what}: the repository has no such file at that commit; check checkpoint.file"
        ) from error
    except HfHubHTTPError as error:
        raise CheckpointError(f"{what}: {error}") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CheckpointError(
                f"{what}: the disk is full; make room and run again, what has arrived is kept"
            ) from error
        raise
