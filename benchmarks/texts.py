"""Drawing and encoding the states of a text against matplotlib and Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from benchmarks.contest import Contest
from benchmarks.digits import Temporary
from denoscope.render.tokens import CompactAnimation, DetailedAnimation
from denoscope.render.tokens.animation import Animation
from denoscope.render.tokens.header import caption
from denoscope.render.tokens.heat import Heat, shades
from denoscope.render.tokens.pane import TokenPane
from denoscope.text.trajectory import TextTrajectory
from denoscope.writing import load_text_model

STEPS, FPS = 64, 5
GROUNDS = np.array([[239] * 3, [255] * 3, [179, 226, 213], [239] * 3, [248, 226, 179], [255] * 3]) / 255


def _drawing(what: str, kind: type[Animation]) -> Contest:
    return Contest(
        what=f"drawing 64 tokens in {STEPS + 1} frames: {what}",
        against="matplotlib (one figure, redrawn)",
        ours=lambda: kind().frames(trajectory()),
        other=lambda: _matplotlib(kind()),
        target=20,
        faster=True,
        pairs=3,
    )


def _encoding(what: str, kind: type[Animation]) -> Contest:
    folder = Temporary()
    return Contest(
        what=f"drawing and encoding the same as MP4: {what}",
        against="matplotlib frames and Pillow GIF",
        ours=lambda: kind().save(trajectory(), folder.path / "x.mp4"),
        other=lambda: _pillow_gif(folder.path / "x.gif", _matplotlib(kind()), FPS),
        target=6,
        faster=True,
        pairs=3,
    )


def _bytes(what: str, kind: type[Animation]) -> Contest:
    folder = Temporary()
    ours, other = folder.path / "x.mp4", folder.path / "x.gif"
    kind().save(trajectory(), ours)
    _pillow_gif(other, _matplotlib(kind()), FPS)
    sizes = [path.stat().st_size for path in (ours, other)]
    return Contest(
        what=f"bytes of the MP4: {what}",
        against="matplotlib frames and Pillow GIF",
        ours=lambda: sizes[0],
        other=lambda: sizes[1],
        target=0.25,
        unit="B",
    )


COMPACT, DETAILED = ("running text", CompactAnimation), ("tokens, importance and entropy", DetailedAnimation)
drawing_compact, drawing_detailed = partial(_drawing, *COMPACT), partial(_drawing, *DETAILED)
encoding_compact, encoding_detailed = partial(_encoding, *COMPACT), partial(_encoding, *DETAILED)
bytes_compact, bytes_detailed = partial(_bytes, *COMPACT), partial(_bytes, *DETAILED)


@cache
def trajectory() -> TextTrajectory:
    """A text of the bundled ATAT, with the importance and the entropy of every token at every step."""
    model = load_text_model("prose-atat")
    return model.generate("The function returns", length=64, steps=STEPS)[0].trajectory


def _matplotlib(animation: Animation) -> list[np.ndarray]:
    """As fast as matplotlib goes: no pyplot, one figure, all boxes in one collection, only what changes is set."""
    shown = trajectory()
    pane = animation.pane(shown, "", [shown])
    assert isinstance(pane, TokenPane)
    places = list(_places(pane))
    figure = Figure(figsize=(pane.width / 100, pane.height / 100), dpi=100)
    canvas, axis = FigureCanvasAgg(figure), figure.add_axes((0, 0, 1, 1), xlim=(0, pane.width), ylim=(pane.height, 0))
    axis.set_axis_off()
    boxes = PatchCollection([Rectangle((x, y), width, height) for x, y, width, height in places])
    axis.add_collection(boxes)
    write = partial(axis.text, s="", ha="center", va="center", fontsize=10)
    texts = [write(x + width / 2, y + height / 2) for x, y, width, height in places]
    line = axis.text(0, 12, "")
    frames = []
    for step in range(len(shown.pieces)):
        grounds, words = zip(*_contents(pane, step), strict=True)
        boxes.set_facecolor(grounds)
        line.set_text(caption(shown, step))
        for text, word in zip(texts, words, strict=True):
            if text.get_text() != word:
                text.set_text(word)
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    return frames


def _places(pane: TokenPane) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, width and height of every box: a token's, and below it those of its values."""
    for box in pane.boxes:
        top = pane.top(box.line)
        yield pane.indent + box.left, top, box.width, pane.tiles.height
        for row, heat in enumerate(pane.heats):
            yield pane.indent + box.left, top + pane.tiles.height + row * heat.height, box.width, heat.height


def _contents(pane: TokenPane, step: int) -> Iterator[tuple[tuple[float, ...], str]]:
    """Ground and text of every box."""
    shown = pane.trajectory
    for position, piece in enumerate(shown.pieces[step]):
        change = shown.changes[step, position]
        yield tuple(GROUNDS[change]), "[?]" if shown.masked[step, position] else piece.strip()
        for heat in pane.heats:
            yield _value(heat, step, position)


def _value(heat: Heat, step: int, position: int) -> tuple[tuple[float, ...], str]:
    value = heat.values[step, position] if step < len(heat.values) else np.nan
    if np.isnan(value):
        return (1.0, 1.0, 1.0), ""
    table = shades(heat.quantity.colormap)
    shade = int(min(value / heat.bounds[1], 1) * (len(table) - 1))
    return tuple(part / 255 for part in table[shade]), heat.number(value)


def _pillow_gif(path: Path, frames: list[np.ndarray], fps: float) -> None:
    first, *rest = [Image.fromarray(frame) for frame in frames]
    first.save(path, save_all=True, append_images=rest, duration=1000 / fps, loop=0)
