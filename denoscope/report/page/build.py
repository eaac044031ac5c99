"""Builds the page: one HTML file that opens without a network, or one with scripts of data beside it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from denoscope.report.colours import CLASSES, OTHER
from denoscope.report.page.blocks import Block, Blocks
from denoscope.report.page.data import Shown, run_data
from denoscope.report.page.overview import overview
from denoscope.report.page.tokens import token_data, token_overview
from denoscope.run import open_run
from denoscope.runtime.files import replacing
from denoscope.settings.report import Report

FOLDER = Path(__file__).parent
SCRIPT = "page.bundle.js"
WORKER = "umap.bundle.js"
STYLE = "page.css"


def build_page(
    runs: Mapping[str, Shown], results: Path, config: Mapping[str, Any], settings: Report, path: Path
) -> None:
    """Write the report.

    Args:
        runs: what to show of every run, by the run's name.
        results: folder that holds the runs.
        config: the whole configuration, shown in the page.
        settings: title and budgets.
        path: the page; data that it does not hold goes into the folder of the same name with ``.data``.
    """
    blocks = Blocks()
    opened = {name: open_run(results / name) for name in runs}
    described = [run_data(opened[name], shown, settings, blocks) for name, shown in runs.items()]
    overviews = [overview(opened[name], shown.layers) for name, shown in runs.items()]
    for place, (name, shown) in enumerate(runs.items()):
        if shown.tokens:
            described.append(token_data(opened[name], shown.tokens, place, blocks))
            overviews.append(token_overview(opened[name], shown.tokens))
    write_page(described, overviews, config, settings, blocks, path)


def write_page(
    runs: Sequence[Mapping[str, Any]],
    overviews: Sequence[Mapping[str, Any]],
    config: Mapping[str, Any],
    settings: Report,
    blocks: Blocks,
    path: Path,
) -> None:
    """Write a page from the descriptions of its runs; see ``build_page``."""
    inside, beside = blocks.inside(settings), blocks.beside(settings)
    folder = path.with_suffix(".data")
    data = {
        "title": settings.title,
        "colours": CLASSES,
        "other": OTHER,
        "runs": runs,
        "packed": blocks.packed(),
        "beside": {block.name: {"key": block.key, "file": f"{folder.name}/{block.key}.js"} for block in beside},
    }
    script, worker, style = (_asset(name) for name in (SCRIPT, WORKER, STYLE))
    html = _template().render(
        title=settings.title,
        policy=content_policy(script, style, bool(beside)),
        # Files of ours, checked not to end their element; the policy allows these and no others by their hashes.
        script=Markup(script),  # noqa: S704
        worker=Markup(worker),  # noqa: S704
        style=Markup(style),  # noqa: S704
        data=_json_block(data),
        blocks=inside,
        size=_megabytes(inside),
        beside=_megabytes(beside) if beside else None,
        folder=folder.name,
        overviews=overviews,
        config=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=100),
    )
    _write_beside(folder, beside)
    with replacing(path) as temporary:
        temporary.write_text(html, encoding="utf-8")
    _remove_others(folder, beside)


def content_policy(script: str, style: str, beside: bool) -> str:
    """A policy under which the page runs its one script, style and worker, and reaches nothing outside itself.

    Args:
        script: the page's script.
        style: its style.
        beside: whether scripts of data lie beside the page; they may then be loaded from where it lies.
    """
    scripts = f"'{_hash(script)}'" + (" 'self'" if beside else "")
    return (
        f"default-src 'none'; script-src {scripts}; style-src '{_hash(style)}'; img-src data: blob:; "
        "media-src data: blob:; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _write_beside(folder: Path, blocks: Sequence[Block]) -> None:
    """A script a block. Its name is a hash of its content, so that an older page keeps its own until it is replaced."""
    if blocks:
        folder.mkdir(exist_ok=True)
    for block in blocks:
        path = folder / f"{block.key}.js"
        if not path.exists():
            with replacing(path) as temporary:
                temporary.write_text(f'denoscopeBlock("{block.key}","{block.text}")\n', encoding="ascii")


def _remove_others(folder: Path, blocks: Sequence[Block]) -> None:
    kept = {f"{block.key}.js" for block in blocks}
    for path in folder.glob("*.js"):
        if path.name not in kept:
            path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _megabytes(blocks: Sequence[Block]) -> str:
    return f"{sum(block.size for block in blocks) / 1e6:.1f} MB"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    text = (FOLDER / "assets" / name).read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        raise ValueError(f"{name} would end its own element")
    return text


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _json_block(data: Any) -> Markup:
    """JSON that cannot end its script element, whatever a name or prompt contains."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
