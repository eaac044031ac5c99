"""A hash of the library sources that a job uses.

Snakemake notices neither a changed module nor tells a changed script from a touched one. Jobs therefore carry the
hash of their script and of everything of this library that it imports, directly or not.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NAME = PACKAGE.name
RUNTIME = ("devices", "job", "locks", "memory", "progress", "versions")
NEUTRAL = {PACKAGE / "__init__.py", *(PACKAGE / "runtime" / f"{name}.py" for name in RUNTIME)}
"""Files that decide no bytes of any result: a clearer log message must not sample everything again."""
DATA = {".css", ".html", ".js", ".json", ".md", ".rst", ".txt"}
"""What a package may read beside its modules; an editor's swap file is none of it."""


def source_hash(*roots: Path) -> str:
    """SHA-256 of ``roots`` and of all library files that they use.

    A file uses the modules that it imports, anywhere in it, the packages around those, and the files that are no
    Python beside them (templates, lists).
    """
    digest = hashlib.sha256()
    for path in sorted(_closure(roots), key=lambda path: (path.name, str(path))):
        digest.update(_file_hash(path))
    return digest.hexdigest()[:16]


def _closure(roots: Iterable[Path]) -> set[Path]:
    found: set[Path] = set()
    waiting = [path.resolve() for path in roots]
    while waiting:
        path = waiting.pop()
        if path in found or path in NEUTRAL:
            continue
        found.add(path)
        if path.suffix == ".py":
            waiting += _imports(path)
            if path.is_relative_to(PACKAGE):
                found.update(_data_files(path.parent))
    return found


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    names = [name for node in _statements(ast.parse(path.read_bytes())) for name in _names(node)]
    return tuple(file for name in names for file in _module_files(name))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below ``node`` but those that only a type checker sees."""
    yield node
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    for child in ast.iter_child_nodes(node):
        yield from _statements(child)


def _names(node: ast.AST) -> Iterator[str]:
    """Dotted names that an import statement may mean: ``from a import b`` may mean module ``a.b``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_files(name: str) -> Iterator[Path]:
    """The files that importing ``name`` runs: its package's and all those above it."""
    first, *rest = name.split(".")
    if first != NAME:
        return
    folder = PACKAGE
    yield folder / "__init__.py"
    for part in rest:
        if (folder / f"{part}.py").exists():
            yield folder / f"{part}.py"
        folder = folder / part
        if not (folder / "__init__.py").exists():
            return
        yield folder / "__init__.py"


@cache
def _data_files(package: Path) -> frozenset[Path]:
    below = (path for path in package.iterdir() if package != PACKAGE)
    files: set[Path] = set()
    for path in below:
        if path.is_dir() and not (path / "__init__.py").exists() and path.name != "__pycache__":
            files.update(inner for inner in path.rglob("*") if inner.suffix in DATA)
        elif path.suffix in DATA:
            files.add(path)
    return frozenset(files)


@cache
def _file_hash(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
