"""The page in a real browser: it opens from a file, asks nothing of any network, and does what it says."""

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from browsing import pixels, settle, settled, until
from conftest import HOSTILE

from denoscope import open_run
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.data import Shown, grid_of, pictured_attention, run_data
from denoscope.report.page.pictures import tiled
from denoscope.settings.report import Report

pytestmark = pytest.mark.slow
VIEWS = ["overview", "gallery", "player", "atlas", "layers", "figures"]


@pytest.fixture(scope="module")
def run(mini):
    return open_run(mini[0] / "results" / "digits")


def test_policy_lets_one_script_run_and_nothing_load(mini):
    html = (mini[0] / "results" / "report.html").read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1]
    for rule in (
        "default-src 'none'",
        "script-src 'sha256-",
        "style-src 'sha256-",
        "connect-src 'none'",
        "img-src data: blob:",
    ):
        assert rule in policy.replace("&#39;", "'")
    assert "unsafe" not in policy
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)


def test_every_view_opens_by_mouse_and_by_key(page):
    for index, view in enumerate(VIEWS):
        page.click(f"#tab-{view}")
        assert [v for v in VIEWS if page.locator(f"#view-{v}").is_visible()] == [view]
        page.keyboard.press(str((index + 1) % 6 + 1))
        following = VIEWS[(index + 1) % 6]
        assert page.locator(f"#view-{following}").is_visible()
        assert page.locator(f"#tab-{following}").get_attribute("aria-selected") == "true"


def test_an_address_of_a_longer_run_is_brought_within_this_one(page, run):
    page.evaluate("location.hash = '#run=7&view=player&sample=999&step=999&layer=99'")
    page.wait_for_selector("#view-player:not([hidden])")
    until(page, f"new URLSearchParams(location.hash.slice(1)).get('step') === '{len(run.times) - 1}'")
    page.evaluate("location.hash = '#view=nonsense'")
    page.wait_for_selector("#view-overview:not([hidden])")


def test_arrow_keys_choose_views_on_the_tabs_and_steps_after_a_click(page):
    page.click("#tab-player")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('#view-player').contains(document.activeElement)")
    page.focus("#tab-player")
    for _ in range(12):  # also when views change faster than their videos load
        page.keyboard.press("ArrowRight")
    assert page.locator("#view-player").is_visible()


def test_animations_that_are_no_longer_asked_for_are_not_shown(mini, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(mini[0] / "results", folder)
    stale = folder / "digits" / "media" / "000999.json"
    stale.write_text(json.dumps({"files": [{"sample": 999, "file": "x.mp4"}]}))
    found = run_data(open_run(folder / "digits"), Shown((), ["000000"]), Report(), Blocks())
    assert [entry["title"] for entry in found["media"]] == ["grid", "sample 0", "sample 1"]


def test_hostile_names_are_text(page):
    assert page.evaluate("window.broken") is None
    assert page.locator("header h1").inner_text() == "mini <i>run</i>"
    page.click("#tab-gallery")
    assert page.locator("#gallery-filter .chip").nth(1).inner_text() == HOSTILE


def test_overview_says_what_was_run(page, run):
    text = page.locator("#view-overview").inner_text()
    for expected in (
        "40 in 2 shards",
        "guidance 1.5",
        "σ from 80 to 0",
        "Apache-2.0",
        "umap-learn",
        "model.dec.4x4_in0",
    ):
        assert expected in text
    weights = next(iter(run.info["checkpoint"]["files"].values()))
    assert weights["sha256"] in text
    assert run.info["shards"][0]["versions"]["torch"] in text


def test_gallery_shows_every_result_and_filters(page, run):
    page.click("#tab-gallery")
    assert page.locator(".tile").count() == 40
    settle(page, ".tile:nth-child(8) canvas", run.previews[-1, 7][..., 0])
    page.locator("#gallery-filter .chip", has_text="7").click()
    assert page.locator(".tile").count() == 4
    page.locator(".tile").nth(1).click()
    assert "sample 17, class 7" in page.locator("#player-title").inner_text()


def test_player_shows_what_was_recorded_at_every_step(page, run):
    page.click("#tab-player")
    page.fill("#player-sample", "5")
    page.press("#player-sample", "Enter")
    for step in range(4):
        page.locator(".frame").nth(step).click()
        settle(page, "#player-state", run.previews[step, 5][..., 0])
        prediction = run.predictions[step, 5] if step < 3 else run.previews[3, 5]
        settle(page, "#player-x0", prediction[..., 0])
        assert f"step {step} of 3" in page.locator("#player-where").inner_text()
    page.locator(".frame").nth(1).click()
    change = run.steps[(run.steps["sample"] == 5) & (run.steps["step"] == 1)]["x0_change"].iloc[0]
    assert f"{float(f'{change:.3g}'):g}" in page.locator("#player-charts").inner_text()
    assert page.locator("#player-attention-figure").is_visible()
    assert pixels(page, "#player-attention-canvas").shape == (4, 4, 4)
    assert "at most" in page.locator("#player-attention-most").inner_text()


def test_player_plays_scrubs_and_obeys_keys(page):
    page.click("#tab-player")
    page.evaluate("document.activeElement.blur()")
    step = lambda: int(page.locator("#player-step").input_value())  # noqa: E731
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert step() == 2
    page.keyboard.press("ArrowLeft")
    assert step() == 1
    page.locator("#player-step").evaluate("e => { e.value = 3; e.dispatchEvent(new Event('input')); }")
    assert "step 3 of 3, σ = 0" in page.locator("#player-where").inner_text()
    page.select_option("#player-speed", "2")
    page.evaluate("document.activeElement.blur()")
    page.clock.install()  # a busy machine would show some steps too late, or not at all
    page.keyboard.press("r")
    assert step() == 0
    assert page.locator("#player-play").inner_text() == "Pause"
    seen = []
    for _ in range(20):
        seen.append(step())
        page.clock.run_for(100)
    assert sorted(set(seen)) == [0, 1, 2, 3]
    assert seen == sorted(seen)
    assert 4 <= seen.count(1) <= 6  # of half a second
    assert page.locator("#player-play").inner_text() == "Play"
    page.keyboard.press("Space")
    page.clock.run_for(100)
    page.keyboard.press("Space")
    assert page.locator("#player-play").inner_text() == "Play"
    page.keyboard.press("]")
    assert page.locator("#player-sample").input_value() == "1"


def test_player_says_what_the_page_holds(page):
    page.click("#tab-player")
    assert "the first 30 of 40 samples" in page.locator("#player-limit").inner_text()


def test_similarity_reads_out_and_opens_the_pair(page, run):
    page.click("#tab-layers")
    assert pixels(page, "#similarity-canvas").shape == (6, 6, 4)
    page.locator("#similarity-canvas").scroll_into_view_if_needed()
    box = page.locator("#similarity-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 5.5 / 6, box["y"] + box["height"] * 1.5 / 6)
    import pandas as pd

    pairs = pd.read_parquet(run.folder / "similarity.parquet")
    value = pairs["cka"].to_numpy().reshape(6, 6)[1, 5]
    text = page.locator("#similarity-readout").inner_text()
    assert text == f"{run.mapped_layers[0]} at step 1 and {run.mapped_layers[1]} at step 2: {value:.3f}"
    page.focus("#similarity-canvas")
    page.keyboard.press("ArrowDown")
    assert "at step 2 and" in page.locator("#similarity-readout").inner_text()
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#view-atlas").is_visible()
    assert "step 2 of 3" in page.locator("#atlas-where").inner_text()
    assert page.locator("#panel-1").is_visible()
    assert page.locator("#plot-1-layer").input_value() == run.mapped_layers[1]
    assert page.locator("#plot-1-step").input_value() == "2"


def test_figures_and_animations_can_be_had(page, mini):
    page.click("#tab-figures")
    figures = mini[0] / "results" / "digits" / "figures"
    for card, name in enumerate(("samples", "steps", "maps", "quality", "similarity")):
        for link, kind in enumerate(("png", "pdf", "svg")):
            if kind != "png" and card:  # the browser stops a page at its tenth download
                continue
            with page.expect_download() as download:
                page.locator("#figures-list figure").nth(card).locator("a").nth(link).click()
            assert download.value.suggested_filename == f"digits-{name}.{kind}"
            assert Path(download.value.path()).read_bytes() == (figures / f"{name}.{kind}").read_bytes()
    assert page.locator("#media-list figure").count() == 3
    video = page.locator("#media-list video").nth(1)
    video.evaluate("v => v.play()")
    until(page, "document.querySelectorAll('#media-list video')[1].currentTime > 0.2")
    facts = video.evaluate("v => [v.currentTime, v.duration, v.videoWidth, v.error]")
    assert facts[0] > 0.2
    assert facts[1] == pytest.approx(4 / 5 + 1.0, abs=0.05)
    assert facts[2] > 100
    assert facts[3] is None


def test_light_and_dark(page):
    ground = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")  # noqa: E731
    light = ground()
    page.click("#theme")
    assert ground() != light
    assert page.locator("#theme").inner_text() == "Light"
    page.emulate_media(color_scheme="dark")
    page.click("#theme")
    assert ground() == light  # a reader's choice outweighs the system's


def test_a_view_can_be_linked_to(page, mini):
    page.goto(f"file://{mini[0]}/results/report.html#view=player&sample=9&step=2")
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector("#view-player:not([hidden])")
    assert page.locator("#player-sample").input_value() == "9"
    assert page.locator("#player-step").input_value() == "2"


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    for view in VIEWS:
        page.click(f"#tab-{view}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_controls_have_names(page):
    for view in VIEWS:
        page.click(f"#tab-{view}")
        nameless = page.evaluate(
            """view => [...document.querySelectorAll('button, input, select')]
                .filter(e => e.closest(`#view-${view}, header`))
                .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label')))
                .map(e => e.outerHTML)""",
            view,
        )
        assert nameless == []


def test_the_same_results_give_the_same_page(mini, tmp_path):
    from denoscope.report.page.build import build_page

    folder, config = mini
    for name in ("a.html", "b.html"):
        shown = Shown(open_run(folder / "results" / "digits").mapped_layers, ["000000"])
        build_page({"digits": shown}, folder / "results", config, Report(**config["report"]), tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_small_budget_links_animations_instead(mini, tmp_path):
    run = open_run(mini[0] / "results" / "digits")
    entries = run_data(run, Shown((), ["000000"]), Report(media_mb=0), Blocks())["media"]
    assert [entry["embedded"] for entry in entries] == [False] * 3
    assert all((mini[0] / "results" / entry["mp4"]).exists() for entry in entries)
    assert json.dumps(entries)


@pytest.mark.parametrize(
    ("count", "side", "grid"),
    [
        (16, (32, 32), (4, 4)),
        (24, (24, 36), (4, 6)),
        (24, (36, 24), (6, 4)),
        (15, (65, 37), (5, 3)),
        (36, (24, 36), None),
        (77, (64, 64), None),
        (2, (64, 64), None),
        (1, (64, 64), None),
    ],
)
def test_positions_have_the_shape_of_the_picture(count, side, grid):
    assert grid_of(count, *side) == grid


def test_attention_to_a_prompt_is_no_picture():
    """Sixteen tokens would fill four rows of four."""
    shapes = {"up.0.attn1": (1, 1, 16), "up.0.attn2": (1, 1, 16), "dec.4x4_in0": (1, 1, 4, 64)}
    run = SimpleNamespace(
        info={"kind": "picture", "settings": {"record": {"attention": {"keys": None, "words": None}}}},
        attention_layers=list(shapes),
        attention=lambda layer: np.zeros(shapes[layer]),
        previews=np.zeros((1, 1, 32, 32, 3)),
    )
    assert pictured_attention(run) == {"up.0.attn1": (4, 4), "dec.4x4_in0": (8, 8)}
    run.info["kind"] = "video"
    assert pictured_attention(run) == {}


def test_a_page_may_hold_no_players(run):
    found = run_data(run, Shown((), ["000000"]), Report(players=0), Blocks())
    assert found["players"] == 0
    assert [layer["grid"] for layer in found["attention"]] == [(4, 4)]
    assert found["state"]["offsets"] == [0]


def test_pictures_are_tiled_in_order():
    pictures = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3, 1)
    sheet = tiled(pictures, 2)
    assert sheet.shape == (6, 6, 1)
    np.testing.assert_array_equal(sheet[2:4, 3:6], pictures[3])
    assert not sheet[4:, 3:].any()
