"""Saves a training on its way, so that a killed one goes on where it was."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from denoscope.runtime.files import replacing

if TYPE_CHECKING:
    from denoscope.training.loop import Training

log = logging.getLogger(__name__)
FILE = "training.pt"


def save(training: Training, folder: Path) -> None:
    """Write everything that the rest of the training depends on."""
    state = {
        "decided_by": training.decided_by(),
        "network": training.network.state_dict(),
        "average": training.average.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "generator": training.generator.get_state(),
        "global_generator": torch.get_rng_state(),
        "step": training.step,
        "seconds": training.seconds,
        "losses": training.losses,
        "judged": training.judged,
    }
    with replacing(folder / FILE) as path:
        torch.save(state, path)


def restore(training: Training, folder: Path) -> None:
    """Take up what was saved of the same training; start afresh where there is nothing, or another training's."""
    path = folder / FILE
    if not path.exists():
        return
    state = torch.load(path, weights_only=True)
    saved = state.get("decided_by", {})
    if others := [what for what, value in training.decided_by().items() if saved.get(what) != value]:
        log.info("%s is of another %s: starting afresh", path, " and another ".join(others))
        return
    training.network.load_state_dict(state["network"])
    training.average.load_state_dict(state["average"])
    training.optimiser.load_state_dict(state["optimiser"])
    training.generator.set_state(state["generator"])
    torch.set_rng_state(state["global_generator"])
    training.seconds = state["seconds"]
    training.step, training.losses, training.judged = state["step"], state["losses"], state["judged"]
    log.info("continuing at step %d", training.step)
