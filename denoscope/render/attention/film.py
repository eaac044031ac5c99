"""The frames of a film of attention, each drawn when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from denoscope.render.attention.bar import draw_colours, draw_numbers
from denoscope.render.attention.colours import colour_table, shares_of_two
from denoscope.render.attention.layout import lay_out
from denoscope.render.attention.look import Labels, Look
from denoscope.render.attention.maps import Scale, enlarged_map
from denoscope.render.attention.ticks import ticks
from denoscope.render.picture import enlarged, paper, pasted
from denoscope.render.text import line


class AttentionFilm(Sequence[np.ndarray]):
    """Frames uint8 ``[H, W, 3]`` of even size.

    Args:
        maps: shares of attention ``[n, h, w]``.
        captions: what is written below each of the ``n``.
        labels: what is written about all.
        look: colours, sizes and what is shown.
        pictures: uint8 ``[m, H, W, C]`` that the colours cover in part; None draws the colours alone.
        shown: for each frame the number of its picture; by default the frames' own numbers.

    Raises:
        ValueError: the frame is too small for its parts.
    """

    def __init__(
        self,
        maps: np.ndarray,
        captions: Sequence[str],
        labels: Labels,
        look: Look,
        pictures: np.ndarray | None = None,
        shown: Sequence[int] | None = None,
    ) -> None:
        self.maps, self.captions, self.labels, self.look = maps.astype(np.float32), captions, labels, look
        self.pictures, self.shown = pictures, range(len(maps)) if shown is None else shown
        self.scales = [Scale.of(part) for part in (maps if look.scale == "frame" else [maps])]
        shape = maps.shape[1:] if pictures is None else pictures.shape[1:3]
        numbers = [text for scale in self.scales for _, text in ticks(scale)]
        self.layout = lay_out(look, (shape[0], shape[1]), numbers)
        self._table = colour_table(look.colormap)
        self._mixture = lru_cache(2)(self._mixed)
        self._empty = self._start()

    def __len__(self) -> int:
        return len(self.maps)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._frame(number) for number in range(len(self))[index]]
        return self._frame(range(len(self))[index])

    def _frame(self, number: int) -> np.ndarray:
        canvas, layout = self._empty.copy(), self.layout
        scale = self.scales[number if self.look.scale == "frame" else 0]
        box = layout.picture
        colours = scale.colours(enlarged_map(self.maps[number], box.height, box.width))
        table, below = self._mixture(self.shown[number] if self.pictures is not None else None)
        drawn = table.take(colours, axis=0, mode="clip")  # without a check, all numbers being below 256
        if below is None:
            canvas[box.rows, box.columns] = drawn
        else:
            np.add(drawn, below, out=canvas[box.rows, box.columns])
        if self.look.colorbar and self.look.scale == "frame":
            draw_numbers(canvas, layout, scale)
        if self.look.timestamp:
            caption = line(self.captions[number], layout.room, layout.line, layout.letters)
            pasted(canvas, caption, box.top + box.height + layout.gap, box.left)
        return canvas

    def _start(self) -> np.ndarray:
        """What all frames have in common."""
        layout, labels = self.layout, self.labels
        canvas, box = paper(layout.height, layout.width), layout.picture
        top = box.top - layout.gap - 2 * layout.line
        pasted(canvas, line(labels.title, layout.room, layout.line, layout.letters + 2), top, box.left)
        subtitle = line(labels.subtitle, layout.room, layout.line, layout.letters - 1)
        pasted(canvas, subtitle, top + layout.line, box.left)
        if self.look.colorbar:
            draw_colours(canvas, layout, self._table, labels.unit)
            if self.look.scale == "film":
                draw_numbers(canvas, layout, self.scales[0])
        return canvas

    def _mixed(self, picture: int | None) -> tuple[np.ndarray, np.ndarray | None]:
        """The colours and the picture under them, each as its part of what is seen."""
        if picture is None or self.pictures is None:
            return self._table, None
        box = self.layout.picture
        fitted = fitted_picture(self.pictures[picture], box.height, box.width)
        return shares_of_two(self._table, fitted, self.look.alpha)


def fitted_picture(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """A uint8 picture ``[H, W, C]`` as RGB of another size: squares where the factor is whole, else interpolated."""
    if height % picture.shape[0] == 0 and height * picture.shape[1] == width * picture.shape[0]:
        return enlarged(picture, height)
    image = Image.fromarray(enlarged(picture, picture.shape[0]))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
