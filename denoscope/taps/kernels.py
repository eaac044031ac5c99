"""One attention call: its fused output and the log-sum-exp that comes with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend


@dataclass(frozen=True)
class Attention:
    """The arguments of one call of ``scaled_dot_product_attention``: ``q [batch, heads, queries, size]`` and so on."""

    query: Tensor
    key: Tensor
    value: Tensor
    mask: Tensor | None = None
    dropout: float = 0.0
    causal: bool = False
    scale: float | None = None
    grouped: bool = False

    @classmethod
    def bind(
        cls,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Attention:
        """Take the arguments as the function takes them, by position or by keyword."""
        return cls(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)

    @property
    def factor(self) -> float:
        """What scores are multiplied by."""
        return self.query.shape[-1] ** -0.5 if self.scale is None else self.scale

    def plain(self) -> Tensor:
        """The output of PyTorch's own choice of kernel."""
        return F.scaled_dot_product_attention(self.query, self.key, self.value, **self._options())

    def backend(self) -> int:
        """The kernel that PyTorch would choose, as a value of ``SDPBackend``."""
        return int(torch._fused_sdp_choice(self.query, self.key, self.value, **self._options()))

    def with_heads(self) -> Attention:
        """The same call with a dimension of heads, where it has none."""
        if self.query.dim() == 4:
            return self
        query, key, value = (tensor.unsqueeze(-3) for tensor in (self.query, self.key, self.value))
        mask = self.mask if self.mask is None or self.mask.dim() < 3 else self.mask.unsqueeze(-3)
        return replace(self, query=query, key=key, value=value, mask=mask)

    def _options(self) -> dict[str, Any]:
        return {
            "attn_mask": self.mask,
            "dropout_p": self.dropout,
            "is_causal": self.causal,
            "scale": self.scale,
            "enable_gqa": self.grouped,
        }


def attend(call: Attention) -> tuple[Tensor, Tensor | None]:
    """The call's output, untouched, and the log-sum-exp ``[batch, heads, queries]`` where the kernel gives it.

    The very kernel that PyTorch chooses is asked for both, so the output is what the model would have had.
    """
    if call.dropout == 0 and call.query.dim() == 4 and not call.query.is_nested:
        backend = call.backend()
        if call.query.device.type == "cpu" and backend == SDPBackend.FLASH_ATTENTION.value:
            return _flash_cpu(call)
        if (
            call.query.device.type == "cuda"
            and call.mask is None
            and not call.grouped
            and call.query.shape[-1] % 8 == 0
        ):
            return _cuda(call, backend)
    return call.plain(), None


def _flash_cpu(call: Attention) -> tuple[Tensor, Tensor]:
    mask = call.mask
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.zeros(mask.shape, dtype=call.query.dtype).masked_fill_(~mask, -torch.inf)
    output, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        call.query, call.key, call.value, 0.0, call.causal, attn_mask=mask, scale=call.scale
    )
    return output, lse


def _cuda(call: Attention, backend: int) -> tuple[Tensor, Tensor | None]:
    q, k, v = call.query, call.key, call.value
    if backend == SDPBackend.FLASH_ATTENTION.value:
        flash = torch.ops.aten._scaled_dot_product_flash_attention(q, k, v, 0.0, call.causal, False, scale=call.scale)
        return flash[0], flash[1][..., : q.shape[-2]]
    if backend == SDPBackend.EFFICIENT_ATTENTION.value:
        efficient = torch.ops.aten._scaled_dot_product_efficient_attention(
            q, k, v, None, True, 0.0, call.causal, scale=call.scale
        )
        return efficient[0], efficient[1][..., : q.shape[-2]]
    if backend == SDPBackend.CUDNN_ATTENTION.value:
        cudnn = torch.ops.aten._scaled_dot_product_cudnn_attention(
            q, k, v, None, True, 0.0, call.causal, False, scale=call.scale
        )
        return cudnn[0], cudnn[1].reshape(q.shape[:-1])
    return call.plain(), None
