"""Builds the page: one HTML file that opens without a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from denoscope.report.colours import CLASSES, OTHER
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.data import Shown, run_data
from denoscope.report.page.overview import overview
from denoscope.run import open_run
from denoscope.runtime.files import replacing
from denoscope.settings.report import Report

FOLDER = Path(__file__).parent
SCRIPT = "page.bundle.js"
STYLE = "page.css"


def build_page(
    runs: Mapping[str, Shown], results: Path, config: Mapping[str, Any], settings: Report, path: Path
) -> None:
    """Write the report.

    Args:
        runs: what to show of every run, by the run's name.
        results: folder that holds the runs.
        config: the whole configuration, shown in the page.
        settings: title and budget.
        path: the page.
    """
    blocks = Blocks()
    opened = {name: open_run(results / name) for name in runs}
    data = {
        "title": settings.title,
        "colours": CLASSES,
        "other": OTHER,
        "runs": [run_data(opened[name], shown, settings, blocks) for name, shown in runs.items()],
    }
    script, style = (_asset(name) for name in (SCRIPT, STYLE))
    html = _template().render(
        title=settings.title,
        policy=content_policy(script, style),
        # Files of ours, checked not to end their element; the policy allows these and no others by their hashes.
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        data=_json_block(data),
        blocks=blocks.encoded(),
        overviews=[overview(opened[name], shown.layers) for name, shown in runs.items()],
        config=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=100),
    )
    with replacing(path) as temporary:
        temporary.write_text(html, encoding="utf-8")


def content_policy(script: str, style: str) -> str:
    """A policy under which the page runs its one script and style and reaches nothing outside itself."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data: blob:; "
        "media-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


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
