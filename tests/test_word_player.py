"""The attention of words on the page, in a real browser: what it shows is what the trace holds."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from browsing import pixels, until
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_captioned import small
from test_recorded_words import order

from denoscope import open_run
from denoscope.checkpoints.manifest import write_manifest
from denoscope.report.page import wordmaps
from denoscope.report.page.build import build_page
from denoscope.report.page.data import Shown
from denoscope.report.page.figures import FIGURES, SUFFIXES
from denoscope.report.page.prompts import NO_WORD, pieces
from denoscope.report.page.wordmaps import quantised
from denoscope.sampling.shard import make_shard
from denoscope.scenes.scene import all_captions
from denoscope.settings.record import Record
from denoscope.settings.report import Report
from denoscope.trace.index import index_run
from denoscope.training.captioned.pipeline import new_pipeline

HOSTILE = "a red circle</script><script>window.broken=1</script><b>"
PROMPTS = [
    "a (blue) (square) (left of) a blue triangle",
    HOSTILE.replace("red", "(red)"),
    "a (blue) (square) (left of) a blue triangle",
    "a red circle",
]
OPACITY = 0.75


@given(hnp.arrays(np.float16, hnp.array_shapes(min_dims=3, max_dims=4, max_side=4), elements=st.floats(0, 1, width=16)))
def test_bytes_are_within_half_a_unit_of_the_values(row):
    coded = quantised(row)
    values = (row if row.ndim == 4 else row[:, None]).transpose(3, 1, 0, 2).astype(np.float32)
    first = 4 * values[..., 0].size
    second = first + 2 * values[0].size
    scales = coded[:first].view("<f4").reshape(*values.shape[:-1], 1)
    own = scales[-1] / 65535 * coded[first:second].view("<u2").reshape(values.shape[1:])
    words = scales[:-1] / 255 * coded[second:].reshape(-1, *values.shape[1:])
    assert (scales[..., 0] == values.max(axis=-1)).all()
    assert (np.abs(words - values[:-1]) <= scales[:-1] / 509).all()
    assert (np.abs(own - values[-1]) <= scales[-1] / 129000 + 1e-8).all()


def test_what_the_prompts_own_tokens_get_is_exact_where_it_is_little():
    """A thousandth of the map's largest value: a byte would make nothing of it, and others are divided by it."""
    maps = np.full((3, 6, 2), 0.5, np.float16)
    maps[:, 0] = 0.0004, 0.0005
    coded = quantised(maps)
    first = 4 * 2 * 3
    own = coded[first : first + 2 * 18].view("<u2").reshape(3, 6)[:, 0] / 65535 * 0.5
    assert own == pytest.approx(maps[:, 0, 1], rel=0.02)


def test_a_prompt_is_cut_at_its_words():
    assert pieces("A red, red circle", ["red", "red circle", "<padding>", ""]) == [
        ("A ", NO_WORD),
        ("red", 0),
        (", ", NO_WORD),
        ("red circle", 1),
    ]
    assert pieces("kissing", ["kiss"]) == [("kiss", 0), ("ing", NO_WORD)]
    assert pieces("swans", []) == [("swans", NO_WORD)]


def finished(folder, name, checkpoint, asked):
    """A run of one shard, with what the page takes from its folder."""
    shard = folder / name / "trace" / "000000"
    make_shard(asked, {"test": 1}, checkpoint, shard, threads=1)
    about = {
        "run": name,
        "settings": {"seed": 0, "record": asked.record.model_dump(mode="json")},
        "layers": {},
        "kind": "picture",
        "time_symbol": "t",
        "facts": {},
    }
    index_run([shard], about, checkpoint / "manifest.json", folder / name)
    fill(folder / name)
    return open_run(folder / name)


def fill(folder):
    """Put something where the page takes figures and animations from."""
    stems = [*(f"figures/{figure}.{suffix}" for figure in FIGURES for suffix in SUFFIXES), "media/grid.mp4"]
    for stem in [*stems, "media/grid.gif"]:
        path = folder / stem
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"any")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run with words, heads apart, and one without."""
    torch.manual_seed(0)
    network = json.loads(small()[0])["network"]
    checkpoint = tmp_path_factory.mktemp("words") / "checkpoint"
    new_pipeline(network, [str(caption) for caption in all_captions()]).save_pretrained(checkpoint)
    (checkpoint / "config.json").write_text(small()[0])
    write_manifest(checkpoint, {"source": "local", "name": "small"}, "CC0", {})
    asked = order(checkpoint, {"heads": "each"}, PROMPTS)
    plain = replace(asked, record=Record(), attention_layers=[], columns=0, grids={})
    folder = tmp_path_factory.mktemp("results")
    return {name: finished(folder, name, checkpoint, one) for name, one in (("words", asked), ("plain", plain))}


def built(runs, path):
    shown = dict.fromkeys(runs, Shown([], []))
    build_page(shown, runs["words"].folder.parent, {}, Report(), path)
    return path


@pytest.fixture(scope="module")
def report(runs):
    return built(runs, runs["words"].folder.parent / "report.html")


@pytest.fixture
def player(visit, report):
    """Opens the player as an address says."""

    def opened(fragment="", path=report):
        page = visit(path, f"#view=player&{fragment}")
        page.wait_for_selector("#words-bar", state="visible")
        page.wait_for_selector("#words-list li, #words-missing:not([hidden])", state="attached")
        return page

    return opened


def overlay(page, different=None):
    """The pixels over the prediction, once they are not ``different``."""
    for _ in range(200):
        found = pixels(page, "#words-on-x0")
        if different is None or found.shape != different.shape or (found != different).any():
            return found
        page.wait_for_timeout(50)
    raise AssertionError("the overlay does not change")


def read_cells(page, moves):
    """Walk over the maps' cells by keys: row, column and the words' shares of each cell."""
    page.focus("#words-on-x0")
    found = []
    for move in moves:
        page.keyboard.press(f"Shift+{move}")
        text = page.locator("#words-told").inner_text()
        row, column = map(int, re.match(r"row (\d+), column (\d+): ", text).groups())
        found.append((row, column, [float(value) / 100 for value in re.findall(r"([\d.e-]+) %", text)]))
    return found


def ends(page):
    """The ends of the colour bars, a word each."""
    lines = page.locator("#words-list .ends").all_inner_texts()
    return [[float(value) / 100 for value in re.findall(r"([\d.e-]+) %", line)] for line in lines]


LOOKS = {
    "step=1": {},
    "step=2&wordLayer=1&wordHead=1": {"layer": 0, "head": 1},
    "step=0&wordLayer=2": {"layer": 1},
    "step=1&wordOwn=1": {"renormalised": True},
    "step=2&wordLayer=1&wordOwn=1": {"layer": 0, "renormalised": True},
}


@pytest.mark.slow
@pytest.mark.parametrize(("fragment", "look"), LOOKS.items())
def test_values_are_those_of_the_trace(player, runs, fragment, look):
    words, step = runs["words"].words, int(fragment[5])
    layer = words.layers[look["layer"]] if "layer" in look else None
    maps = [words.maps(0, word, **{**look, "layer": layer}) for word in words.names(0)]
    page = player(f"sample=0&{fragment}")
    unit = max(float(found.max()) for found in maps)
    for row, column, values in read_cells(page, ["ArrowLeft", "ArrowUp", "ArrowUp", "ArrowRight"]):
        expected = [found[step, row, column] for found in maps]
        assert values == pytest.approx(expected, abs=unit / 100)
        assert max(values) > 0
    for low, high in ends(page):
        assert low == 0
        assert high == pytest.approx(unit, rel=0.02)


@pytest.mark.slow
def test_the_mean_of_all_steps_is_the_total(player, runs):
    words = runs["words"].words
    page = player("sample=2&wordSteps=1")
    assert "Mean of the 3 recorded steps" in page.locator("#words-when").inner_text()
    ((row, column, values),) = read_cells(page, ["ArrowDown"])
    totals = [words.total(2, word) for word in words.names(2)]
    assert values == pytest.approx([total[row, column] for total in totals], rel=0.02)
    page.select_option("#words-own", index=1)
    ((row, column, values),) = read_cells(page, ["ArrowDown"])
    totals = [words.total(2, word, renormalised=True) for word in words.names(2)]
    assert values == pytest.approx([total[row, column] for total in totals], rel=0.02)


@pytest.mark.slow
def test_picked_words_layers_and_ways_of_looking_change_the_picture(player, runs):
    words = runs["words"].words
    page = player("sample=0&step=1&wordCells=1")
    seen = overlay(page)
    for act in (
        lambda: page.locator("#words-prompt .word").nth(1).click(),
        lambda: page.locator("#words-prompt .word").nth(2).click(),
        lambda: page.select_option("#words-ramp", "viridis"),
        lambda: page.select_option("#words-layer", index=2),
        lambda: page.select_option("#words-head", index=2),
        lambda: page.select_option("#words-steps", index=1),
        lambda: page.select_option("#words-scale", index=2),
        lambda: page.select_option("#words-cells", index=0),
        lambda: page.fill("#words-opacity", "30"),
    ):
        act()
        seen = overlay(page, different=seen)
    page.get_by_role("button", name="show none of the words").click()
    assert not overlay(page, different=seen).any()
    pressed = page.locator("#words-prompt .word").evaluate_all("list => list.map(word => word.ariaPressed)")
    assert pressed == ["false"] * 4  # "blue" stands twice
    page.locator("#words-prompt .word").first.focus()
    page.keyboard.press("Space")
    assert page.locator("#words-list").inner_text().startswith("blue")
    assert page.evaluate("document.activeElement.textContent") == "blue"
    assert words.names(0)[0] == "blue"


@pytest.mark.slow
def test_a_cell_covers_the_picture_by_its_share_of_the_scale(player, runs):
    words = runs["words"].words
    maps = words.maps(0, "square")
    page = player("sample=0&step=1&wordCells=1&words=1")
    seen = overlay(page)
    height, width = words.grid()
    rows, columns = ((np.arange(n) + 0.5) / n for n in (height, width))
    middles = seen[np.ix_((rows * seen.shape[0]).astype(int), (columns * seen.shape[1]).astype(int))]
    assert np.allclose(middles[..., 3] / 255, OPACITY * maps[1] / maps.max(), atol=0.01)
    strongest = middles[np.unravel_index(maps[1].argmax(), maps[1].shape)]
    assert np.abs(strongest[:3].astype(int) - (0x56, 0xB4, 0xE9)).max() <= 2  # stored multiplied by their opacity


@pytest.mark.slow
def test_scales_steps_and_shares_are_told(player, runs):
    words = runs["words"].words
    page = player("sample=0&step=3&wordScale=1")
    assert "Nothing was recorded at step 3: these are the maps of step 2" in page.locator("#words-when").inner_text()
    spans = [(words.maps(0, word).min(), words.maps(0, word).max()) for word in words.names(0)]
    assert np.allclose(ends(page), spans, rtol=0.02, atol=1e-4)
    shares = np.mean([words.shares(layer)[2, 0] for layer in words.layers], axis=0)
    text = page.locator("#words-shares-told").inner_text()
    assert [float(part) / 100 for part in re.findall(r"([\d.]+) %", text)] == pytest.approx(list(shares), abs=0.006)
    strips = page.locator("#words-strips .strip")
    assert strips.count() == 1 + 3
    strips.nth(1).locator("canvas").nth(1).click()
    assert "step 0 of 3" in page.locator("#player-where").inner_text()
    assert page.locator("#words-strips canvas[data-current]").count() == 3


@pytest.mark.slow
def test_a_hostile_prompt_is_text(player):
    page = player("sample=1")
    assert page.evaluate("window.broken") is None
    assert (
        page.locator("#words-prompt").evaluate("p => p.firstChild.textContent + p.children[1].textContent") == "a red"
    )
    assert HOSTILE in page.locator("#words-prompt").inner_text()
    page.click("#tab-gallery")
    assert HOSTILE in page.locator("#gallery-list").inner_text()


@pytest.mark.slow
def test_a_run_without_words_shows_nothing_of_them(visit, report):
    page = visit(report, "#view=player&run=1")
    page.wait_for_selector("#player-film .frame")
    for part in ("words-bar", "words-legend", "words-strips", "words-on-state", "words-on-x0"):
        assert page.locator(f"#{part}").is_hidden()
    assert page.locator("#player-x0[data-grey]").count() == 0
    page.evaluate("location.hash = '#view=player&run=0'")
    page.wait_for_selector("#words-list li")
    assert page.locator("#player-x0[data-grey]").count() == 1


@pytest.mark.slow
def test_a_prompt_without_words_has_its_shares(visit, report):
    page = visit(report, "#view=player&sample=3")
    page.wait_for_selector("#words-shares-told span")
    assert page.locator("#words-prompt span").all_inner_texts() == ["a red circle"]
    assert page.locator("#words-prompt .word, #words-prompt .plain, #words-list li").count() == 0
    assert not overlay(page).any()
    assert page.locator("#player-x0[data-grey]").count() == 0


@pytest.mark.slow
def test_layers_that_the_page_does_not_hold_are_said_to_be_missing(player, runs, tmp_path, monkeypatch):
    monkeypatch.setattr(wordmaps, "LAYER_BYTES", 1)
    page = player("sample=0&wordLayer=1", built(runs, tmp_path / "small.html"))
    assert "holds these maps of no sample" in page.locator("#words-missing").inner_text()
    for place, name in (("words-on-state", "state"), ("words-on-x0", "prediction")):
        assert page.locator(f"#{place}").get_attribute("aria-label") == f"no maps over the {name}"
        assert page.locator(f"#{place}").get_attribute("tabindex") is None
    page.select_option("#words-layer", index=0)
    page.wait_for_selector("#words-list li")
    assert page.locator("#words-missing").is_hidden()
    labels = [page.locator(f"#{place}").get_attribute("aria-label") for place in ("words-on-state", "words-on-x0")]
    assert [label.partition(";")[0] for label in labels] == [
        f"attention of blue, square, left of over the {name}" for name in ("state", "prediction")
    ]
    page.focus("#words-on-x0")
    assert page.evaluate("document.activeElement.id") == "words-on-x0"


@pytest.mark.slow
def test_what_cannot_be_loaded_leaves_nothing_of_before(browser, runs, tmp_path):
    path = tmp_path / "report.html"
    build_page(dict.fromkeys(runs, Shown([], [])), runs["words"].folder.parent, {}, Report(inline="never"), path)
    page = browser.new_page()
    page.goto(f"file://{path}#view=player&sample=0&step=1")
    page.wait_for_selector("#words-list li")
    until(page, "document.querySelector('#player-state').width > 1")
    shutil.rmtree(path.with_suffix(".data"))
    page.select_option("#words-layer", index=1)
    page.wait_for_selector("#failure:not([hidden])")
    until(page, "!document.querySelector('#words-list li')")
    assert page.locator("#words-strips").is_hidden()
    assert page.locator("#words-shares-told").inner_text() == ""
    assert page.evaluate("document.querySelector('#words-on-x0').width") == 1
    page.evaluate("location.hash = '#view=player&run=1'")
    until(page, "document.querySelector('#player-state').width === 1")
    assert page.locator("#player-film .frame").count() == 4
    assert not pixels(page, "#player-state").any()
    assert not pixels(page, "#player-x0").any()
    page.close()


@pytest.mark.slow
def test_a_cell_that_is_read_is_one_of_the_layer_that_is_shown(player, runs):
    page = player("sample=0&step=1")
    words = runs["words"].words
    sides = [words.grid(), *map(words.grid, words.layers)]
    coarse = int(np.argmin([np.prod(side) for side in sides]))
    assert sides[coarse] < sides[0]
    read_cells(page, ["ArrowDown"] * sides[0][0] + ["ArrowRight"] * sides[0][1])
    page.evaluate(f"location.hash = '#view=player&sample=0&step=1&wordLayer={coarse}'")
    until(page, "document.querySelector('#words-told').textContent.startsWith('Point')")
    assert "NaN" not in page.locator("#words-legend").inner_text()


@pytest.mark.slow
def test_a_number_without_a_sample_is_replaced_by_that_of_the_one_shown(visit, report):
    page = visit(report, f"#view=player&sample={len(PROMPTS) - 1}")
    page.fill("#player-sample", "99")
    page.press("#player-sample", "Enter")
    assert page.locator("#player-sample").input_value() == str(len(PROMPTS) - 1)


@pytest.mark.slow
def test_the_gallery_has_a_row_for_each_prompt(visit, report, runs):
    page = visit(report, "#view=gallery")
    rows = page.locator("#gallery-list .contact")
    assert rows.locator("h3").all_inner_texts() == [re.sub(r"[()]", "", PROMPTS[0]), HOSTILE, PROMPTS[3]]
    assert [rows.nth(at).locator(".tile").count() for at in (0, 1, 2)] == [2, 1, 1]
    seeds = runs["words"].samples["seed"]
    until(page, "document.querySelector('.contact .tile span').textContent.startsWith('seed')")
    assert rows.first.locator(".tile span").all_inner_texts() == [f"seed {seeds[0]}", f"seed {seeds[2]}"]
