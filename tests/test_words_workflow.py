"""The demo's runs of captions, by the real workflow from the bundled models to the report and the command line."""

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
RUNS, COUNT = ("motion", "scenes"), 6  # in the order in which a configuration is written


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The demo's scenes and films, a sample a prompt and without maps, in a clone of the repository."""
    folder = workflow.clone(tmp_path_factory.mktemp("words") / "clone")
    known = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["runs"]
    runs = {name: known[name] for name in RUNS}
    for asked in runs.values():
        asked["samples"] = {"count": COUNT, "shard": COUNT, "batch": COUNT}
        asked["prompts"] = asked["prompts"][:COUNT]
        asked["render"] |= {"samples": 1}
        del asked["maps"], asked["record"]["layers"]
    workflow.write_config(folder, {"runs": runs})
    workflow.run(folder)
    return folder / "results"


@pytest.fixture(params=RUNS)
def run(request, results):
    return open_run(results / request.param)


def steps_of(run):
    """Steps at which attention is recorded."""
    return len(run.words.steps)


def test_recording_changed_no_bit(run):
    (proof,) = run.info["verified"]
    assert (proof["differ"], proof["samples"], proof["steps"]) == ([], COUNT, len(run.times))
    assert steps_of(run) == len(run.times) - 1


def test_what_is_shown_and_where_words_look_is_measured(run):
    truth = pd.read_parquet(run.folder / "truth.parquet")
    assert len(truth) == COUNT
    assert truth["objects"].mean() >= 0.5, "six samples: the models' tests hold their scores"
    table = pd.read_parquet(run.folder / "attention.parquet")
    steps = table[table["rule"].eq("step") & table["head"].isna() & table["layer"].notna() & table["kind"].eq("shape")]
    assert len(steps) == 2 * len(run.words.layers) * steps_of(run)
    assert set(table["rule"]) == {"step", "window", "last", "all", "best"}
    assert (run.folder / "figures" / "attention.png").stat().st_size > 10_000


def test_every_word_of_an_animated_sample_has_its_film(run):
    told = json.loads((run.folder / "attention" / "000000.json").read_text())["files"]
    assert [one["word"] for one in told] == list(run.words.names(0))
    for one in told:
        assert len(mp4_frames(run.folder / "attention" / "000000" / one["file"])[0]) == 3 * (steps_of(run) - 1) + 1


def test_a_film_from_the_command_line_plays_in_a_browser(browser, run, tmp_path):
    frames, size = 5 * (steps_of(run) - 1) + 1, (640, 480)
    options = ["--word", run.words.names(0)[-1], "--layer", run.words.layers[-1], "--output", str(tmp_path / "x.mp4")]
    pace = "--fps 10 --size 640x480 --interpolation-steps 4"
    found = CliRunner().invoke(main, ["attention-video", str(run.folder), *options, *pace.split()])
    assert found.exit_code == 0, found.output
    assert played(browser, tmp_path / "x.mp4") == [pytest.approx(frames / 10, abs=0.01), *size, None]
    assert len(mp4_frames(tmp_path / "x.mp4")[0]) == frames


def test_the_page_shows_a_row_of_seeds_for_each_prompt_and_its_words(results, run, visit):
    number = RUNS.index(run.folder.name)
    page = visit(results / "report.html", f"#view=gallery&run={number}")
    page.wait_for_selector("#gallery-list .contact")
    assert page.locator("#gallery-list .contact h3").count() == COUNT
    page.click("#tab-player")
    page.wait_for_selector("#words-list li")
    assert page.locator("#words-prompt .word").all_inner_texts() == list(run.words.names(0))
