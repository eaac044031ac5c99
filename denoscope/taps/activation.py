"""The activation tap: what chosen layers put out."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from denoscope.layers import match_layers, require_records

Reduce = Literal["mean", "pool", "flatten", "tokens"]
POOL_SIDE = 4


class ActivationTap:
    """Records the outputs of layers while it is entered, by forward hooks that change nothing.

    Args:
        model: any torch module.
        layers: globs over the names of ``model.named_modules()``.
        reduce: ``mean`` over the positions → ``[batch, channels]``; ``pool`` to a grid of 4 positions a side (16 for
            token sequences) → ``[batch, channels, 4, …]`` (``[batch, 16, channels]``); ``flatten`` → ``[batch, all]``;
            ``tokens`` keeps every one → ``[batch, tokens, channels]``.
        dtype: type of the records.

    Channels are dimension 1 of outputs with four or more dimensions, and the last dimension of ``[batch, tokens,
    channels]``. A module that returns a tuple is recorded by its first tensor.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        layers: str | list[str] | tuple[str, ...] = "*",
        reduce: Reduce = "mean",
        dtype: torch.dtype = torch.float16,
    ) -> None:
        self._modules = dict(model.named_modules())
        self._matches = match_layers(self._modules, layers)
        self._reduce, self._dtype = reduce, dtype
        self._records: dict[str, list[Tensor]] = {}
        self._hooks: list[RemovableHandle] = []

    def __enter__(self) -> ActivationTap:
        for name in dict.fromkeys(name for names in self._matches.values() for name in names):
            self._hooks.append(self._modules[name].register_forward_hook(self._hook(name)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._hooks:
            self._hooks.pop().remove()

    def take(self) -> dict[str, list[Tensor]]:
        """Hand over what was recorded since the last call: one tensor per call of each layer, in order.

        Raises:
            MissingRecordError: a glob recorded nothing.
        """
        require_records(self._matches, self._records)
        records, self._records = self._records, {}
        return records

    def _hook(self, name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            put_out = _first_tensor(output, name).detach()
            value = reduce_activation(put_out, self._reduce).to(self._dtype)
            if value.untyped_storage().data_ptr() == put_out.untyped_storage().data_ptr():
                value = value.clone()  # a later layer may work in place
            self._records.setdefault(name, []).append(value)

        return hook


def reduce_activation(x: Tensor, reduce: Reduce) -> Tensor:
    """Reduce one output ``[batch, …]`` over its positions, with sums in float32."""
    if reduce == "flatten" or (x.dim() < 3 and reduce != "tokens"):
        return x.flatten(1)
    tokens = x.dim() == 3
    if reduce == "tokens":
        if not tokens:
            raise ValueError(
                f"an output of shape {list(x.shape)} has no tokens: choose a layer of [batch, tokens, channels]"
            )
        return x
    if reduce == "mean":
        return x.mean(dim=1 if tokens else tuple(range(2, x.dim())), dtype=torch.float32)
    if tokens:
        return F.adaptive_avg_pool1d(x.float().transpose(1, 2), POOL_SIDE**2).transpose(1, 2)
    if x.dim() == 4:
        return F.adaptive_avg_pool2d(x.float(), POOL_SIDE)
    return F.adaptive_avg_pool3d(x.float(), POOL_SIDE)


def _first_tensor(output: Any, name: str) -> Tensor:
    found = output[0] if isinstance(output, (tuple, list)) else output
    if not isinstance(found, Tensor):
        raise TypeError(
            f"layer {name} returns {type(found).__name__}, not a tensor: choose a layer inside or around it"
        )
    return found
