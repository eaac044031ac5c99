"""Pictures and animations: right frames, right durations, the same bytes."""

import os
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_sample_image

from denoscope.render.encode import GIF, WEBP, frame_delays, shared_palette, write_gif, write_mp4, write_png, write_webp
from denoscope.render.grid import grid_frame, grid_frames
from denoscope.render.picture import enlarged, sized
from denoscope.render.text import PAPER, fitted, font, line
from denoscope.render.trajectory import step_caption, trajectory_frames

TIMES = [80.0, 3.25, 0.002, 0.0]


def noise_frames(count=12, height=50, width=64, seed=0, colours=256):
    generator = np.random.default_rng(seed)
    grey = generator.integers(0, colours, (count, height, width, 1), dtype=np.uint8)
    return list(np.repeat(grey, 3, axis=3))


def gif_frames(path):
    with Image.open(path) as image:
        shown = []
        for index in range(image.n_frames):
            image.seek(index)
            shown.append((np.asarray(image.convert("RGB")), image.info["duration"]))
        return shown, image.info.get("loop")


def mp4_frames(path):
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        context = stream.codec_context
        facts = (context.name, context.pix_fmt, context.colorspace, stream.average_rate, file.duration / av.time_base)
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(stream)], facts


def test_gif_keeps_every_frame_and_the_exact_duration(tmp_path):
    frames = noise_frames()
    frames[4] = frames[3].copy()  # equal frames are not merged: a frame is a step
    frames[5] = frames[3].copy()
    write_gif(tmp_path / "x.gif", frames, fps=12, hold=1.5)
    shown, loop = gif_frames(tmp_path / "x.gif")
    assert len(shown) == len(frames)
    assert sum(duration for _, duration in shown) == 1000 + 1500
    assert loop == 0
    for (picture, _), frame in zip(shown, frames, strict=True):
        np.testing.assert_array_equal(picture, frame)


@given(st.integers(1, 200), st.floats(0.3, 50), st.floats(0, 5))
def test_delays_add_up(count, fps, hold):
    delays = frame_delays(count, fps, hold, GIF)
    assert len(delays) == count
    assert sum(delays) == round(100 * count / fps) + round(100 * hold)
    assert all(abs(delay - 100 / fps) <= 1 for delay in delays[:-1])


@pytest.mark.parametrize("ticks", [GIF, WEBP])
def test_the_longest_delay_is_that_of_the_file(ticks):
    hold = (ticks.longest - ticks.per_second) / ticks.per_second
    assert frame_delays(3, 1, hold, ticks)[-1] == ticks.longest
    with pytest.raises(ValueError, match=f"and a {ticks.kind} can say"):
        frame_delays(3, 1, hold + 1 / ticks.per_second, ticks)


@pytest.mark.parametrize("write", [write_gif, write_mp4, write_webp])
@pytest.mark.parametrize(
    ("fps", "hold", "message"),
    [(0, 1, "fps is 0"), (1e-5, 1, "fps is 1e-05"), (5, -1, "hold is -1"), (5, float("nan"), "hold is nan")],
)
def test_a_pace_that_cannot_be_written_is_refused(tmp_path, write, fps, hold, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "x", noise_frames(1), fps, hold)
    assert list(tmp_path.iterdir()) == []


def test_a_photograph_shares_a_palette_with_its_noise(tmp_path):
    photograph = load_sample_image("china.jpg")[:128, :128]
    noise = np.random.default_rng(0).normal(size=photograph.shape)
    frames = [np.clip(photograph + level * noise, 0, 255).astype(np.uint8) for level in (100, 50, 10, 0)]
    palette, indexed = shared_palette(frames)
    assert palette.shape == (256, 4)
    error = np.square(palette[indexed[-1]][..., 1:].astype(float) - frames[-1]).mean()
    assert 10 * np.log10(255**2 / error) > 28
    write_gif(tmp_path / "x.gif", frames, fps=5)
    assert len(gif_frames(tmp_path / "x.gif")[0]) == 4


@pytest.mark.parametrize(("height", "width"), [(50, 64), (51, 65)])
def test_mp4_is_what_browsers_play(tmp_path, height, width):
    frames = [np.full((height, width, 3), level, dtype=np.uint8) for level in range(0, 240, 20)]
    write_mp4(tmp_path / "x.mp4", frames, fps=5, hold=1.0)
    shown, (codec, pixels, colours, rate, seconds) = mp4_frames(tmp_path / "x.mp4")
    assert (codec, pixels, colours, rate) == ("h264", "yuv420p", 6, Fraction(5))
    assert len(shown) == 12 + 5
    assert seconds == pytest.approx(17 / 5)
    assert shown[0].shape[:2] == (height + height % 2, width + width % 2)
    for picture, frame in zip(shown, frames, strict=False):
        assert np.abs(picture[:height, :width].astype(int) - frame).max() <= 3
    content = (tmp_path / "x.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # it plays before it is all there


@pytest.mark.parametrize("fps", [1e-4, 0.0004, 0.0123457, 1 / 3, 1.25, 3.14159265, 30000 / 1001, 49.9999, 100])
def test_mp4_keeps_any_rate(tmp_path, fps):
    write_mp4(tmp_path / "x.mp4", noise_frames(3, 16, 16), fps=fps)
    with av.open(str(tmp_path / "x.mp4")) as file:
        stream = file.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(3 / fps, rel=1e-6)


def test_animations_have_the_same_bytes_on_any_processor(tmp_path):
    """Another process, one processor, and FFmpeg without its vector instructions write the same files."""
    code = (
        "import sys, numpy as np, av\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\n"
        "if sys.argv[3] == 'plain':\n    import os, ctypes, glob\n"
        "    lib = glob.glob(os.path.join(os.path.dirname(av.__file__), '..', 'av.libs', 'libavutil*'))[0]\n"
        "    ctypes.CDLL(lib).av_force_cpu_flags(0)\n"
        "from test_render import noise_frames\nfrom denoscope.render.encode import write_gif, write_mp4\n"
        "out = Path(sys.argv[1])\nframes = noise_frames()\n"
        "write_gif(out / 'x.gif', frames, 7, 1)\nwrite_mp4(out / 'x.mp4', frames, 7, 1)\n"
    )
    found = []
    for kind in ("same", "one", "plain"):
        (tmp_path / kind).mkdir()
        command = [sys.executable, "-c", code, str(tmp_path / kind), os.path.dirname(__file__), kind]
        one = (lambda: os.sched_setaffinity(0, {0})) if kind == "one" else None
        subprocess.run(command, check=True, preexec_fn=one)
        found.append([(tmp_path / kind / name).read_bytes() for name in ("x.gif", "x.mp4")])
    assert found[0] == found[1] == found[2]


def test_pictures_are_enlarged_by_whole_pixels():
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    big = enlarged(picture, 10)
    assert big.shape == (9, 12, 3)
    np.testing.assert_array_equal(big[::3, ::3, 1], picture[..., 0])
    assert enlarged(picture, 2).shape == (3, 4, 3)


@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 50))
def test_pictures_are_sized_by_a_whole_factor(height, width, size):
    """As large as fits, which another time changes nothing; a picture of one colour keeps it."""
    picture = np.full((height, width, 3), (9, 120, 250), np.uint8)
    shown = sized(picture, size)
    assert size / 2 < shown.shape[0] <= size
    assert (shown == picture[0, 0]).all()
    np.testing.assert_array_equal(sized(shown, size), shown)


def test_a_picture_that_is_shrunk_is_averaged():
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    expected = picture.reshape(2, 2, 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(sized(picture, 2) - expected).max() <= 0.5


def test_trajectory_frames_show_state_and_prediction():
    states = np.stack([np.full((4, 4, 1), level, np.uint8) for level in (10, 20, 30, 40)])
    predictions = np.stack([np.full((4, 4, 1), level, np.uint8) for level in (110, 120, 130)])
    frames = trajectory_frames(states, predictions, TIMES, 40, title="sample 0", caption=True, symbol="σ")
    assert len(frames) == 4
    assert len({frame.shape for frame in frames}) == 1
    for frame, (left, right) in zip(frames, [(10, 110), (20, 120), (30, 130), (40, 40)], strict=True):
        middle = frame[12 + 2 * 22 + 20]
        assert middle[12 + 20].tolist() == [left] * 3
        assert middle[12 + 40 + 12 + 20].tolist() == [right] * 3
    without = trajectory_frames(states, predictions, TIMES, 40, title="sample 0", caption=False, symbol="σ")
    assert without[0].shape[0] == frames[0].shape[0] - 22


def test_captions_follow_the_noise_levels():
    captions = [step_caption(step, TIMES, "σ") for step in range(4)]
    assert captions == ["step 0 / 3   σ = 80", "step 1 / 3   σ = 3.25", "step 2 / 3   σ = 0.002", "step 3 / 3   σ = 0"]


def test_grid_has_a_row_per_class_and_nothing_overlaps():
    rows = [[np.full((4, 4, 1), 10 * (row + 1) + column, np.uint8) for column in range(3)] for row in range(2)]
    frame = grid_frame(rows, ["cat", "a rather long name of a class"], 20, "step 0 / 3")
    ink = (frame != PAPER).any(axis=2)
    cells = np.isin(frame[..., 0], [10, 11, 12, 20, 21, 22]) & (frame[..., 0] == frame[..., 1])
    columns = np.flatnonzero(cells.any(axis=0))
    assert len(columns) == 3 * 20
    assert ink[:, : columns[0]].any()  # labels stand left of the pictures
    assert not ink[:, columns[0] - 4 : columns[0]].any()
    states = [[np.stack([cell] * 4) for cell in row] for row in rows]
    assert len(grid_frames(states, ["a", "b"], TIMES, 20, "σ")) == 4


@given(st.text(max_size=40), st.integers(20, 200))
@settings(max_examples=50, deadline=None)
def test_text_never_leaves_its_box(text, width):
    assert "\n" not in fitted(text, width, 13)
    assert font(13).getlength(fitted(text, width, 13)) <= max(width, font(13).getlength("…"))
    assert line(text, width, 22, 13).shape == (22, width, 3)


def test_greek_letters_have_glyphs():
    assert font(13).getmask("σ").getbbox() != font(13).getmask("\uffff").getbbox()
    assert not np.array_equal(line("σ", 20, 22, 13), line("\uffff", 20, 22, 13))


def test_png_is_the_frame(tmp_path):
    (frame,) = noise_frames(1)
    write_png(tmp_path / "x.png", frame)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "x.png")), frame)
