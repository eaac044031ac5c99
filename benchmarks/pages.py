"""The atlas in a browser against a Plotly page of the same points."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from playwright.sync_api import sync_playwright

from benchmarks.contest import Contest
from benchmarks.digits import Temporary
from denoscope.maps import files
from denoscope.maps.neighbors import Neighbors, nearest
from denoscope.report.page.atlas import Mapped, atlas
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.build import write_page
from denoscope.report.page.columns import sample_columns
from denoscope.settings.report import Report
from denoscope.trace.reader import TraceArray

CLASSES = 10
LAYER = "model.dec.8x8_block1"
FEW, MANY = 1, 20
PROMISED = 1.6e6
FIRST_PICTURE = """
const look = () => document.documentElement?.dataset.drawn
    ? requestAnimationFrame(() => requestAnimationFrame(() => { window.firstPicture = performance.now(); }))
    : requestAnimationFrame(look);
look();
"""
"""Notes when the second frame after the first drawing begins: by then the first is on the screen."""


def bytes_of_50_000() -> Contest:
    """What a Plotly page shows, and clusters, scores, search, selection: all but lists of neighbours and pictures."""
    return _bytes_of_50_000("page of 50,000 points, no pictures, the nearest neighbour of each", FEW)


def bytes_with_neighbours() -> Contest:
    """The same with as many neighbours as a list shows: their numbers alone are 2 MB that nothing can pack."""
    return _bytes_of_50_000(f"the same with all included, {MANY} neighbours and distances of each", MANY)


def _bytes_of_50_000(what: str, k: int) -> Contest:
    plotly = _plotly_page(50_000).stat().st_size
    return Contest(
        what=what,
        against="Plotly page with classes, no neighbours",
        ours=lambda: _our_page(50_000, k).stat().st_size,
        other=lambda: plotly,
        target=round(PROMISED / plotly, 3),
        unit="B",
    )


def first_picture_of_50_000() -> Contest:
    """From the start of navigation to the points on the screen."""
    return _first_picture(50_000)


def first_picture_of_1_000_000() -> Contest:
    """The same with a million points."""
    return _first_picture(1_000_000)


def _first_picture(points: int) -> Contest:
    """Of the page that the workflow makes: what its budget does not hold lies beside it."""
    pages = [(_our_page(points, MANY, "auto"), "#view=atlas"), (_plotly_page(points), "")]
    return Contest(
        what=f"first picture of {points:,} points in Chromium, {MANY} neighbours each",
        against="Plotly page of the same points, no neighbours",
        ours=lambda: _opened(*pages[0]),
        other=lambda: _opened(*pages[1]),
        target=1,
        unit="ms",
        pairs=3,
    )


@cache
def _folder() -> Temporary:
    return Temporary()


@cache
def _points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``[n, 2]`` float32 and classes ``[n]``."""
    generator = np.random.default_rng(0)
    label = np.arange(count) % CLASSES
    xy = 4 * generator.normal(size=(CLASSES, 2))[label] + generator.normal(size=(count, 2))
    return xy.astype(np.float32), label


@cache
def _our_page(count: int, k: int, inline: Literal["auto", "always"] = "always") -> Path:
    """The page that the workflow would make of a run with one layer at one step."""
    folder = _folder().path / f"{count}-{k}-{inline}"
    maps = folder / "maps" / LAYER
    maps.mkdir(parents=True)
    xy, label = _points(count)
    near = _neighbors(count).first(k)
    _write_maps(maps, xy, label, near)
    quality = pd.DataFrame({"layer": [LAYER], "step": [0], "purity": [0.9], "chance": [1 / CLASSES]})
    nothing = cast("TraceArray", None)  # all points were mapped: no other has to be read
    blocks = Blocks()
    names = np.array([f"class {number}" for number in range(CLASSES)])
    samples = pd.DataFrame({"sample": np.arange(count), "label": label, "class": names[label]})
    described = {
        "name": "points",
        "of": None,
        "views": ["overview", "atlas"],
        "symbol": "σ",
        "times": [0.0],
        "count": count,
        "players": 0,
        "columns": sample_columns(samples, blocks),
        "maps": atlas(Mapped(folder / "maps", {LAYER: nothing}, count, quality), [], blocks),
        "picture": {"height": 1, "width": 1},
        "thumbs": None,
        "similarity": None,
        "state": None,
        "x0": None,
        "scalars": None,
        "attention": [],
        "figures": [],
        "media": [],
    }
    page = folder / "report.html"
    write_page([described], [], {}, Report(title=f"{count:,} points", inline=inline), blocks, page)
    return page


@cache
def _neighbors(count: int) -> Neighbors:
    """Beyond 50,000 points any will do: the page carries them, whatever they are."""
    if count <= 50_000:
        return nearest(_points(count)[0], MANY)
    indices = np.random.default_rng(1).integers(0, count, size=(count, MANY), dtype=np.int32)
    return Neighbors(indices, np.ones(indices.shape, np.float32))


def _write_maps(folder: Path, xy: np.ndarray, label: np.ndarray, near: Neighbors) -> None:
    scores = np.random.default_rng(2).random((2, len(xy)), dtype=np.float32)
    step = files.StepMap(0, xy, label.astype(np.int32), 1 + scores[0], (scores[1] * 20).round() / 20)
    settings = {"n_neighbors": 15, "min_dist": 0.1, "metric": "euclidean", "seed": 0, "epochs": 200}
    about: dict[str, Any] = {
        "layer": LAYER,
        "steps": [0],
        "fit": len(xy),
        "engine": "umap-learn",
        "settings": settings,
        "searched": "activations",
        "trustworthiness": [0.99],
        "preservation": [0.5],
    }
    files.write_map(folder / files.MAP, [step], 0, about)
    files.write_neighbors(folder / files.NEIGHBORS, {"activations": [near]})


@cache
def _plotly_page(count: int) -> Path:
    """A scatter by WebGL with a trace a class, as Plotly Express makes it; the library in the page."""
    xy, label = _points(count)
    traces = [
        go.Scattergl(x=xy[label == c, 0], y=xy[label == c, 1], mode="markers", name=f"class {c}", marker={"size": 3})
        for c in range(CLASSES)
    ]
    page = _folder().path / f"plotly-{count}.html"
    drawn = "document.documentElement.dataset.drawn = 'Plotly'"
    go.Figure(traces).write_html(page, include_plotlyjs=True, post_script=drawn)
    return page


def _opened(page: Path, fragment: str) -> float:
    """Milliseconds from the start of navigation to the first picture, in a fresh browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("the benchmark of the page needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.add_init_script(FIRST_PICTURE)
        tab.goto(f"file://{page}{fragment}", wait_until="commit", timeout=120_000)
        for _ in range(2400):
            if found := tab.evaluate("window.firstPicture"):
                browser.close()
                return float(found)
            tab.wait_for_timeout(50)
        raise SystemExit(f"{page} shows nothing")
