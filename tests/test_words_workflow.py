"""The demo's run of captions, by the real workflow from the bundled model to the report and the command line."""

import json

import pandas as pd
import pytest
import yaml
from browsing import played
from click.testing import CliRunner
from conftest import ROOT
from test_render import mp4_frames

import workflow
from denoscope import open_run
from denoscope.cli import main

pytestmark = pytest.mark.slow
STEPS, COUNT = 12, 8


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The demo's scenes, a sample a prompt and without maps, in a clone of the repository."""
    folder = workflow.clone(tmp_path_factory.mktemp("words") / "clone")
    asked = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["runs"]["scenes"]
    asked["samples"] = {"count": COUNT, "shard": COUNT, "batch": COUNT}
    asked["render"] |= {"samples": 1}
    del asked["maps"], asked["record"]["layers"]
    workflow.write_config(folder, {"runs": {"scenes": asked}})
    workflow.run(folder)
    return folder / "results"


@pytest.fixture(scope="module")
def run(results):
    return open_run(results / "scenes")


def test_recording_changed_no_bit(run):
    (proof,) = run.info["verified"]
    assert (proof["differ"], proof["samples"], proof["steps"]) == ([], COUNT, STEPS + 1)


def test_what_pictures_show_and_where_words_look_is_measured(run):
    truth = pd.read_parquet(run.folder / "truth.parquet")
    assert len(truth) == COUNT
    assert truth["objects"].mean() >= 0.5, "eight samples: the model's test holds its score"
    table = pd.read_parquet(run.folder / "attention.parquet")
    steps = table[table["rule"].eq("step") & table["head"].isna() & table["layer"].notna() & table["kind"].eq("shape")]
    assert len(steps) == len(run.words.layers) * STEPS
    assert set(table["rule"]) == {"step", "window", "last", "all", "best"}
    assert (run.folder / "figures" / "attention.png").stat().st_size > 10_000


def test_every_word_of_an_animated_sample_has_its_film(run):
    told = json.loads((run.folder / "attention" / "000000.json").read_text())["files"]
    assert [one["word"] for one in told] == list(run.words.names(0))
    for one in told:
        assert len(mp4_frames(run.folder / "attention" / "000000" / one["file"])[0]) == 3 * (STEPS - 1) + 1


def test_a_film_from_the_command_line_plays_in_a_browser(browser, run, tmp_path):
    frames, size = 5 * (STEPS - 1) + 1, (640, 480)
    line = f"attention-video {run.folder} --word triangle --output {tmp_path / 'x.mp4'} --fps 10 --size 640x480"
    found = CliRunner().invoke(main, [*line.split(), "--interpolation-steps", "4", "--layer", run.words.layers[-1]])
    assert found.exit_code == 0, found.output
    assert played(browser, tmp_path / "x.mp4") == [pytest.approx(frames / 10, abs=0.01), *size, None]
    assert len(mp4_frames(tmp_path / "x.mp4")[0]) == frames


def test_the_page_shows_a_row_of_seeds_for_each_prompt_and_its_words(results, run, visit):
    page = visit(results / "report.html", "#view=gallery")
    page.wait_for_selector("#gallery-list .contact")
    assert page.locator("#gallery-list .contact h3").count() == COUNT
    page.click("#tab-player")
    page.wait_for_selector("#words-list li")
    assert page.locator("#words-prompt .word").all_inner_texts() == list(run.words.names(0))
