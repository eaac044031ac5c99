"""The attention tap: exact attention maps from fused attention.

Every network here ends in :func:`torch.nn.functional.scaled_dot_product_attention`. The tap intercepts that one
function, returns the fused kernel's own output, and computes only the chosen parts of the map from the log-sum-exp
that the kernel has anyway: ``p[:, c] = exp(q·k_c·scale − lse)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from denoscope.layers import match_layers, require_records
from denoscope.taps.attention_map import attention_map
from denoscope.taps.columns import Columns
from denoscope.taps.kernels import Attention, attend


class AttentionTap:
    """Records attention maps of layers while it is entered; the model's output stays bit-identical.

    Args:
        model: any torch module whose attention goes through ``scaled_dot_product_attention``.
        layers: globs over the names of ``model.named_modules()``. A call belongs to the innermost matching module.
        keys: key positions to record, or each sample's :class:`Columns`; all of them by default.
        heads: ``mean`` over the heads, or ``each`` of them.
        queries: ``each`` query position, or their ``mean``: how much attention every key receives.
        dtype: type of the records.

    A record is ``[batch, heads, queries, keys]`` without the dimensions that were averaged.
    ``torch.nn.MultiheadAttention`` hides its call inside a function of its own: it records nothing, and :meth:`take`
    says so. Several taps may be entered at once as long as no layer of one runs inside a layer of another.
    """

    _reading: ClassVar[AttentionTap | None] = None
    """The tap whose layer is running."""

    def __init__(
        self,
        model: nn.Module,
        *,
        layers: str | list[str] | tuple[str, ...] = "*",
        keys: Sequence[int] | Columns | None = None,
        heads: Literal["mean", "each"] = "mean",
        queries: Literal["mean", "each"] = "each",
        dtype: torch.dtype = torch.float16,
    ) -> None:
        self._modules = dict(model.named_modules())
        self._matches = match_layers(self._modules, layers)
        self._keys = keys if keys is None or isinstance(keys, Columns) else tuple(keys)
        self._mean_heads, self._mean_queries = heads == "mean", queries == "mean"
        self._dtype = dtype
        self._records: dict[str, list[Tensor]] = {}
        self._running: list[str] = []
        self._hooks: list[RemovableHandle] = []
        self._mode = _Intercept(self)

    def __enter__(self) -> AttentionTap:
        for name in dict.fromkeys(name for names in self._matches.values() for name in names):
            module = self._modules[name]
            self._hooks.append(module.register_forward_pre_hook(self._enter_layer(name)))
            self._hooks.append(module.register_forward_hook(self._leave_layer(name), always_call=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._hooks:
            self._hooks.pop().remove()

    def take(self) -> dict[str, list[Tensor]]:
        """Hand over what was recorded since the last call: one map per attention call of each layer, in order.

        Raises:
            MissingRecordError: a glob recorded nothing.
        """
        require_records(self._matches, self._records)
        records, self._records = self._records, {}
        return records

    def intercept(self, call: Attention) -> Tensor:
        """Run one attention call; record its map if it comes from a chosen layer."""
        output, lse = attend(call)
        found = attention_map(call, lse, self._keys, mean_heads=self._mean_heads, mean_queries=self._mean_queries)
        self._records.setdefault(self._running[-1], []).append(found.to(self._dtype))
        return output

    def _enter_layer(self, name: str) -> Any:
        def hook(module: nn.Module, inputs: Any) -> None:
            self._running.append(name)
            if AttentionTap._reading not in (None, self):
                raise RuntimeError(
                    f"layer {name} runs inside a layer of another AttentionTap, and only one of them would see its "
                    "calls: choose other layers for one of them, or one tap for both"
                )
            # Every function outside the layers, and every other thread, runs as if there were no tap.
            if AttentionTap._reading is None:
                AttentionTap._reading = self
                self._mode.__enter__()  # type: ignore[no-untyped-call]

        return hook

    def _leave_layer(self, name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if self._running[-1:] != [name]:
                return  # another hook raised before this layer was entered
            self._running.pop()
            if not self._running and AttentionTap._reading is self:
                AttentionTap._reading = None
                self._mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]

        return hook


class _Intercept(TorchFunctionMode):
    """Hands every call of scaled dot-product attention to the tap."""

    def __init__(self, tap: AttentionTap) -> None:
        super().__init__()
        self._tap = tap

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is F.scaled_dot_product_attention:
            return self._tap.intercept(Attention.bind(*args, **(kwargs or {})))
        return func(*args, **(kwargs or {}))
