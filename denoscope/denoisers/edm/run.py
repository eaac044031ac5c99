"""Settings of a run of the EDM family. No torch: the workflow reads this to plan its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import prod
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, NonNegativeInt

from denoscope.denoisers.edm.classes import class_names
from denoscope.denoisers.edm.settings import Heun, OneStep, Sampler
from denoscope.layers import UnknownLayerError, chosen_layers
from denoscope.networks.description import published
from denoscope.networks.dhariwal_plan import CHANNELS_PER_HEAD, DhariwalConfig, blocks, parameter_count
from denoscope.settings.model import AttentionShape, Model, Shape
from denoscope.settings.render import PictureRender
from denoscope.settings.run import Problem, Run
from denoscope.settings.sizes import StepTensor
from denoscope.trace.schema import STATE_PREVIEWS, STATES, X0_PREVIEWS


class EDMModel(Model):
    """An EDM-preconditioned Dhariwal UNet."""

    family: Literal["edm"]
    network: DhariwalConfig | None = Field(
        None, description="architecture; a bundled, trained or local checkpoint may bring it in its config.json"
    )
    classes: Literal["imagenet-1k"] | tuple[str, ...] | None = Field(None, description="class names, by class index")

    @cached_property
    def architecture(self) -> DhariwalConfig:
        """The network's configuration, from here or from the checkpoint's folder."""
        return self.network or DhariwalConfig.model_validate(published(self.checkpoint, self.family).network)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""
        brought = () if self.network else published(self.checkpoint, self.family).classes
        return class_names(self.classes or brought or None, self.architecture.label_dim)

    def layers(self) -> dict[str, Shape]:
        """Every block of the encoder and the decoder, with its output's channels, height and width."""
        return {f"model.{block.name}": block.shape for block in blocks(self.architecture)}

    def attention_layers(self) -> tuple[str, ...]:
        """The blocks with self-attention."""
        return tuple(f"model.{block.name}" for block in blocks(self.architecture) if block.attention)

    def parameters(self) -> int:
        """Number of the network's parameters."""
        return parameter_count(self.architecture)


class EDMRun(Run):
    """A run of the EDM family."""

    time_symbol: ClassVar[str] = "σ"

    model: EDMModel
    sampler: Sampler
    render: PictureRender = PictureRender()
    labels: Literal["balanced", "random"] | tuple[NonNegativeInt, ...] = Field(
        "balanced", description="classes in turn, drawn at random, or a list that is repeated"
    )

    def forward_steps(self) -> int:
        """Number of noise levels above 0."""
        return 1 if isinstance(self.sampler, OneStep) else self.sampler.steps

    def guided(self) -> bool:
        """Whether the class is left out once more: a network without classes has nothing to leave out."""
        return self.sampler.guidance != 1 and self.model.architecture.label_dim > 0

    def evaluations(self) -> int:
        """Evaluations of a sample; Heun's method corrects every step but the last by another one."""
        corrections = self.forward_steps() - 1 if isinstance(self.sampler, Heun) else 0
        return super().evaluations() + corrections * (2 if self.guided() else 1)

    def step_tensors(self) -> dict[str, StepTensor]:
        """The state, its picture, and that of the prediction."""
        side, colours = self.model.architecture.img_resolution, self.model.architecture.img_channels
        state = {STATES: StepTensor((colours, side, side), self.record.dtype)} if self.record.states else {}
        picture = (side, side, colours)
        pictures = {
            STATE_PREVIEWS: StepTensor(picture, "uint8"),
            X0_PREVIEWS: StepTensor(picture, "uint8", predicted=True),
        }
        return state | pictures

    def attention_shapes(self) -> dict[str, AttentionShape]:
        """Every position attends to every other one."""
        shapes = self.model.layers()
        return {
            layer: AttentionShape(shapes[layer][0] // CHANNELS_PER_HEAD, shapes[layer][1:], prod(shapes[layer][1:]))
            for layer in self.model.attention_layers()
        }

    def request(self, sample: int) -> dict[str, Any]:
        """The label of ``sample`` and its class's name; a label depends on the sample's number alone."""
        classes = self.model.class_names
        if not classes:
            return {}
        label = self._label(sample, len(classes))
        return {"label": label, "class": classes[label]}

    def family_settings(self) -> dict[str, Any]:
        """Architecture and sampler."""
        return {"network": self.model.architecture.model_dump(mode="json"), "sampler": self.sampler.model_dump()}

    def facts(self) -> dict[str, str]:
        """The sampler and the network."""
        sampler = self.sampler.model_dump(exclude={"name"}, exclude_none=True)
        network = self.model.architecture
        side = f"{network.img_resolution}×{network.img_resolution}"
        return {
            "Sampler": ", ".join([self.sampler.name, *(f"{key} {value:g}" for key, value in sampler.items())]),
            "Network": f"EDM, Dhariwal UNet, {side} pixels, {_classes(network)}, {self.dtype}",
        }

    def problems(self) -> Iterator[Problem]:
        """Labels outside the classes, names that do not match them, guidance without an unconditional class."""
        network = self.model.architecture
        if isinstance(self.labels, tuple):
            for index, label in enumerate(self.labels):
                if label >= network.label_dim:
                    yield ("labels", index), f"label {label} is out of range: the network has {_classes(network)}"
            if not self.labels:
                yield ("labels",), "the list is empty: name at least one class, or say balanced or random"
        if len(self.model.class_names) != network.label_dim:
            yield (
                ("model", "classes"),
                f"{len(self.model.class_names)} names for {network.label_dim} classes: give one name per class",
            )
        yield from self._noise_level_problems()
        yield from self._attention_problems()
        if self.sampler.guidance != 1 and not network.label_dropout:
            yield (
                ("sampler", "guidance"),
                "this network was trained without label dropout and has no unconditional class: leave guidance at 1",
            )
        if "unconditional" in self.record.branches and self.sampler.guidance == 1:
            yield (
                ("record", "branches"),
                "without guidance there is no unconditional pass: remove 'unconditional', or set sampler.guidance",
            )

    def _noise_level_problems(self) -> Iterator[Problem]:
        network, sampler = self.model.architecture, self.sampler
        levels = {"sigma": sampler.sigma} if isinstance(sampler, OneStep) else {
            "sigma_min": sampler.sigma_min, "sigma_max": sampler.sigma_max
        }  # fmt: skip
        for key, level in levels.items():
            if not network.sigma_min <= level <= network.sigma_max:
                limits = f"{network.sigma_min:g} to {network.sigma_max:g}"
                yield ("sampler", key), f"noise level {level:g} is out of range: the network accepts {limits}"
        if not isinstance(sampler, OneStep) and sampler.sigma_min >= sampler.sigma_max:
            yield ("sampler", "sigma_min"), "sigma_min must be below sigma_max"

    def _attention_problems(self) -> Iterator[Problem]:
        """Key positions beyond the smallest recorded layer's."""
        asked = self.record.attention
        try:
            layers = chosen_layers(self.model.attention_layers(), asked.layers) if asked else ()
        except UnknownLayerError:  # reported where layers are checked
            return
        shapes = self.model.layers()
        for index, key in enumerate((asked and asked.keys) or ()):
            small = [layer for layer in layers if key >= prod(shapes[layer][1:])]
            if small:
                yield (
                    ("record", "attention", "keys", index),
                    f"key position {key} is out of range: {small[0]} has {prod(shapes[small[0]][1:])} positions",
                )

    def _label(self, sample: int, classes: int) -> int:
        if self.labels == "balanced":
            return sample % classes
        if self.labels == "random":
            return int(np.random.default_rng([self.seed, sample]).integers(classes))
        return self.labels[sample % len(self.labels)]


def _classes(network: DhariwalConfig) -> str:
    return f"classes 0 to {network.label_dim - 1}" if network.label_dim else "no classes"


FamilyRun = EDMRun
