"""A text token by token, with what was measured of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from denoscope.render.picture import pasted
from denoscope.render.tokens.animation import Animation
from denoscope.render.tokens.cells import Cells
from denoscope.render.tokens.flow import Box, Content, flow
from denoscope.render.tokens.glyphs import written
from denoscope.render.tokens.header import Header
from denoscope.render.tokens.heat import ENTROPY, IMPORTANCE, Heat
from denoscope.render.tokens.legend import legend
from denoscope.render.tokens.pane import TokenPane
from denoscope.render.tokens.tiles import Tiles
from denoscope.text.trajectory import TextTrajectory

GAP = 3
LABEL_GAP = 6
INSET = 2
Bounds = tuple[float, float]


@dataclass(eq=False)
class DetailedAnimation(Animation):
    """A box for each token, and below it the importance and the uncertainty that the model gives it.

    Args:
        per_row: tokens in a row, all of one width; None for boxes as wide as their tokens, broken at ``width``.
        show_importance: draw it, where a trajectory has it.
        show_entropy: draw it, where a trajectory has it.
        importance_bounds: values of the first and the last colour; by default the smallest and the largest.
        entropy_bounds: the same in nats; by default 0 and the largest.

    Other arguments as :class:`~denoscope.render.tokens.animation.Animation`.
    """

    _: KW_ONLY
    width: int = 1000
    size: int = 15
    per_row: int | None = 10
    show_importance: bool = True
    show_entropy: bool = True
    importance_bounds: Bounds | None = None
    entropy_bounds: Bounds | None = None

    def pane(self, trajectory: TextTrajectory, title: str, together: Sequence[TextTrajectory]) -> TokenPane:
        """Lay out one text."""
        heats = self._heats(trajectory, together)
        label = self._label([heat.quantity.name for heat in heats]) if heats else None
        room = self.width - (0 if label is None else label.shape[1])
        boxes = self._grid(trajectory, heats, room) if self.per_row else self._flow(trajectory, heats, room)
        header = Header(self.palette, self.small, self.width, title, self.show_steps)
        return TokenPane(header, trajectory, self.tiles, boxes, heats, label)

    def footer(self, together: Sequence[TextTrajectory]) -> list[np.ndarray]:
        """Explain marks and colours."""
        scales = {
            heat.quantity.name: heat.scale() for trajectory in together for heat in self._heats(trajectory, together)
        }
        return [*legend(together, Tiles(self.palette, self.small, self.placeholder)), *scales.values()]

    @cached_property
    def tiles(self) -> Cells:
        """How tokens look."""
        return Cells(self.palette, self.typeface, self.placeholder)

    def _grid(self, trajectory: TextTrajectory, heats: Sequence[Heat], room: int) -> list[Box]:
        assert self.per_row
        width = (room + GAP) // self.per_row - GAP
        if width < (least := self._least(heats)):
            wanted = self.width - room + self.per_row * (least + GAP) - GAP
            raise ValueError(
                f"{self.per_row} tokens a row have {max(0, width)} pixels each, but need {least}: give a width of "
                f"{wanted} or more, or a smaller size; from Python also a smaller per_row"
            )
        places = (divmod(position, self.per_row) for position in range(len(trajectory.pieces[0])))
        return [Box(line, column * (width + GAP), width, 0) for line, column in places]

    def _least(self, heats: Sequence[Heat]) -> int:
        """Pixels for a mask or a number."""
        return max(self.tiles.mask_width, *(heat.number_width for heat in heats), 0)

    def _flow(self, trajectory: TextTrajectory, heats: Sequence[Heat], room: int) -> list[Box]:
        positions = []
        for column, given in zip(zip(*trajectory.pieces, strict=True), trajectory.prompt, strict=True):
            width = max(self._least(heats), *(self.tiles.width(text, given) for text in set(column))) + 2 * INSET
            positions.append(Content(width, lead=0, cost=width + GAP, word=True, breaks=0))
        return flow(positions, GAP, room + GAP, room)

    def _heats(self, trajectory: TextTrajectory, together: Sequence[TextTrajectory]) -> list[Heat]:
        wanted = (
            (IMPORTANCE, self.show_importance, self.importance_bounds),
            (ENTROPY, self.show_entropy, self.entropy_bounds),
        )
        return [
            Heat(quantity, values, given or quantity.bounds(together), self.small, self.palette)
            for quantity, show, given in wanted
            if show and (values := quantity.of(trajectory)) is not None
        ]

    def _label(self, names: Sequence[str]) -> np.ndarray:
        """Names of the rows below the tokens."""
        texts = [written(self.small, name, self.palette.paper, self.palette.muted) for name in names]
        width, height = max(text.shape[1] for text in texts) + LABEL_GAP, self.tiles.height
        label = np.full((height + len(texts) * self.small.height, width, 3), self.palette.paper, np.uint8)
        for row, text in enumerate(texts):
            pasted(label, text, height + row * self.small.height, 0)
        return label
