"""Drawing and encoding animations against matplotlib and Pillow."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from sklearn.datasets import load_digits

from benchmarks.contest import Contest
from benchmarks.digits import Temporary
from denoscope.render.encode import write_mp4
from denoscope.render.trajectory import step_caption, trajectory_frames

STEPS, SIZE, FPS = 48, 256, 12
TITLE = "sample 0, class 3"


def drawing() -> Contest:
    """The frames of one trajectory: two pictures, a title and a caption."""
    states, predictions, times = _trajectory()
    return Contest(
        what=f"drawing {STEPS} frames of a trajectory",
        against="matplotlib (one figure, redrawn)",
        ours=lambda: _ours(states, predictions, times),
        other=lambda: _matplotlib(states, predictions, times),
        target=15,
        faster=True,
    )


def encoding() -> Contest:
    """The same frames drawn and written."""
    states, predictions, times = _trajectory()
    folder = Temporary()
    return Contest(
        what=f"drawing and encoding {STEPS} frames as MP4",
        against="matplotlib frames and Pillow GIF",
        ours=lambda: write_mp4(folder.path / "x.mp4", _ours(states, predictions, times), FPS),
        other=lambda: _pillow_gif(folder, _matplotlib(states, predictions, times)),
        target=5,
        faster=True,
    )


def _trajectory() -> tuple[np.ndarray, np.ndarray, list[float]]:
    """A digit that comes out of noise, and what a denoiser would predict: ``[steps, 16, 16, 1]`` uint8 each."""
    digit = np.kron(load_digits().images[3], np.ones((2, 2)))[..., None] * 255 / 16
    noise = np.random.default_rng(0).normal(size=digit.shape) * 255
    levels = np.linspace(1, 0, STEPS)
    states = [np.clip(digit + level * noise, 0, 255) for level in levels]
    predictions = [digit * (1 - level) + level * digit.mean() for level in levels]
    return np.stack(states).astype(np.uint8), np.stack(predictions).astype(np.uint8), [80 * level for level in levels]


def _ours(states: np.ndarray, predictions: np.ndarray, times: list[float]) -> list[np.ndarray]:
    return trajectory_frames(states, predictions, times, SIZE, title=TITLE, caption=True, symbol="σ")


def _matplotlib(states: np.ndarray, predictions: np.ndarray, times: list[float]) -> list[np.ndarray]:
    """As fast as matplotlib goes: no pyplot, one figure whose pictures and caption are exchanged."""
    height, width = _ours(states[:1], predictions[:1], times[:1])[0].shape[:2]
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = [figure.add_axes((left, 0.1, 0.44, 0.78)) for left in (0.04, 0.52)]
    images = [axis.imshow(np.zeros((16, 16)), cmap="gray", vmin=0, vmax=255) for axis in axes]
    for axis in axes:
        axis.set_axis_off()
    figure.suptitle(TITLE)
    caption = figure.text(0.04, 0.03, "")
    frames = []
    for step in range(len(states)):
        for image, pictures in zip(images, (states, predictions), strict=True):
            image.set_data(pictures[step, ..., 0])
        caption.set_text(step_caption(step, times, "σ"))
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    return frames


def _pillow_gif(folder: Temporary, frames: list[np.ndarray]) -> None:
    first, *rest = [Image.fromarray(frame) for frame in frames]
    first.save(folder.path / "x.gif", save_all=True, append_images=rest, duration=1000 / FPS, loop=0)
