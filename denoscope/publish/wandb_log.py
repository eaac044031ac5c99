"""Runs of Weights & Biases, with or without an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from denoscope.publish.errors import PublishError
from denoscope.publish.finished import Finished
from denoscope.settings.publish import WandB


def log_to_wandb(run: Finished, settings: WandB) -> dict[str, int]:
    """Make a run of W&B with the means of every step, animations, texts and throughput; return how much of what.

    Its step is the denoising step; animations and texts are logged with the last.

    Raises:
        PublishError: wandb is not installed, or there is no account to write to.
    """
    try:
        import wandb
    except ImportError:
        raise PublishError("Weights & Biases is not installed: pip install wandb") from None
    Path(settings.folder).mkdir(parents=True, exist_ok=True)
    quiet = wandb.Settings(silent=True, console="off", x_disable_stats=True)
    try:
        with wandb.init(
            project=settings.project,
            name=run.name,
            mode=settings.mode,
            dir=settings.folder,
            config={**run.settings, "facts": run.facts},
            settings=quiet,
        ) as session:
            _log(session, run)
    except wandb.Error as error:
        raise PublishError(f"Weights & Biases: {error}; log in with wandb login, or publish offline") from None
    return {"scalars": run.scalars.shape[1], "animations": len(run.animations), "texts": len(run.texts)}


def _log(session: Any, run: Finished) -> None:
    import wandb

    for step, row in run.scalars.iterrows():
        session.log({f"mean/{name}": value for name, value in row.dropna().items()}, step=int(str(step)))
    # An MP4 is a fraction of its GIF, and W&B plays it.
    films = {name: files.get(".mp4") or files[".gif"] for name, files in run.animations.items()}
    shown: dict[str, Any] = {f"animations/{name}": wandb.Video(path) for name, path in films.items()}
    if len(run.texts):
        shown["texts"] = wandb.Table(dataframe=run.texts.reset_index(drop=True))
    session.log(shown, step=int(run.scalars.index.max()))
    for first, measured in run.throughput.items():
        session.summary.update({f"throughput/{first:06d}/{name}": value for name, value in measured.items()})
