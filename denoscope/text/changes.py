"""What happened to every token from one state of a sampler to the next."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

UNWRITTEN = -1
"""What states hold where nothing stands yet: models that write from left to right, or on a canvas, have no mask."""


class Change(IntEnum):
    """What happened to a position since the state before."""

    MASKED = 0
    """Masked before and now."""
    KEPT = 1
    """The same token as before; in the first state: given, but no part of the prompt."""
    REVEALED = 2
    REMASKED = 3
    CHANGED = 4
    """Another token than before."""
    PROMPT = 5
    """Given from the start, and the same as before."""


def token_changes(ids: np.ndarray, mask_id: int, prompt: np.ndarray | int = 0) -> np.ndarray:
    """Say what happened to every token, ``[steps, L]`` uint8 of :class:`Change`.

    Samplers such as remask-bernoulli mask tokens again and replace them, so both states count, not only what is masked.

    Args:
        ids: ``[steps, L]`` token numbers.
        mask_id: the number of a masked token; :data:`UNWRITTEN` for models that have none.
        prompt: how many leading tokens are given, or a boolean ``[L]`` that marks them.

    Raises:
        ValueError: if ``ids`` has no steps, or a token of the prompt is masked.
    """
    ids = np.asarray(ids)
    if ids.ndim != 2 or not len(ids):
        raise ValueError(f"token numbers have the shape {list(ids.shape)}; expected [steps, length] with steps ≥ 1")
    return state_changes(ids, ids == mask_id, prompt_positions(prompt, ids.shape[1]))


def state_changes(ids: np.ndarray, masked: np.ndarray, prompt: np.ndarray) -> np.ndarray:
    """As :func:`token_changes`, of ``[steps, L]`` tokens, which of them are masked, and the prompt's positions."""
    if (step_position := np.argwhere(masked & prompt)).size:
        step, position = step_position[0]
        raise ValueError(f"token {position} belongs to the prompt but is masked at step {step}; give a shorter prompt")
    before = np.concatenate([masked[:1], masked[:-1]])
    replaced = np.concatenate([np.zeros_like(masked[:1]), ids[1:] != ids[:-1]])
    changes = np.where(replaced, Change.CHANGED, Change.KEPT)
    changes = np.where(before, Change.REVEALED, changes)
    changes = np.where(masked, np.where(before, Change.MASKED, Change.REMASKED), changes)
    return np.where(prompt & ~replaced, Change.PROMPT, changes).astype(np.uint8)


def prompt_positions(prompt: np.ndarray | int, length: int) -> np.ndarray:
    """Boolean ``[length]`` of a prompt that is given as such or as its number of leading tokens."""
    if np.ndim(prompt) == 0:
        return np.arange(length) < prompt
    positions = np.asarray(prompt)
    if positions.shape != (length,) or positions.dtype != bool:
        raise ValueError(
            f"the prompt is a {positions.dtype} of shape {list(positions.shape)}; "
            f"expected a number of leading tokens, or a bool of shape [{length}]"
        )
    return positions
