"""Exact parts of an attention map, from a call and its log-sum-exp."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from denoscope.taps.columns import Columns
from denoscope.taps.kernels import Attention

CHUNK_VALUES = 2**24
"""Scores held at once while a map is computed: 64 MiB of float32."""

FEW_COLUMNS = 32
"""Columns times heads up to which one pass over the queries of all heads is faster than one pass a head."""


@torch.no_grad()
def attention_map(
    call: Attention,
    lse: Tensor | None,
    keys: tuple[int, ...] | Columns | None,
    *,
    mean_heads: bool,
    mean_queries: bool,
) -> Tensor:
    """Chosen columns of the softmax matrix in float32, ``[batch, heads, queries, keys]`` before averaging.

    With the kernel's log-sum-exp only those columns are computed; without it, whole rows in chunks of queries. Inputs
    without a dimension of heads count as one head. ``keys`` are the same for all samples, or each sample's own, which
    add up to words in the place of keys.
    """
    if isinstance(keys, Columns):
        if len(keys.index) != len(call.key):
            raise ValueError(f"columns of {len(keys.index)} samples for an attention of {len(call.key)}")
        found = _averaged(call, lse, keys.index, mean_heads=mean_heads, mean_queries=mean_queries)
        return keys.summed(found)
    if keys is not None and max(keys) >= call.key.shape[-2]:
        raise ValueError(f"key position {max(keys)} is out of range: this attention has {call.key.shape[-2]} keys")
    columns = None if keys is None else _positions(keys, call.key.device)
    return _averaged(call, lse, columns, mean_heads=mean_heads, mean_queries=mean_queries)


def _averaged(
    call: Attention, lse: Tensor | None, columns: Tensor | None, *, mean_heads: bool, mean_queries: bool
) -> Tensor:
    """The softmax at ``columns``, ``[columns]`` or ``[batch, columns]``, averaged as asked."""
    if lse is not None and columns is not None and _few(call, columns.shape[-1]):
        found = _few_columns(call, lse, columns)
        found = found.mean(dim=-1) if mean_heads else found.permute(0, 3, 1, 2)
        return found.mean(dim=-2) if mean_queries else found
    call = call.with_heads()
    lse = None if lse is None else lse.transpose(0, 1)
    width = call.key.shape[-2] if lse is None or columns is None else columns.shape[-1]
    queries = call.query.shape[-2]
    rows = max(1, CHUNK_VALUES // max(1, call.query.shape[:-2].numel() * width))
    parts = []
    for start in range(0, queries, rows):
        chunk = slice(start, start + rows)
        part = _probabilities(call, chunk, None if lse is None else lse[..., chunk], columns)
        part = part.mean(dim=0) if mean_heads else part.transpose(0, 1)
        parts.append(part.sum(dim=-1) if mean_queries else part)
    if mean_queries:
        return torch.stack(parts).sum(dim=0) / queries
    return (parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)).mT


@lru_cache(maxsize=64)
def _positions(keys: tuple[int, ...], device: torch.device) -> Tensor:
    return torch.tensor(keys, device=device)


@lru_cache(maxsize=64)
def _same_head(heads: int, factor: float, device: torch.device) -> Tensor:
    """``factor`` where both heads are the same: ``[heads, 1, 1, heads]``."""
    return factor * torch.eye(heads, device=device)[:, None, None, :]


def _few(call: Attention, columns: int) -> bool:
    """Whether :func:`_few_columns` is for this call: it reads the queries once, and multiplies by zeros."""
    heads_last = call.query.transpose(1, 2).is_contiguous()
    simple = call.mask is None and not call.causal and call.query.dtype == torch.float32
    return heads_last and simple and call.key.shape[1] * columns <= FEW_COLUMNS and not call.grouped


def _few_columns(call: Attention, lse: Tensor, columns: Tensor) -> Tensor:
    """Softmax at a few columns, ``[batch, queries, keys, heads]``: one product with block-diagonal keys."""
    batch, heads, queries, _ = call.query.shape
    key, count = _rows(call.key, columns), columns.shape[-1]
    blocks = key.mT.unsqueeze(-1) * _same_head(heads, call.factor, key.device)
    scores = lse.transpose(1, 2).repeat(1, 1, count)
    scores.baddbmm_(call.query.transpose(1, 2).flatten(2), blocks.flatten(3).flatten(1, 2), beta=-1)
    return scores.exp_().view(batch, queries, count, heads)


def _rows(key: Tensor, columns: Tensor) -> Tensor:
    """Keys at ``columns``: ``[batch, heads, columns, size]``."""
    if columns.dim() == 1:
        return key.index_select(-2, columns)
    return key.gather(-2, columns[:, None, :, None].expand(-1, key.shape[1], -1, key.shape[-1]))


def _probabilities(call: Attention, chunk: slice, lse: Tensor | None, columns: Tensor | None) -> Tensor:
    """Softmax of the chunk's queries at ``columns``, ``[heads, batch, keys, queries]`` in float32."""
    if lse is None:
        scores = _scores(call, chunk, None)
        lse = scores.logsumexp(dim=-2)
        # A query whose every key is masked attends to nothing: exp(-inf - 0) = 0, as the fused kernels have it.
        lse = lse.masked_fill(lse == -torch.inf, 0.0)
        scores = scores if columns is None else _at_keys(scores, columns)
    else:
        scores = _scores(call, chunk, columns)
    # Kernels return the heads of a position side by side, which a subtraction along the queries reads slowly.
    return scores.sub_(lse.float().contiguous().unsqueeze(-2)).exp_()


def _scores(call: Attention, chunk: slice, columns: Tensor | None) -> Tensor:
    """Scaled and masked scores of a chunk of queries at ``columns``, ``[heads, batch, keys, queries]`` in float32."""
    key = call.key if columns is None else _rows(call.key, columns)
    scores = _products(call.query[..., chunk, :], key.float() * call.factor)
    positions = torch.arange(key.shape[-2], device=key.device) if columns is None else columns
    if call.causal:
        rows = torch.arange(call.query.shape[-2], device=key.device)[chunk]
        scores.masked_fill_(positions[..., None] > rows, -torch.inf)
    if call.mask is None:
        return scores
    mask = call.mask.expand(*call.mask.shape[:-2], call.query.shape[-2], call.key.shape[-2])[..., chunk, :]
    mask = mask.mT
    mask = mask.transpose(0, 1) if mask.dim() == 4 else mask
    mask = mask if columns is None else _at_keys(mask, columns)
    return scores.masked_fill_(~mask, -torch.inf) if mask.dtype == torch.bool else scores.add_(mask.float())


def _at_keys(x: Tensor, columns: Tensor) -> Tensor:
    """``x [heads, batch, keys, queries]``, or without heads and batch, at ``columns``."""
    if columns.dim() == 1:
        return x.index_select(-2, columns)
    shape = *x.shape[:-3], len(columns), *x.shape[-2:]
    return x.expand(shape).gather(-2, columns.unsqueeze(-1).expand(*shape[:-2], -1, shape[-1]))


def _products(query: Tensor, key: Tensor) -> Tensor:
    """Products of all keys and queries, ``[heads, batch, keys, queries]`` in float32.

    Networks hold the heads of a position side by side. One head at a time is read in place; a product over all heads
    and the batch at once would first copy the queries, which costs more than a few columns do.
    """
    batch = max(len(query), len(key))
    query, key = query.expand(batch, -1, -1, -1), key.expand(batch, -1, -1, -1)
    products = query.new_empty(query.shape[1], batch, key.shape[-2], query.shape[-2], dtype=torch.float32)
    keys = key.repeat_interleave(query.shape[1] // key.shape[1], dim=1).unbind(1)
    for out, head_key, head_query in zip(products, keys, query.unbind(1), strict=True):
        torch.bmm(head_key, head_query.float().mT, out=out)
    return products
