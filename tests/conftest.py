"""Fixtures that several tests share."""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"

sys.path.insert(0, str(Path(__file__).parent))


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers."""
    config.addinivalue_line("markers", "slow: runs the real workflow or judges the bundled model")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; the tests of the page need a real one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium: apt-get install chromium")


@pytest.fixture
def dataset_cache(tmp_path_factory, monkeypatch):
    """A folder of its own for what ``datasets`` copies of a file when it opens one; the hub is not told of it."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path_factory.mktemp("datasets"))
    monkeypatch.setattr("datasets.config.HF_UPDATE_DOWNLOAD_COUNTS", False)


@pytest.fixture(scope="session")
def tiny_config() -> dict[str, object]:
    """A configuration of two small runs that takes seconds; changed copies of it are used by many tests."""
    return {
        "runs": {
            "digits": {
                "model": {"family": "edm", "checkpoint": {"source": "bundled", "name": "digits-edm"}},
                "sampler": {"name": "heun", "steps": 3, "guidance": 1.5},
                "samples": {"count": 40, "shard": 20, "batch": 10},
                "record": {
                    "layers": ["*enc.4x4_block0", "*dec.8x8_block1"],
                    "attention": {"layers": ["*dec.4x4_in0"], "queries": "mean"},
                },
                "maps": {
                    "n_neighbors": 8,
                    "neighbors": 6,
                    "min_cluster_size": 5,
                    "epochs": 30,
                    "components": 10,
                    "grid": {"n_neighbors": [5], "min_dist": [0.1, 0.4]},
                },
                "render": {"samples": 2, "size": 64, "columns": 3},
            }
        }
    }


HOSTILE = "</script><script>window.broken=1</script><b>"
"""A class name that would break a page which does not escape it."""


@pytest.fixture(scope="session")
def mini(tmp_path_factory, tiny_config):
    """A finished run of the small configuration, in a clone of the repository."""
    import workflow

    folder = workflow.clone(tmp_path_factory.mktemp("mini") / "clone")
    config = copy.deepcopy(tiny_config)
    config["runs"]["digits"]["model"]["classes"] = [HOSTILE, *map(str, range(1, 10))]
    config["runs"]["digits"]["labels"] = [sample % 10 for sample in range(40)]
    config["report"] = {"title": "mini <i>run</i>", "players": 30}
    workflow.write_config(folder, config)
    workflow.run(folder)
    return folder, config


DRIVER = "GPU stall due to ReadPixels"
"""What a software renderer says whenever a frame is looked at; it says nothing of the page."""


@pytest.fixture(scope="module")
def browser(chromium):
    """One Chromium for the tests of a file: Playwright's event loop must not be there when others need one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Opens a page from a file; what it says on the console or asks for outside its folder fails the test."""
    contexts = []

    def open_page(path: Path, fragment: str = "", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True, **options)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"file://{path}{fragment}")
        page.wait_for_selector("html[data-ready=true]", state="attached")
        contexts.append((context, page, path))
        return page

    yield open_page
    for context, page, path in contexts:
        assert [line for line in page.said if DRIVER not in line] == []
        outside = [url for url in page.asked if not url.startswith(("data:", "blob:"))]
        beside = f"file://{path.with_suffix('.data')}/"
        assert [
            url for url in outside if url.partition("#")[0] != f"file://{path}" and not url.startswith(beside)
        ] == []
        context.close()


@pytest.fixture
def page(visit, mini):
    """The mini run's page."""
    return visit(mini[0] / "results" / "report.html")
