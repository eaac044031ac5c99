"""A run of videos, by the real workflow from a local checkpoint to the report."""

import copy
import json

import numpy as np
import pytest
import torch
from browsing import settle
from PIL import Image
from test_captioned import small
from test_render import gif_frames, mp4_frames

import workflow
from denoscope import open_run
from denoscope.scenes.motion import all_motions

pytestmark = pytest.mark.slow
FRAMES, SIDE, STEPS, COUNT = 9, 32, 3, 12
PROMPTS = ["a small (red circle) moving (up) slowly", "a large (blue square) moving down and (left) quickly"]
RUN = {
    "model": {"family": "wan", "checkpoint": {"source": "local", "name": "tiny", "path": "tiny"}},
    "sampler": {"name": "unipc", "steps": STEPS, "guidance": 3.0},
    "prompts": PROMPTS,
    "height": SIDE,
    "width": SIDE,
    "frames": FRAMES,
    "previews": "decoded",
    "samples": {"count": COUNT, "shard": 6, "batch": 3},
    "record": {"layers": ["blocks.*"], "attention": {"layers": ["*attn2"], "words": "marked"}},
    "maps": {"n_neighbors": 4, "neighbors": 3, "min_cluster_size": 3, "epochs": 20, "components": 4},
    "render": {"samples": 1, "size": 64, "columns": 3, "film_fps": 12, "frames": True, "attention": {"fps": 8}},
}
NAMES = ["a small red circle moving up slowly", "a large blue square moving down and left quickly"]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """A finished run, in a clone of the repository."""
    from denoscope.training.captioned.wan_pipeline import new_wan_pipeline

    torch.manual_seed(0)
    folder, config = workflow.clone(tmp_path_factory.mktemp("video") / "clone"), small("motion-wan")[0]
    new_wan_pipeline(json.loads(config)["network"], [str(one) for one in all_motions()]).save_pretrained(
        folder / "tiny"
    )
    (folder / "tiny" / "config.json").write_text(config)
    workflow.write_config(folder, {"runs": {"films": RUN}})
    workflow.run(folder)
    return folder


@pytest.fixture(scope="module")
def run(filmed):
    return open_run(filmed / "results" / "films")


def mp4(path):
    """Frames and seconds of an MP4."""
    frames, (*_, seconds) = mp4_frames(path)
    return frames, seconds


def test_a_run_of_videos_is_recorded(run, filmed):
    assert run.info["kind"] == "video"
    assert run.previews.shape == (STEPS + 1, COUNT, FRAMES, SIDE, SIDE, 3)
    assert run.predictions.shape == (STEPS, COUNT, FRAMES, SIDE, SIDE, 3)
    assert run.states.shape[:2] == (STEPS + 1, COUNT)
    assert run.samples["prompt"].tolist() == NAMES * (COUNT // 2)
    assert run.words.names(1) == ("blue square", "left")
    assert run.mapped_layers == ("blocks.0", "blocks.1")
    assert run.words.maps(1, "left").shape == (STEPS, *run.words.grid(None))
    assert np.isfinite(run.map("blocks.1")[["x", "y"]]).all(axis=None)
    assert len(list((filmed / "results" / "prompts" / "tiny").iterdir())) == 3, "two prompts and the empty one"


def test_pictures_are_the_middle_frames(run):
    pictures = run.pictures()
    assert pictures.shape == (STEPS + 1, COUNT, SIDE, SIDE, 3)
    np.testing.assert_array_equal(pictures[:, 4:9], run.previews[:, 4:9][:, :, FRAMES // 2])
    np.testing.assert_array_equal(np.concatenate(list(pictures.blocks(2))), pictures[2])
    np.testing.assert_array_equal(
        run.pictures(place=1.0)[-1, 7],
        run.previews[
            -1,
            7,
        ][-1],
    )


def test_films_play(run, filmed):
    media = filmed / "results" / "films" / "media" / "000000"
    shown, seconds = mp4(media / "film-000000.mp4")
    looped, _ = gif_frames(media / "film-000000.gif")
    assert len(shown) == len(looped) == FRAMES
    assert seconds == pytest.approx(FRAMES / 12, abs=1e-3)
    assert sum(duration for _, duration in looped) == 750
    film = run.previews[-1, 0].repeat(2, axis=1).repeat(2, axis=2)
    for ours, frame in zip(shown, film, strict=True):
        assert ours.shape == (64, 64, 3)
        assert np.abs(ours.astype(int) - frame).mean() < 12
    assert len(list((media / "film-000000").glob("frame-*.png"))) == FRAMES


def test_trajectories_show_frames_of_state_and_prediction(run, filmed):
    media = filmed / "results" / "films" / "media" / "000000"
    shown, seconds = mp4(media / "sample-000000.mp4")
    assert len(shown) == STEPS + 1 + 5, "the last step stays for a second"
    assert seconds == pytest.approx((STEPS + 1) / 5 + 1, abs=1e-3)
    drawn = np.asarray(Image.open(media / "sample-000000" / "step-0001.png"))
    top, left, pitch = 12 + 2 * 22, 12, SIDE + 4
    for index, frame in enumerate((0, 3, 5, 8)):
        column = slice(left + index * pitch, left + index * pitch + SIDE)
        np.testing.assert_array_equal(drawn[top : top + SIDE, column], run.previews[1, 0][frame])
        below = top + SIDE + 22 + 6
        np.testing.assert_array_equal(drawn[below : below + SIDE, column], run.predictions[1, 0][frame])


def test_the_grid_plays_films_side_by_side(filmed):
    media = filmed / "results" / "films" / "media"
    shown, seconds = mp4(media / "grid.mp4")
    looped, _ = gif_frames(media / "grid.gif")
    assert len(shown) == len(looped) == FRAMES
    assert seconds == pytest.approx(FRAMES / 12, abs=1e-3)
    assert any((one != other).any() for one, other in zip(shown, shown[1:], strict=False))


def test_every_word_has_a_film_beside_its_shard(filmed):
    folder = filmed / "results" / "films" / "attention"
    told = json.loads((folder / "000000.json").read_text())["files"]
    assert [(one["sample"], one["word"]) for one in told] == [(0, "red circle"), (0, "up")]
    assert {path.name for path in (folder / "000000").iterdir()} == {one["file"] for one in told}
    frames, seconds = mp4(folder / "000000" / told[0]["file"])
    assert len(frames) == 3 * (STEPS - 1) + 1
    assert seconds == pytest.approx(len(frames) / 8, abs=0.01)


def test_figures_are_there(filmed):
    figures = filmed / "results" / "films" / "figures"
    for name in ("samples", "steps", "maps", "quality", "similarity"):
        for suffix in ("pdf", "svg", "png"):
            assert (figures / f"{name}.{suffix}").stat().st_size > 1000
    assert "a small red circle moving up slowly" in (figures / "samples.svg").read_text()


def test_the_page_shows_the_films(filmed, run, visit):
    page = visit(filmed / "results" / "report.html")
    page.click("#tab-gallery")
    settle(page, ".contact:nth-of-type(2) .tile:nth-child(4) canvas", run.pictures()[-1, 7][..., 0])
    page.click("#tab-figures")
    page.wait_for_selector("#view-figures video")
    assert page.locator("#view-figures video").count() == 3
    for video in page.locator("#view-figures video").all():
        video.evaluate("video => new Promise(done => video.readyState ? done() : video.onloadeddata = done)")
        assert video.evaluate("video => video.duration") > 0.5
    titles = page.locator("#view-figures").inner_text()
    assert "film 0" in titles
    assert "sample 0" in titles


def test_a_changed_pace_draws_again_and_samples_nothing(filmed):
    config = copy.deepcopy(RUN)
    config["render"]["film_fps"] = 24
    workflow.write_config(filmed, {"runs": {"films": config}})
    assert workflow.planned(filmed) == {"render_shard": 1, "render_grid": 1, "build_report": 1}
    workflow.write_config(filmed, {"runs": {"films": RUN}})
