"""The states of one text that a sampler writes, and what was measured at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from denoscope.text.changes import Change, prompt_positions, state_changes
from denoscope.text.pieces import token_table


@dataclass(frozen=True, eq=False)
class TextTrajectory:
    """One text from its first state to its last.

    Args:
        pieces: text at each position of each step, empty where masked.
        masked: bool ``[steps, L]``.
        changes: uint8 ``[steps, L]`` of :class:`~denoscope.text.changes.Change`.
        ids: int ``[steps, L]``; what stands at a position, to tell whether it changed.
        numbers: ``[steps]`` numbers of the steps: not all need be there.
        times: ``[steps]`` noise level or time of every state.
        entropy: ``[steps', L]`` entropy of the prediction in nats, NaN where none was made; the last states may have
            had no forward, so steps' may be fewer.
        importance: the same for the importance that a model gives each token.
        time_symbol: what ``times`` is called.

    Raises:
        ValueError: if shapes do not fit each other.
    """

    pieces: list[list[str]]
    masked: np.ndarray
    changes: np.ndarray
    ids: np.ndarray
    numbers: np.ndarray
    times: np.ndarray | None = None
    entropy: np.ndarray | None = None
    importance: np.ndarray | None = None
    time_symbol: str = "t"

    def __post_init__(self) -> None:
        steps, length = len(self.pieces), len(self.pieces[0])
        for name in ("masked", "changes", "ids", "numbers", "times", "entropy", "importance"):
            if (value := getattr(self, name)) is not None:
                rows = min(len(value), steps) if name in ("entropy", "importance") else steps
                shape = (rows,) if name in ("numbers", "times") else (rows, length)
                if value.shape != shape:
                    raise ValueError(f"{name} has the shape {list(value.shape)}; expected {list(shape)}")

    @classmethod
    def from_ids(
        cls, ids: Any, tokenizer: Any, mask_id: int, prompt: np.ndarray | int = 0, **measured: Any
    ) -> TextTrajectory:
        """Make one of token numbers.

        Args:
            ids: ``[steps, L]``, or a sequence of states; tensors on the CPU serve, too.
            tokenizer: anything that :func:`~denoscope.text.pieces.token_table` takes.
            mask_id: the number of a masked token; -1 for positions that are not yet written.
            prompt: how many leading tokens are given, or a boolean ``[L]`` that marks them.
            measured: ``times``, ``entropy``, ``importance``, ``time_symbol``.

        Raises:
            ValueError: if states differ in length, or a number is not in the vocabulary.
        """
        states, table = _stacked(ids), token_table(tokenizer)
        masked = states == mask_id
        if (unknown := np.setdiff1d(states[~masked], list(table.tokens))).size:
            step, position = np.argwhere(states == unknown[0])[0]
            raise ValueError(
                f"token {unknown[0]} at step {step}, position {position} is neither in the vocabulary of "
                f"{len(table.tokens)} tokens nor the mask, {mask_id}; give the mask_id and tokenizer of the model"
            )
        pieces = [table.pieces(*state) for state in zip(states.tolist(), masked.tolist(), strict=True)]
        return _trajectory(pieces, states, masked, prompt, **measured)

    @classmethod
    def from_strings(
        cls, steps: Sequence[Sequence[str]], mask: str = "[MASK]", prompt: np.ndarray | int = 0, **measured: Any
    ) -> TextTrajectory:
        """Make one of the texts of tokens; arguments as :meth:`from_ids`, a token ``mask`` is a masked one."""
        states = _stacked(steps, object)
        masked = states == mask
        ids = np.unique(states, return_inverse=True)[1].reshape(states.shape)
        return _trajectory(np.where(masked, "", states).tolist(), ids, masked, prompt, **measured)

    @property
    def prompt(self) -> np.ndarray:
        """Which positions were given, bool ``[L]``."""
        return np.asarray(self.changes[0] == Change.PROMPT)

    def at(self, steps: Sequence[int] | np.ndarray) -> TextTrajectory:
        """Show these steps alone, in order; changes are those since the step shown before."""
        rows = np.asarray(steps)
        ids, masked = self.ids[rows], self.masked[rows]
        entropy, importance = (None if m is None else m[rows[rows < len(m)]] for m in (self.entropy, self.importance))
        return replace(
            self,
            pieces=[self.pieces[row] for row in rows],
            masked=masked,
            changes=state_changes(ids, masked, self.prompt),
            ids=ids,
            numbers=self.numbers[rows],
            times=None if self.times is None else self.times[rows],
            entropy=entropy,
            importance=importance,
        )

    def trimmed(self) -> TextTrajectory:
        """Leave out steps at the end in which nothing changes: some samplers are done before their last step."""
        active = np.isin(self.changes, (Change.REVEALED, Change.REMASKED, Change.CHANGED)).any(axis=1)
        return self.at(np.arange(np.flatnonzero(active).max(initial=0) + 1))

    def limited(self, count: int) -> TextTrajectory:
        """Show at most ``count`` steps, evenly chosen, the first and the last always."""
        return self.at(evenly_chosen(len(self.pieces), count))


def evenly_chosen(steps: int, count: int) -> np.ndarray:
    """At most ``count`` of so many steps, the first and the last among them."""
    if count < 2:
        raise ValueError(f"{count} frames are too few: the first and the last step are always shown")
    return np.linspace(0, steps - 1, min(count, steps)).round().astype(int)


def _stacked(states: Any, dtype: Any = None) -> np.ndarray:
    rows = [np.asarray(state, dtype) for state in states]
    for step, row in enumerate(rows):
        if row.ndim != 1 or not row.size or len(row) != len(rows[0]):
            raise ValueError(
                f"step {step} has the shape {list(row.shape)}, step 0 {list(rows[0].shape)}; every state must be a row "
                "of equally many tokens: fill what is not yet written with masks"
            )
    if not rows:
        raise ValueError("a trajectory needs at least one step")
    return np.stack(rows)


def _trajectory(
    pieces: list[list[str]], ids: np.ndarray, masked: np.ndarray, prompt: np.ndarray | int, **measured: Any
) -> TextTrajectory:
    given = {name: value for name, value in measured.items() if value is not None}
    arrays = {name: value if name == "time_symbol" else np.asarray(value, float) for name, value in given.items()}
    changes = state_changes(ids, masked, prompt_positions(prompt, ids.shape[1]))
    return TextTrajectory(pieces, masked, changes, ids, np.arange(len(ids)), **arrays)  # type: ignore[arg-type]
