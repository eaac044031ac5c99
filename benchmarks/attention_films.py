"""Drawing films of a word's attention over a picture against matplotlib."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from sklearn.datasets import load_sample_image

from benchmarks.contest import Contest
from denoscope.render.attention.film import AttentionFilm
from denoscope.render.attention.look import Labels, Look
from denoscope.render.attention.maps import between

STEPS, CELLS = 10, 16
LABELS = Labels("pagoda", "sample 0   mean over layers", "share of attention")


def drawing() -> Contest:
    """The frames alone: map over a picture, scale, title, caption."""
    return Contest(
        what=f"drawing {3 * STEPS - 2} frames of a word's attention over a picture",
        against="matplotlib (one figure, redrawn)",
        ours=lambda: list(_film()),
        other=lambda: _matplotlib(_film()),
        target=15,
        faster=True,
        pairs=3,
    )


def _film() -> AttentionFilm:
    """Attention that wanders over a photograph of 512 × 512 pixels, with two frames between steps."""
    down, right = np.mgrid[:CELLS, :CELLS] / (CELLS - 1)
    centres = np.linspace(0.2, 0.8, STEPS)
    maps = np.stack([0.01 + 0.1 * np.exp(-((right - x) ** 2 + (down - 0.5) ** 2) / 0.05) for x in centres])
    maps, places = between(maps, 2)
    photograph = Image.fromarray(load_sample_image("china.jpg")[:400, :400]).resize((512, 512))
    captions = [f"step {place:.2f} / {STEPS - 1}" for place in places]
    return AttentionFilm(maps, captions, LABELS, Look(), np.asarray(photograph)[None], [0] * len(maps))


def _matplotlib(film: AttentionFilm) -> list[np.ndarray]:
    """As fast as matplotlib goes: no pyplot, one figure whose map and caption are exchanged."""
    assert film.pictures is not None
    look, (scale,) = film.look, film.scales
    figure = Figure(figsize=(film.layout.width / 100, film.layout.height / 100), dpi=100)
    canvas, axes = FigureCanvasAgg(figure), figure.add_axes((0.02, 0.07, 0.84, 0.84))
    axes.set_axis_off()
    axes.imshow(film.pictures[0])
    extent = (-0.5, film.pictures.shape[2] - 0.5, film.pictures.shape[1] - 0.5, -0.5)
    heat = axes.imshow(film.maps[0], cmap=look.colormap, alpha=look.alpha, interpolation="bilinear", extent=extent)
    heat.set_clim(scale.low, scale.high)
    figure.colorbar(heat, cax=figure.add_axes((0.88, 0.07, 0.02, 0.84)), label=LABELS.unit)
    figure.suptitle(LABELS.title)
    axes.set_title(LABELS.subtitle, fontsize=9)
    caption = figure.text(0.02, 0.02, "")
    frames = []
    for values, text in zip(film.maps, film.captions, strict=True):
        heat.set_data(values)
        caption.set_text(text)
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    return frames
