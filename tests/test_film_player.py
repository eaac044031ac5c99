"""Films in the page's player, in a real browser: steps and frames both play, and maps follow the frames."""

import re

import numpy as np
import pytest
from browsing import pixels, settle, until
from test_word_player import fill
from worded import FRAMES, LATENT, SIZE, STEPS, write_run

from denoscope import open_run
from denoscope.report.page import pictures
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.build import build_page
from denoscope.report.page.data import Shown, run_data
from denoscope.report.page.pictures import kept, shrunk, strips
from denoscope.runtime.files import read_json, write_json
from denoscope.settings.record import Record
from denoscope.settings.report import Report
from denoscope.trace.reader import Shard
from denoscope.trace.schema import STATE_PREVIEWS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "films"
    write_run(folder, film=True)
    about = read_json(folder / "run.json")
    about["run"], about["settings"] = "films", {"seed": 0, "record": Record().model_dump(mode="json")}
    write_json(folder / "run.json", about)
    fill(folder)
    return open_run(folder)


@pytest.fixture
def player(visit, run, tmp_path):
    """Opens the player of the run of films as an address says."""

    def opened(fragment=""):
        path = tmp_path / "report.html"
        build_page({"films": Shown([], [])}, run.folder.parent, {}, Report(), path)
        page = visit(path, f"#view=player&{fragment}")
        page.wait_for_selector("#words-list li", state="attached")
        return page

    return opened


def shown_frame(page):
    return int(re.match(r"frame (\d+) / ", page.locator("#player-frame-where").inner_text()).group(1))


@pytest.mark.parametrize(("step", "frame"), [(0, 0), (2, 4), (STEPS - 1, FRAMES - 1)])
def test_every_frame_of_every_step_is_there(player, run, step, frame):
    page = player(f"sample=1&step={step}&frame={frame}")
    assert page.locator("#player-frame-where").inner_text() == f"frame {frame} / {FRAMES - 1}"
    settle(page, "#player-state", run.previews[step, 1][frame, :, :, 0])
    settle(page, f"#player-film .frame:nth-child({step + 1}) canvas", run.previews[step, 1][frame, :, :, 0])
    if step < STEPS - 1:
        settle(page, "#player-x0", run.predictions[step, 1][frame, :, :, 0])


def test_moving_along_the_film_moves_pictures_and_maps(player, run):
    page = player("sample=0&step=1&wordCells=1&words=0")
    maps, seen = run.words.maps(0, "kiss")[1], []
    height, width = maps.shape[1:]
    for frame in range(FRAMES):
        page.fill("#player-frame", str(frame))
        settle(page, "#player-state", run.previews[1, 0][frame, :, :, 0])
        over = pixels(page, "#words-on-state")[..., 3]
        rows, columns = (
            ((np.arange(n) + 0.5) / n * size).astype(int) for n, size in zip((height, width), over.shape, strict=True)
        )
        place = int(frame / (FRAMES - 1) * (LATENT - 1) + 0.5)
        wanted = 0.75 * maps[place] / run.words.maps(0, "kiss").max()
        seen.append(np.abs(over[np.ix_(rows, columns)] / 255 - wanted).max())
    assert max(seen) < 0.02


def test_the_film_plays_again_and_again_beside_the_steps(player):
    page = player("sample=0&step=2")
    page.keyboard.press("v")
    assert page.locator("#player-frame-play").inner_text() == "Pause film"
    frames = set()
    for _ in range(600):  # a busy machine shows some of them in a later round
        frames.add(shown_frame(page))
        if len(frames) == FRAMES:
            break
        page.wait_for_timeout(40)
    assert frames == set(range(FRAMES))
    assert "step 2 of 3" in page.locator("#player-where").inner_text()
    page.click("#tab-gallery")
    page.click("#tab-player")
    assert page.locator("#player-frame-play").inner_text() == "Play film"
    still = shown_frame(page)
    page.wait_for_timeout(400)
    assert shown_frame(page) == still


def test_a_map_can_be_clicked_while_the_film_plays(player):
    page = player("sample=0&step=2&words=0")
    page.evaluate("window.cell = document.querySelector('#words-strips canvas[data-step]')")
    seen = page.evaluate("cell.toDataURL()")
    page.keyboard.press("v")
    until(page, "document.querySelector('#player-frame').value >= 5")
    page.keyboard.press("v")
    assert page.evaluate("cell.isConnected")
    assert page.evaluate("cell.toDataURL()") != seen
    page.evaluate("cell.click()")
    assert "step 0 of 3" in page.locator("#player-where").inner_text()


def test_of_long_films_the_page_holds_frames_evenly(player, run, monkeypatch):
    monkeypatch.setattr(pictures, "FILM_PIXELS", 3 * STEPS * SIZE[0] * SIZE[1])
    assert kept(run.previews.shape).frames == [0, 4, 8]
    page = player("sample=1&step=0&frame=1")
    assert page.locator("#player-frame-where").inner_text() == f"frame 4 / {FRAMES - 1}"
    settle(page, "#player-state", run.previews[0, 1][4, :, :, 0])
    settle(page, "#player-x0", run.predictions[0, 1][4, :, :, 0])  # of fewer steps more frames would fit
    monkeypatch.setattr(pictures, "FILM_PIXELS", 1)
    assert kept(run.previews.shape).frames == [4]


def test_large_films_are_made_smaller_before_they_lose_frames(player, run, monkeypatch):
    wan = kept((51, 2, 81, 240, 416, 3))
    assert len(wan.frames) >= pictures.FEW_FRAMES
    assert wan.shrink == 4
    assert kept((1001, 2, 81, 240, 416, 3)).shrink <= 240 // pictures.SHARP_SIDE
    monkeypatch.setattr(pictures, "SHARP_SIDE", 8)
    monkeypatch.setattr(pictures, "FILM_PIXELS", FRAMES * STEPS * 8 * 12)
    page = player("sample=1&step=0&frame=1")
    assert page.locator("#player-frame-where").inner_text() == f"frame 1 / {FRAMES - 1}"
    settle(page, "#player-state", shrunk(run.previews[0, 1][1:2], 3)[0, :, :, 0])
    settle(page, "#player-x0", shrunk(run.predictions[0, 1][1:2], 3)[0, :, :, 0])


def test_edges_of_pictures_that_are_made_smaller_are_repeated():
    made = shrunk(np.array([0, 10, 20, 40, 50], np.uint8).reshape(1, 1, 5, 1), 2)
    assert made.ravel().tolist() == [5, 30, 50]


def test_frames_that_the_page_leaves_out_are_not_read(run, monkeypatch):
    monkeypatch.setattr(pictures, "FILM_PIXELS", 3 * STEPS * SIZE[0] * SIZE[1])
    read, sizes = Shard.read, []

    def watched(shard, *arguments):
        found = read(shard, *arguments)
        sizes.append(found.size)
        return found

    monkeypatch.setattr(Shard, "read", watched)
    strips(run, STATE_PREVIEWS, kept(run.previews.shape), 2, Blocks())
    assert sum(sizes) == 2 * 3 * STEPS * np.prod(SIZE) * 3


def test_a_page_may_hold_no_players(run, visit, tmp_path):
    assert run_data(run, Shown([], []), Report(players=0), Blocks())["words"]["of"] == []
    build_page({"films": Shown([], [])}, run.folder.parent, {}, Report(players=0), tmp_path / "report.html")
    page = visit(tmp_path / "report.html", "#view=gallery")
    page.wait_for_selector(".tile")
    page.click("#tab-player")
    assert page.locator("#player-none").is_visible()
