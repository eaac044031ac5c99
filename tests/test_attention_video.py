"""Films of attention: the numbers behind the colours, the files, the command."""

import re
import subprocess
import sys

import numpy as np
import pytest
from browsing import played
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib import colormaps
from PIL import Image
from test_render import gif_frames, mp4_frames
from worded import FRAMES, LATENT, SIZE, STEPS, write_run

from denoscope import AttentionAnalyzer, AttentionVisualizer
from denoscope.attention.maps import AttentionError
from denoscope.cli import main
from denoscope.render.attention.colours import colour_table, shares_of_two
from denoscope.render.attention.comparison import draw_comparison
from denoscope.render.attention.film import AttentionFilm, fitted_picture
from denoscope.render.attention.look import Labels, Look
from denoscope.render.attention.maps import Scale, at, between, enlarged_map
from denoscope.render.attention.ticks import ticks
from denoscope.render.encode import write_avi
from denoscope.render.text import PAPER
from denoscope.trace.reader import Shard

LABELS = Labels("kiss", "sample 3   mean over layers", "share of attention")
shares = st.floats(0, 1, width=16)
maps_2d = hnp.arrays(np.float16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=shares)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders and tensors of a run of pictures and one of films."""
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in ("picture", "film")}
    return {kind: (folder, write_run(folder, film=kind == "film")) for kind, folder in folders.items()}


@pytest.fixture(scope="module")
def analyzers(runs):
    return {kind: AttentionAnalyzer(folder) for kind, (folder, _) in runs.items()}


def inside(film, frame):
    return frame[film.layout.picture.rows, film.layout.picture.columns]


def on_grid(tensor, column, grid, renormalised=False):
    found = tensor[..., column].astype(np.float32)
    found = found / tensor[..., -1].astype(np.float32) if renormalised else found
    return found.reshape(*found.shape[:-1], *grid)


@given(maps_2d, st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_maps_are_enlarged_as_torch_does(values, height, width):
    import torch

    other = torch.nn.functional.interpolate(
        torch.tensor(values.astype(np.float64))[None, None], (height, width), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(enlarged_map(values, height, width), other[0, 0].numpy(), atol=1e-6)


@given(shares, st.integers(1, 5), st.integers(0, 5))
@settings(deadline=None)
def test_constant_maps_have_one_colour(value, count, more):
    values, _ = between(np.full((count, 3, 4), value, np.float16), more)
    scale = Scale.of(values)
    colours = scale.colours(enlarged_map(values[-1], 37, 29))
    assert len(np.unique(colours)) == 1
    assert scale.low < scale.high


@given(st.integers(0, 8), st.integers(2, 6))
@settings(deadline=None)
def test_maps_between_steps_are_linear_in_their_values(more, count):
    slope, start = np.random.default_rng(0).random((2, 3, 5))
    values, places = between(np.stack([start + slope * step for step in range(count)]), more)
    assert len(values) == len(places) == count + (count - 1) * more
    np.testing.assert_allclose(values, [start + slope * place for place in places], rtol=1e-6)
    np.testing.assert_array_equal(places[:: more + 1], range(count))


@given(hnp.arrays(np.float16, 30, elements=shares))
@settings(deadline=None)
def test_colours_are_matplotlibs(values):
    values = values.astype(np.float32)
    scale = Scale.of(values)
    ours = colour_table("viridis")[scale.colours(values)]
    theirs = colormaps["viridis"](np.array([scale.share(value) for value in values]), bytes=True)[:, :3]
    # A value on the edge of two colours may get either.
    assert np.abs(ours.astype(int) - theirs).max() <= 4


@given(st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_colours_and_picture_share_every_pixel(alpha):
    picture, table = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8), colour_table("turbo")
    above, below = shares_of_two(table, picture, alpha)
    mixed = above.reshape(16, 16, 3).astype(int) + below
    assert mixed.max() <= 255
    exact = picture * (1 - alpha) + table.reshape(16, 16, 3) * alpha
    assert np.abs(mixed - exact).max() <= 1.5 + 1e-4


def test_alpha_0_is_the_picture_and_1_the_colours():
    picture = np.random.default_rng(0).integers(0, 256, (1, 20, 30, 3), np.uint8)
    maps = np.random.default_rng(1).random((2, 4, 6))
    make = lambda alpha, **over: AttentionFilm(maps, ["a", "b"], LABELS, Look(alpha=alpha), **over)  # noqa: E731
    film = make(0, pictures=picture, shown=[0, 0])
    box = film.layout.picture
    np.testing.assert_array_equal(inside(film, film[1]), fitted_picture(picture[0], box.height, box.width))
    np.testing.assert_array_equal(inside(film, film[1])[::17, ::17][:20, :30], picture[0])
    covered, alone = make(1, pictures=picture, shown=[0, 0]), make(0.3)
    expected = colour_table("hot")[Scale.of(maps).colours(enlarged_map(maps[1], box.height, box.width))]
    np.testing.assert_array_equal(inside(covered, covered[1]), expected)
    factor = alone.layout.picture.height // 4
    small = enlarged_map(maps[1], 4 * factor, 6 * factor)
    np.testing.assert_array_equal(inside(alone, alone[1]), colour_table("hot")[Scale.of(maps).colours(small)])


def test_one_scale_for_the_film_or_one_a_frame():
    maps = np.stack([np.linspace(0, 0.1, 16).reshape(4, 4), np.linspace(0, 0.4, 16).reshape(4, 4)])
    film, apart = (AttentionFilm(maps, ["a", "b"], LABELS, Look(scale=scale)) for scale in ("film", "frame"))
    hottest = lambda shown, index: inside(shown, shown[index]).sum(axis=2).max()  # noqa: E731
    assert hottest(film, 0) < hottest(film, 1)
    assert hottest(apart, 0) == hottest(apart, 1)
    bar = slice(apart.layout.bar.left + apart.layout.bar.width, None)
    assert (apart[0][:, bar] != apart[1][:, bar]).any()
    assert (film[0][:, bar] == film[1][:, bar]).all()


@pytest.mark.parametrize("size", [None, (640, 480), (300, 200), (1281, 721), (400, 900)])
@pytest.mark.parametrize("shown", [{}, {"colorbar": False}, {"timestamp": False}])
def test_nothing_is_cut_off_or_overlaps(size, shown):
    """Ink never reaches the edge of a frame, and the numbers of the scale keep off the picture's lines."""
    maps = np.random.default_rng(0).random((2, 6, 9)) * 1e-3
    film = AttentionFilm(maps, ["step 0 / 49   σ = 80"] * 2, LABELS, Look(size=size, **shown))
    frame = film[1]
    assert frame.shape == (film.layout.height, film.layout.width, 3)
    if size:
        assert frame.shape[:2] == (size[1] + size[1] % 2, size[0] + size[0] % 2)
    assert all(side % 2 == 0 for side in frame.shape[:2])
    ink = (frame != PAPER).any(axis=2)
    assert not ink[[0, 1, -1, -2]].any()
    assert not ink[:, [0, 1, -1, -2]].any()
    assert ink[film.layout.picture.rows, film.layout.picture.columns].mean() > 0.99
    ratio = film.layout.picture.width / film.layout.picture.height
    assert ratio == pytest.approx(9 / 6, rel=0.02)
    below = ink[film.layout.picture.top + film.layout.picture.height + film.layout.gap :].any()
    assert below == shown.get("timestamp", True)
    beside = ink[film.layout.picture.rows, film.layout.bar.left :].any()
    assert beside == shown.get("colorbar", True)


def test_frames_too_small_say_how_large_they_must_be():
    maps = np.ones((1, 4, 4))
    with pytest.raises(ValueError, match="100×80 pixels leaves no room") as refused:
        AttentionFilm(maps, [""], LABELS, Look(size=(100, 80)))
    need = str(refused.value).split("at least ")[1].split(",")[0]
    width, height = map(int, need.split("×"))
    assert AttentionFilm(maps, [""], LABELS, Look(size=(width, height))).layout.picture.height >= 64
    with pytest.raises(ValueError, match="leaves no room"):
        AttentionFilm(maps, [""], LABELS, Look(size=(width, height - 4)))


@given(st.floats(0, 1), st.floats(1e-9, 1))
@settings(deadline=None)
def test_ticks_are_few_round_and_on_the_scale(low, width):
    scale = Scale(low, low + width)
    found = ticks(scale)
    assert 2 <= len(found) <= 6
    for value, text in found:
        assert -1e-6 <= scale.share(value) <= 1 + 1e-6
        assert text.endswith(" %")
    if width > 1e-4:
        assert len({text for _, text in found}) == len(found)


def test_looks_that_make_no_sense_are_refused():
    for look, message in (
        ({"colormap": "hott"}, "for example hot"),
        ({"alpha": 1.5}, "alpha is 1.5"),
        ({"scale": "run"}, "give film or frame"),
    ):
        with pytest.raises(ValueError, match=message):
            Look(**look)


def test_avi_is_motion_jpeg(tmp_path):
    frames = [np.full((51, 65, 3), level, dtype=np.uint8) for level in range(0, 240, 20)]
    write_avi(tmp_path / "x.avi", frames, fps=5, hold=1.0)
    shown, (codec, _, _, rate, seconds) = mp4_frames(tmp_path / "x.avi")
    assert (codec, rate, len(shown), shown[0].shape) == ("mjpeg", 5, 17, (52, 66, 3))
    assert seconds == pytest.approx(17 / 5)
    for picture, frame in zip(shown, frames, strict=False):
        assert np.abs(picture[:51, :65].astype(int) - frame).max() <= 3
    first = (tmp_path / "x.avi").read_bytes()
    write_avi(tmp_path / "x.avi", frames, fps=5, hold=1.0)
    assert (tmp_path / "x.avi").read_bytes() == first


@pytest.mark.parametrize("kind", ["picture", "film"])
def test_the_analyzer_reads_what_was_recorded(runs, analyzers, kind):
    _, tensors = runs[kind]
    analyzer, grid = analyzers[kind], (LATENT, 4, 6) if kind == "film" else (4, 6)
    assert analyzer.samples == (0, 1)
    assert analyzer.videos() == ((0, 1) if kind == "film" else ())
    assert analyzer.steps == (0, 1, 2)
    assert analyzer.tokens(0).words == ("kiss", "two swans")
    assert analyzer.tokens(1).words == ("kiss",)
    assert analyzer.tokens(0).tokens == ("two", "swans", "kiss")
    found = analyzer.load_step(0, "two swans", 1)
    expected = on_grid(tensors["attention_mean"][:, 0], 1, grid)
    np.testing.assert_allclose(found.values, expected[1], rtol=1e-6)
    assert found.info.grid == grid
    assert found.info.picture == ((FRAMES, *SIZE) if kind == "film" else SIZE)
    assert (found.info.steps, found.info.times, found.info.unit) == ((1,), (0.75,), "share of attention")
    every = analyzer.load_all_steps(0, "two swans")
    np.testing.assert_allclose(np.stack([one.values for one in every]), expected, rtol=1e-6)
    assert [one.info.steps for one in every] == [(0,), (1,), (2,)]
    share = on_grid(tensors["attention_total@unconditional"][0, 0], 0, grid, renormalised=True)
    total = analyzer.aggregate(0, "kiss", renormalised=True, branch="unconditional")
    np.testing.assert_allclose(total.values, share, rtol=1e-6)
    assert total.info.unit == "share of the prompt's attention"
    small = (LATENT, 2, 3) if kind == "film" else (2, 3)
    head = on_grid(tensors["attention/mid.attn2"][:, 1, 1], 0, small)
    np.testing.assert_allclose(
        analyzer.aggregate(1, "kiss", layer="mid.attn2", head=1).values, head.mean(axis=0), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"word": "swan"}, "no map of 'swan'; it has kiss, two swans"),
        ({"sample": 7}, "no sample 7; there are 0 to 2"),
        ({"sample": 2}, "sample 2 has no map of 'kiss'; it has none"),
        ({"step": 3}, "step 3 was not recorded; recorded steps: 0 to 2"),
        ({"layer": "down.attn2"}, "there are down.0.attn2, mid.attn2"),
        ({"head": 0}, r"head 0 belongs to a layer: choose one, too; layers with maps: down\.0\.attn2, mid\.attn2"),
        ({"head": 0, "layer": "down.0.attn2"}, "set heads: each"),
        ({"layer": "mid.attn2", "head": 2}, "no head 2: it has 2"),
        ({"branch": "both"}, "name it in record.branches"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(analyzers, asked, message):
    with pytest.raises(AttentionError, match=message):
        analyzers["picture"].load_step(**{"sample": 0, "word": "kiss", "step": 1} | asked)


def test_a_mean_that_was_not_kept_asks_for_a_layer(tmp_path):
    write_run(tmp_path, keep=("layers",))
    analyzer = AttentionAnalyzer(tmp_path)
    with pytest.raises(AttentionError, match=r"choose a layer of down\.0\.attn2, mid\.attn2"):
        analyzer.aggregate(0, "kiss")
    assert analyzer.aggregate(0, "kiss", layer="mid.attn2").values.shape == (2, 3)


def test_films_have_the_frames_and_the_time_they_should(analyzers, tmp_path):
    shown = AttentionVisualizer(analyzers["picture"], fps=6, interpolation_steps=3, size=(320, 240))
    path = shown.overlay(0, "kiss", tmp_path / "x.mp4")
    frames, (codec, pixels, _, rate, seconds) = mp4_frames(path)
    assert (codec, pixels, rate) == ("h264", "yuv420p", 6)
    assert len(frames) == 3 + 2 * 3
    assert seconds == pytest.approx(9 / 6)
    assert frames[0].shape == (240, 320, 3)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert shown.video(0, "kiss", tmp_path / "y", kind="gif") == tmp_path / "y.gif"
    gif, loop = gif_frames(tmp_path / "y.gif")
    assert (len(gif), loop, sum(duration for _, duration in gif)) == (9, 0, 1500)
    with Image.open(shown.overlay(0, "kiss", tmp_path / "z.webp", background="predicted")) as image:
        assert image.n_frames == 9
    assert len(mp4_frames(shown.video(0, "kiss", tmp_path / "z.avi"))[0]) == 9
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.mp4", "y.gif", "z.avi", "z.webp"]


def test_predictions_lie_under_their_own_steps(runs, analyzers, tmp_path):
    _, tensors = runs["picture"]
    shown = AttentionVisualizer(analyzers["picture"], alpha=0, interpolation_steps=1, colorbar=False, timestamp=False)
    with Image.open(shown.overlay(1, "kiss", tmp_path / "x.webp", background="predicted")) as image:
        for index, step in enumerate((0, 0, 1, 1, 2)):
            image.seek(min(index, image.n_frames - 1))
            if image.n_frames == 5:
                found = np.asarray(image.convert("RGB"))
                assert_shows(found, tensors["previews/x0"][step, 1])
    with Image.open(shown.aggregate(1, "kiss", tmp_path / "x.png")) as image:
        assert_shows(np.asarray(image), tensors["previews/state"][STEPS - 1, 1])


def assert_shows(frame, picture):
    """Whether a frame shows a picture, every pixel as a square of 14 (504 of 36)."""
    large = picture.repeat(14, axis=0).repeat(14, axis=1)
    places = np.argwhere((frame[: -large.shape[0] + 1, : -large.shape[1] + 1] == large[0, 0]).all(axis=2))
    assert any(np.array_equal(frame[y:, x:][: large.shape[0], : large.shape[1]], large) for y, x in places)


def test_aggregates_stay_as_long_as_asked(analyzers, tmp_path):
    shown = AttentionVisualizer(analyzers["picture"], fps=8, static_duration=2.5)
    frames, (*_, seconds) = mp4_frames(shown.aggregate(0, "kiss", tmp_path / "x.mp4"))
    assert seconds == pytest.approx(2.5)
    assert len(frames) == 20
    still = np.asarray(Image.open(shown.aggregate(0, "kiss", tmp_path / "x.png")))
    assert np.abs(frames[-1].astype(int) - still).mean() < 4
    gif, _ = gif_frames(shown.aggregate(0, "kiss", tmp_path / "x.gif"))
    assert [duration for _, duration in gif] == [2500]


@pytest.mark.parametrize(("fps", "seconds"), [(0.1, 2), (0.4, 3), (0.7, 3), (100, 0.02), (1e-4, 1)])
def test_aggregates_stay_as_long_as_asked_at_any_pace(analyzers, tmp_path, fps, seconds):
    shown = AttentionVisualizer(analyzers["picture"], fps=fps, static_duration=seconds, size=(200, 200))
    *_, found = mp4_frames(shown.aggregate(0, "kiss", tmp_path / "x.mp4"))[1]
    assert found == pytest.approx(seconds, rel=0.01)
    gif, _ = gif_frames(shown.aggregate(0, "kiss", tmp_path / "x.gif"))
    assert [duration for _, duration in gif] == [pytest.approx(1000 * seconds, abs=10)]


def test_films_play_along_both_axes(runs, analyzers, tmp_path):
    _, tensors = runs["film"]
    analyzer = analyzers["film"]
    shown = AttentionVisualizer(analyzer, interpolation_steps=0, fps=5)
    assert len(mp4_frames(shown.overlay(0, "kiss", tmp_path / "a.mp4", axis="frame"))[0]) == FRAMES
    assert len(mp4_frames(shown.video(0, "kiss", tmp_path / "a.mp4", axis="frame", step=1))[0]) == FRAMES
    assert len(mp4_frames(shown.aggregate(0, "kiss", tmp_path / "a.mp4"))[0]) == FRAMES
    assert len(mp4_frames(shown.overlay(0, "kiss", tmp_path / "a.mp4", frame=2))[0]) == 3
    still = AttentionVisualizer(analyzer, alpha=0)
    assert_shows(
        np.asarray(Image.open(still.aggregate(0, "kiss", tmp_path / "a.png", frame=LATENT - 1))),
        tensors["previews/state"][STEPS - 1, 0, FRAMES - 1],
    )
    with pytest.raises(AttentionError, match="no frame 3; they have 0 to 2"):
        shown.video(0, "kiss", tmp_path / "b.mp4", frame=3)
    assert not (tmp_path / "b.mp4").exists()


def test_only_the_pictures_that_are_shown_are_read(runs, tmp_path, monkeypatch):
    _, tensors = runs["film"]
    shown = AttentionVisualizer(AttentionAnalyzer(runs["film"][0]), interpolation_steps=0, alpha=0)
    seen, read = [], Shard.read

    def reading(shard, name, *asked):
        found = read(shard, name, *asked)
        if name.startswith("previews/") and found.size:
            seen.append(found.shape[:3])
        return found

    monkeypatch.setattr(Shard, "read", reading)
    shown.overlay(1, "kiss", tmp_path / "x.mp4", background="predicted", frame=LATENT - 1)
    assert seen == [(1, 1, 1)] * 3
    seen.clear()
    shown.overlay(1, "kiss", tmp_path / "x.mp4", background="predicted", axis="frame", step=1)
    assert seen == [(1, 1, FRAMES)]
    np.testing.assert_array_equal(shown.analyzer.predictions(1, 1.0), tensors["previews/x0"][:3, 1, FRAMES - 1])


def test_axes_and_backgrounds_that_there_are_not_are_refused(analyzers, tmp_path):
    shown = AttentionVisualizer(analyzers["film"])
    for write, asked, message in (
        (shown.overlay, {"background": "predictd"}, "background is 'predictd': give final or predicted"),
        (shown.overlay, {"axis": "frames"}, "axis is 'frames': give step or frame"),
        (shown.video, {"axis": "time"}, "axis is 'time'"),
        (shown.aggregate, {"axis": "frames"}, "axis is 'frames'"),
        (shown.aggregate, {"axis": "frame", "frame": 1}, "leave frame out"),
    ):
        with pytest.raises(ValueError, match=message):
            write(0, "kiss", tmp_path / "x.mp4", **asked)
    assert list(tmp_path.iterdir()) == []


@given(st.integers(2, 6), st.integers(2, 30))
@settings(max_examples=30, deadline=None)
def test_frames_of_maps_meet_those_of_the_film_at_its_ends(latent, frames):
    maps = np.random.default_rng(0).random((latent, 2, 2)).astype(np.float32)
    found = at(maps, np.linspace(0, latent - 1, frames))
    np.testing.assert_allclose(found[[0, -1]], maps[[0, -1]], rtol=1e-5)
    assert found.min() >= maps.min() - 1e-6
    assert found.max() <= maps.max() + 1e-6


@pytest.mark.parametrize("kind", ["picture", "film"])
@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_comparisons_are_figures_with_the_same_bytes(analyzers, tmp_path, kind, suffix):
    shown = AttentionVisualizer(analyzers[kind], colormap="magma")
    path = tmp_path / f"x.{suffix}"
    assert shown.temporal_comparison(0, ["kiss", "two swans"], path, steps=[0, 2]) == path
    first = path.read_bytes()
    assert first.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix])
    shown.temporal_comparison(0, ["kiss", "two swans"], path, steps=[0, 2])
    assert path.read_bytes() == first
    with pytest.raises(ValueError, match=r"one of \.pdf, \.svg, \.png"):
        shown.temporal_comparison(0, ["kiss"], tmp_path / "x.jpg")


@pytest.mark.parametrize(("asked", "written"), [("words.v2.png", "words.v2.png"), ("words.SVG", "words.svg")])
def test_a_comparison_says_which_file_it_wrote(analyzers, tmp_path, asked, written):
    found = AttentionVisualizer(analyzers["picture"]).temporal_comparison(0, ["kiss"], tmp_path / asked, steps=[0])
    assert found == tmp_path / written
    assert list(tmp_path.iterdir()) == [found]


def test_comparisons_interpolate_values_and_no_colours(tmp_path):
    """Between blue and green this scale is red; their mixture, teal, is none of its colours."""
    maps = np.indices((1, 150, 150)).sum(axis=0) // 2 % 2.0
    draw_comparison([maps], ["kiss"], ["step 0"], "share", "brg", tmp_path / "x.png")
    red, green, blue = np.moveaxis(np.asarray(Image.open(tmp_path / "x.png").convert("RGB")).astype(int), -1, 0)
    assert ((red > 200) & (green < 50) & (blue < 50)).sum() > 1000
    assert not ((red < 60) & (green > 80) & (blue > 80)).any()


def test_a_browser_plays_the_film(browser, analyzers, tmp_path):
    shown = AttentionVisualizer(analyzers["picture"], fps=4, size=(640, 360), interpolation_steps=4)
    shown.overlay(0, "kiss", tmp_path / "x.mp4")
    assert played(browser, tmp_path / "x.mp4") == [pytest.approx(11 / 4, abs=0.01), 640, 360, None]


@pytest.fixture
def command(runs, tmp_path, monkeypatch):
    """Runs ``attention-video`` in an empty folder; ``{picture}`` and ``{film}`` are the runs' folders."""
    monkeypatch.chdir(tmp_path)

    def call(line, code=0):
        folders = {kind: str(folder) for kind, (folder, _) in runs.items()}
        found = CliRunner().invoke(main, ["attention-video", *line.format(**folders).split()])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found.output

    return call


def test_the_command_writes_what_the_library_writes(command, analyzers, tmp_path):
    told = command(
        "{picture} --sample 1 --word kiss --output x.mp4 --no-overlay --renormalised --layer mid.attn2 --head 1 "
        "--branch unconditional --colormap viridis --fps 7 --size 320x240 --interpolation-steps 1 --no-colorbar"
    )
    assert told.startswith("x.mp4: ")
    shown = AttentionVisualizer(
        analyzers["picture"], colormap="viridis", fps=7, size=(320, 240), interpolation_steps=1, colorbar=False
    )
    chosen = {"layer": "mid.attn2", "head": 1, "branch": "unconditional", "renormalised": True}
    shown.video(1, "kiss", tmp_path / "y.mp4", **chosen)
    assert (tmp_path / "x.mp4").read_bytes() == (tmp_path / "y.mp4").read_bytes()
    assert "kiss, two swans" in command("{picture}")
    command("{film} --word kiss --aggregate --axis step --output x.png")
    command("{film} --word kiss --axis frame --step 1 --background predicted --format gif --output x")
    command("{picture} --temporal-comparison kiss,kiss --output x.svg")
    assert {path.name for path in tmp_path.iterdir()} == {"x.mp4", "y.mp4", "x.png", "x.gif", "x.svg"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{picture} --word kisses --output x.mp4", "no map of 'kisses'; it has kiss, two swans"),
        ("{picture} --word kiss --layer up.attn2 --output x.mp4", "there are mid.attn2"),
        ("{picture} --word kiss", "--output is missing"),
        ("{picture} --word kiss --output x.mkv", "must be one of mp4, avi, gif, webp"),
        ("{picture} --word kiss --output x.png", "must be one of mp4, avi, gif, webp"),
        ("{picture} --word kiss --output x.mp4 --format gif", "x.mp4 is asked for as gif"),
        ("{picture} --word kiss --output x.mp4 --size 640", "such as 640x480"),
        ("{picture} --word kiss --output x.mp4 --size 90x90", "leaves no room for the picture"),
        ("{picture} --word kiss --output x.mp4 --fps 0", "fps is 0"),
        ("{picture} --word kiss --output x.mp4 --static-duration -1", "static_duration is -1: give 0 to 86400"),
        ("{picture} --word kiss --output x.mp4 --axis frame", "leave the axis out"),
        ("{picture} --word kiss --output x.mp4 --frame 0", "leave the frame out"),
        ("{picture} --word kiss --output x.mp4 --step 0", "leave step out"),
        ("{picture} --word kiss --output x.mp4 --step 0 --aggregate", "exclude each other"),
        ("{film} --word kiss --output x.mp4 --frame 0 --axis frame", "leave frame out"),
        ("{film} --word kiss --output x.mp4 --step 9 --axis frame", "step 9 was not recorded"),
        ("{picture} --word kiss --temporal-comparison kiss --output x.png", "exclude each other"),
        ("{picture} --temporal-comparison kiss --output x.png --frame 0", "films alone have --frame: leave"),
        ("{picture} --temporal-comparison kiss --output x.png --aggregate --step 1", "have --aggregate, --step: leave"),
        ("{picture} --temporal-comparison kiss --output x.png --background final", "films alone have --background"),
        ("{picture} --temporal-comparison kiss --output x.png --alpha 1 --size 9x9", "have --alpha, --size: leave"),
        ("{picture} --temporal-comparison kiss --output x.png --no-overlay", "films alone have --overlay/--no-overlay"),
        (
            "{picture} --output x.mp4",
            "--word is missing, and nothing would be written to x.mp4: sample 0 has maps of kiss",
        ),
        ("{picture} --word kiss --output x.png --aggregate --background predicted", "exclude each other: the mean"),
        ("{film} --word kiss --output x.mp4 --aggregate --axis frame --frame 2", "leave frame out"),
        ("{picture} --word kiss --output x.mp4 --no-overlay --alpha 0.5", "alone, without --alpha: leave"),
        ("{picture} --word kiss --output x.mp4 --head 0", "head 0 belongs to a layer: choose one, too"),
        ("{picture} --temporal-comparison kiss,horse --output x.png", "no map of 'horse'"),
        ("{picture} --temporal-comparison kiss --output x.mp4", "its suffix must be one of"),
        ("{picture} --word kiss --colormap hott --output x.mp4", "unknown to matplotlib"),
        ("nowhere --word kiss --output x.mp4", "is no finished run"),
    ],
)
def test_the_command_says_what_is_wrong(command, tmp_path, line, message):
    assert message in command(line, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_attention_says_what_to_configure(tmp_path):
    write_run(tmp_path, words=False)
    told = CliRunner().invoke(main, ["attention-video", str(tmp_path), "--word", "kiss", "--output", "x.mp4"])
    assert told.exit_code == 2
    assert "set record.attention: {layers:" in told.output


def test_films_need_no_torch():
    code = "import sys\nfrom denoscope import AttentionAnalyzer, AttentionVisualizer\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_python_of_the_document_runs(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "scenes").symlink_to(runs["picture"][0])
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/attention.md").read_text(), flags=re.DOTALL)
    for block in blocks:
        exec(compile(block, "attention.md", "exec"), {})
    assert {path.name for path in tmp_path.glob("*.*")} == {"alone.mp4", "over.mp4", "mean.png", "steps.pdf"}


def test_every_option_of_the_document_is_the_commands(command):
    named = set(re.findall(r"--[a-z][a-z-]+", (ROOT / "docs/attention.md").read_text()))
    known = set(re.findall(r"--[a-z][a-z-]+", command("--help")))
    assert named <= known
