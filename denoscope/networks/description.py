"""What the ``config.json`` beside a model's weights says. No torch: the workflow plans with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from denoscope.checkpoints.bundled import config_path
from denoscope.networks.block_layers import BLOCKS
from denoscope.networks.dhariwal_plan import DhariwalConfig
from denoscope.networks.dit_config import DiTConfig
from denoscope.networks.hub_layers import CAUSAL, MASKED, channels, hub_layers, positions
from denoscope.networks.unet2d_plan import UNet2DConfig
from denoscope.networks.wan_plan import WanConfig
from denoscope.settings.checkpoint import Checkpoint
from denoscope.settings.faults import one_line

MDLM = "mdlm"
"""A family, and what the published configuration of its networks calls their type."""
TYPES = {
    **dict.fromkeys(MASKED, "masked_lm"),
    **dict.fromkeys(CAUSAL, "causal_lm"),
    **dict.fromkeys(BLOCKS, "block_diffusion_lm"),
    MDLM: MDLM,
}
"""The family of each ``model_type`` of a published configuration."""


class Description(BaseModel):
    """What kind of model it is; ``network`` describes it as its family's settings do."""

    model_config = ConfigDict(frozen=True)

    family: str
    network: dict[str, Any]
    classes: tuple[str, ...] = ()


def published(checkpoint: Checkpoint, family: str) -> Description:
    """What a bundled, trained or local checkpoint says of its network, for a run of ``family``.

    Raises:
        ValueError: it says nothing, it is damaged, or it is of another family.
    """
    path = config_path(checkpoint)
    if path is None:
        raise ValueError("model.network is missing: no config.json of this checkpoint is here, so describe the network")
    found = read_description(path)
    if found.family != family:
        raise ValueError(f"{checkpoint.name} is of the family {found.family}: say family: {found.family}")
    return found


def read_description(path: Path) -> Description:
    """Read a ``config.json``: ours says ``family`` and ``network``, a published one is the network's configuration.

    Raises:
        ValueError: it is no JSON, or it describes no network that can be run.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    try:
        return _described(document)
    except ValidationError as error:
        raise ValueError(f"{path}: {one_line(error)}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _described(document: Any) -> Description:
    if not isinstance(document, dict):
        raise ValueError("this is no mapping of names to values: take the config.json that belongs to the weights")
    found = Description.model_validate(document if "family" in document else _of_type(document))
    if check := CHECKS.get(found.family):
        check(found.network)
    return found


def _of_type(document: Mapping[str, Any]) -> dict[str, Any]:
    """A published configuration as ours."""
    kind = document.get("model_type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(
            f"model_type {kind!r} is unknown; types that can be run: {', '.join(sorted(TYPES))}; "
            "a model of ours says family and network instead"
        )
    ours = DiTConfig.model_fields if kind == MDLM else document
    return {"family": TYPES[kind], "network": {key: document[key] for key in ours if key in document}}


def _of_hub(paths: Mapping[str, str]) -> Callable[[Mapping[str, Any]], None]:
    def check(network: Mapping[str, Any]) -> None:
        hub_layers(network, paths)
        channels(network)
        positions(network)

    return check


def _pipeline(network: Mapping[str, Any]) -> None:
    for part in ("unet", "vae", "text_encoder"):
        if not isinstance(network.get(part), dict):
            raise ValueError(f"network.{part} is missing: describe each part of the pipeline as its config.json does")
    UNet2DConfig.model_validate(network["unet"])


CHECKS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "edm": DhariwalConfig.model_validate,
    MDLM: DiTConfig.model_validate,
    "masked_lm": _of_hub(MASKED),
    "causal_lm": _of_hub(CAUSAL),
    "wan": lambda network: WanConfig.model_validate(network.get("transformer")),
    "stable_diffusion": _pipeline,
}
"""What raises where a family's networks are not as described; the settings of other families say so themselves."""
