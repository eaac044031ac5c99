"""One attention call: its fused output, its log-sum-exp, and exact parts of its map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend

CHUNK_VALUES = 2**24
"""Scores held at once while a map is computed: 64 MiB of float32."""


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


@torch.no_grad()
def attention_map(
    call: Attention, lse: Tensor | None, keys: tuple[int, ...] | None, *, mean_heads: bool, mean_queries: bool
) -> Tensor:
    """Chosen columns of the softmax matrix in float32, ``[batch, heads, queries, keys]`` before averaging.

    With the kernel's log-sum-exp only those columns are computed; without it, whole rows in chunks of queries.
    """
    if keys is not None and max(keys) >= call.key.shape[-2]:
        raise ValueError(f"key position {max(keys)} is out of range: this attention has {call.key.shape[-2]} keys")
    columns = None if keys is None else torch.tensor(keys, device=call.key.device)
    width = call.key.shape[-2] if lse is None or keys is None else len(keys)
    rows = max(1, CHUNK_VALUES // max(1, call.query.shape[:-2].numel() * width))
    parts = []
    for start in range(0, call.query.shape[-2], rows):
        chunk = slice(start, start + rows)
        part = _probabilities(call, chunk, None if lse is None else lse[..., chunk], columns)
        part = part.mean(dim=-3) if mean_heads and part.dim() > 3 else part
        parts.append(part.sum(dim=-2, keepdim=True) if mean_queries else part)
    if not mean_queries:
        return torch.cat(parts, dim=-2)
    return torch.stack(parts).sum(dim=0).squeeze(-2) / call.query.shape[-2]


def _probabilities(call: Attention, chunk: slice, lse: Tensor | None, columns: Tensor | None) -> Tensor:
    """Softmax of the chunk's rows at ``columns``, in float32."""
    if lse is None:
        scores = _scores(call, chunk, None)
        lse = scores.logsumexp(dim=-1)
        # A row whose every key is masked attends to nothing: exp(-inf - 0) = 0, as the fused kernels have it.
        lse = lse.masked_fill(lse == -torch.inf, 0.0)
        scores = scores if columns is None else scores.index_select(-1, columns)
    else:
        scores = _scores(call, chunk, columns)
    return scores.sub_(lse.float().unsqueeze(-1)).exp_()


def _scores(call: Attention, chunk: slice, columns: Tensor | None) -> Tensor:
    """Scaled and masked scores of a chunk of queries at ``columns``, in float32."""
    query, key = call.query[..., chunk, :].float(), call.key
    if columns is not None:
        key = key.index_select(-2, columns)
    if call.grouped:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], dim=-3)
    scores = (query @ key.float().transpose(-1, -2)).mul_(call.factor)
    positions = torch.arange(call.key.shape[-2], device=key.device) if columns is None else columns
    if call.causal:
        rows = torch.arange(call.query.shape[-2], device=key.device)[chunk]
        scores.masked_fill_(positions > rows[:, None], -torch.inf)
    if call.mask is not None:
        mask = call.mask.expand(*call.mask.shape[:-2], call.query.shape[-2], call.key.shape[-2])[..., chunk, :]
        mask = mask if columns is None else mask.index_select(-1, columns)
        return scores.masked_fill_(~mask, -torch.inf) if mask.dtype == torch.bool else scores.add_(mask.float())
    return scores
